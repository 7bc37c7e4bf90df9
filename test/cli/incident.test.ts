import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { Rig, type Ended } from "./rig.ts";

const sections = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  bob: { name: Bob, phone: "+44 20 7946 0002" }
  rosa: { name: Rosa, phone: "+44 20 7946 0004" }
teams: { risk: [rosa], engineers: [bob] }
incident: { bridge: "https://meet.example/war", zone: Europe/London }
channels:
  war-room: { slack: { webhook: "\${secrets.WAR}" } }
  sms: { twilio: { account: AC1, token: "\${secrets.SMS}", from: "+15550100" }, private: true, drill: AC2 }
  phone: { call: {} }
severities:
  P0: { name: Critical, page: [war-room, sms:risk] }
  P1: { name: High, page: [war-room] }
clocks:
  halted: { until: halted, within: { P0: 5m } }
  answered: { until: answered, within: { P0: 15m, P1: 1h } }
escalation:
  L1: { who: On call, to: [war-room], next: L2 }
  L2: { who: Seniors, to: [sms:engineers, phone:engineers] }
vendors: { cloud: { support: "+1 555 010 0120" } }
`;

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.inside();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});
let state = "";
let runs = 0;
let lock: Lock;
beforeEach(async () => {
  rig.platform(sections);
  state = join(rig.folder, `state-${++runs}`);
  mkdirSync(state, { mode: 0o700 });
  // Somebody is at it who sends nothing: what is on record is what the commands put there.
  const taken = await takeLock(senderLock(state), 0);
  if (!("release" in taken)) throw new Error("somebody sends already");
  lock = taken;
});
afterEach(async () => {
  await lock.release();
});

async function run(...args: readonly string[]): Promise<Ended> {
  return await rig.run([...args, "--state-dir", state]);
}

function records(incident = "INC"): readonly { type: string; data: Record<string, unknown> }[] {
  const folder = join(state, "incidents");
  const name = readdirSync(folder).findLast((one) => one.startsWith(incident)) ?? "";
  const lines = readFileSync(join(folder, name, "journal.ndjson"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as { type: string; data: Record<string, unknown> });
}

const year = new Date().getUTCFullYear();
const first = `INC-${year}-0001`;

describe("handoff", () => {
  /** Whoever types now is this one. */
  const typing = (person: string): void => {
    const logins = { ada: "[nobody-here]", bob: "[nobody-else]", [person]: `[${userInfo().username}]` };
    const [ada, bob] = [logins["ada"], logins["bob"]];
    rig.platform(
      sections
        .replace("logins: [ada]", `logins: ${ada}`)
        .replace("bob: { name: Bob,", `bob: { name: Bob, logins: ${bob},`),
    );
  };
  const commander = async (): Promise<string> =>
    /commander (\w+)/.exec((await run("status")).stdout)?.[1] ?? "";

  test("a role is theirs once they have read back the severity and whether trading is halted", async () => {
    typing("ada");
    await run("declare", "P0", "x", "--mine");
    const offered = await run("handoff", "bob");
    expect([offered.code, offered.stdout]).toEqual([
      0,
      expect.stringContaining("they read back: P0 not halted\n"),
    ]);
    expect(await commander()).toBe("ada");
    expect((await run("handoff", "accept", "P0", "not", "halted")).stderr).toContain(
      "no role is offered to ada",
    );
    typing("bob");
    for (const wrong of [[], ["P1", "not", "halted"], ["P0", "halted"]]) {
      const { code, stderr } = await run("handoff", "accept", ...wrong);
      expect([code, stderr]).toEqual([3, expect.stringContaining("lav-ir handoff accept P0 not halted")]);
    }
    expect(await commander()).toBe("ada");
    const taken = await run("handoff", "accept", "p0,", "NOT", "halted");
    expect([taken.code, taken.stdout]).toEqual([
      0,
      expect.stringContaining("commander: bob (handed over)\n"),
    ]);
    expect(await commander()).toBe("bob");
    expect(records().at(-1)).toMatchObject({
      type: "incident.role",
      data: { person: "bob", how: "handoff" },
    });
    expect((await run("handoff", "accept", "P0", "not", "halted")).code).toBe(2);
  });

  test("what was offered is offered no more once somebody else has the role", async () => {
    typing("ada");
    await run("declare", "P0", "x", "--mine");
    await run("handoff", "bob");
    await run("role", "commander", "rosa");
    typing("bob");
    const { code, stderr } = await run("handoff", "accept", "P0", "not", "halted");
    expect([code, stderr]).toEqual([2, expect.stringContaining("no role is offered to bob")]);
  });

  test.each([
    [
      ["bob"],
      "nobody is commander, and only its holder can hand a role over; assign it: lav-ir role commander bob",
    ],
    [["nobody"], "nobody is named nobody"],
    [["bob", "--role", "boss"], "unknown role boss (roles: commander, scribe, comms)"],
  ])("%j is refused", async (args, why) => {
    typing("ada");
    await run("declare", "P0", "x");
    const { code, stderr } = await run("handoff", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});

describe("incident verify", () => {
  const verify = async (...more: readonly string[]) => await run("incident", "verify", ...more);
  const path = (): string => join(state, "incidents", first, "journal.ndjson");

  test("says that it holds, and up to which record it is signed", async () => {
    await run("declare", "P0", "x", "--mine");
    const { code, stdout } = await verify();
    expect([code, stdout.split("\n").slice(0, 2)]).toEqual([
      0,
      [`${first} is intact: 4 records, signed up to 1`, `journal: ${path()}`],
    ]);
    expect((await run("resolve", "over")).code).toBe(0);
    const ended = await verify("--incident", first, "--json");
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout.split("\n")[1] ?? "")).toMatchObject({
      type: "incident.verified",
      incident: first,
      verdict: "holds",
      records: 5,
      signed: 5,
    });
  });

  test.each([
    ["changed", (all: readonly string[]) => all.map((line) => line.replace("root", "toor"))],
    ["cut", () => []],
    ["cut", (all: readonly string[]) => all.slice(0, 4)],
  ])("says what was %s", async (verdict, change) => {
    await run("declare", "P0", "x", "--mine");
    expect((await run("resolve", "over")).code).toBe(0);
    writeFileSync(path(), change(readFileSync(path(), "utf8").split(/(?<=\n)/)).join(""));
    const { code, stdout } = await verify("--incident", first, "--json");
    expect([code, JSON.parse(stdout.split("\n")[1] ?? "")]).toMatchObject([1, { verdict }]);
  });

  test("of an incident that there is not", async () => {
    expect(await verify("--incident", "INC-2020-0001")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("declare", () => {
  test("is on record with the rules in force, then the pages, and says what is due", async () => {
    const { code, stdout } = await run(
      "declare",
      "P0",
      "Orders",
      "rejected",
      "--affects",
      "gateway",
      "--mine",
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`${first}  P0 CRITICAL  on record\n  Orders rejected\n`);
    expect(stdout).toContain("pages queued: war-room, sms (rosa)\n");
    expect(stdout).not.toContain("NO SENDER");
    expect((await run("status")).stdout).not.toContain("NO SENDER");
    await lock.release();
    expect((await run("status")).stdout).toContain("\nNO SENDER RUNS ON THIS DESK: ");
    const all = records();
    expect(all.map(({ type }) => type)).toEqual([
      "incident.declared",
      "incident.role",
      "message.queued",
      "message.queued",
    ]);
    expect(all[0]?.data).toMatchObject({
      severity: "P0",
      impact: "Orders rejected",
      affects: ["gateway"],
      policy: { zone: "Europe/London", clocks: [{ name: "halted" }, { name: "answered" }] },
    });
    expect(all[3]?.data).toMatchObject({
      kind: "page",
      channel: "sms",
      person: "rosa",
      level: "P0",
      head: { seq: 2 },
    });
    expect(String(all[3]?.data["body"])).toContain("Impact: Orders rejected");
  });

  test.each([
    ["a symbolic link to /dev/null", (path: string) => symlinkSync("/dev/null", path)],
    ["a named pipe", (path: string) => void execFileSync("mkfifo", [path])],
    ["a folder", (path: string) => mkdirSync(path)],
  ])(
    "with %s where the sender's lock belongs it is on record, and says who is not paged",
    async (what, put) => {
      await lock.release();
      const path = senderLock(state);
      put(path);
      const nobody = `NO SENDER RUNS ON THIS DESK: queued pages are not sent; call instead (${path} is ${what} `;
      const said = await run("declare", "P0", "x", "--mine");
      expect([said.code, said.stderr]).toEqual([0, expect.not.stringContaining("cannot be used")]);
      expect(said.stdout).toContain(`pages queued: war-room, sms (rosa)\n  ${nobody}`);
      expect((await run("status")).stdout).toContain(`\n${nobody.slice(0, 60)}`);
      expect((await run("page", "bob", "come")).stdout).toContain(`  ${nobody}`);
      for (const flag of ["--json", "--quiet"]) {
        const again = await run("declare", "P1", "y", flag);
        expect([again.code, again.stderr]).toEqual([0, expect.stringContaining(nobody)]);
      }
      rmSync(path, { recursive: true });
    },
  );

  test.each([
    [["declare", "P5", "x"], "unknown severity P5 (P0, P1, P2, P3)"],
    [["declare", "orders rejected"], 'declare needs a severity: lav-ir declare P1 "impact"'],
    [["declare", "P1"], 'declare needs the impact: lav-ir declare P1 "orders rejected at LMAX"'],
    [
      ["declare", "P1", "\u200b \u202e"],
      'declare needs the impact: lav-ir declare P1 "orders rejected at LMAX"',
    ],
    [["declare", "P1", "  "], 'declare needs the impact: lav-ir declare P1 "orders rejected at LMAX"'],
    [["declare", "P1", "x", "--started", "tomorrow"], '"tomorrow" is not a time'],
  ])("%j without a terminal is refused, and nothing is opened", async (args, why) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr.split("\n")[0]?.slice(0, why.length)]).toEqual([2, why]);
    expect((await run("incident", "list")).stdout).toBe("");
  });

  test("without a platform file, or with a broken one, it is recorded, pages nobody and says so", async () => {
    rig.platform(sections.replace("until: halted", "until: hated"));
    const broken = await run("declare", "p1", "x");
    expect([broken.code, broken.stdout]).toEqual([0, expect.stringContaining("nobody is paged: ")]);
    expect(broken.stdout).toContain("hated is not a key event");
    expect(records().map(({ type }) => type)).toEqual(["incident.declared"]);
    const none = await rig.run(["declare", "P1", "x", "--config", "none.yaml", "--state-dir", state]);
    expect([none.code, none.stdout]).toEqual([
      0,
      expect.stringContaining("nobody is paged: cannot read the platform file"),
    ]);
  });

  test("the same key joins the open incident, and a new one is the next number", async () => {
    await run("declare", "P1", "first", "--key", "alert/7");
    const again = await run("declare", "P1", "again", "--key", "alert/7", "-q");
    expect(again.stdout).toBe(`${first}\n`);
    expect(records().at(-1)).toMatchObject({ type: "incident.note" });
    const other = await run("declare", "P2", "other", "--key", "alert/8", "-q");
    expect(other.stdout).toBe(`INC-${year}-0002\n`);
  });

  test("several at once have a number each", async () => {
    const args = ["declare", "P3", "x", "-q", "--state-dir", state];
    const all = await Promise.all(Array.from({ length: 5 }, async () => await rig.start(args).ended));
    expect(
      all.map(({ code, stdout }) => [code, stdout] as const).toSorted(([, a], [, b]) => a.localeCompare(b)),
    ).toEqual([1, 2, 3, 4, 5].map((number) => [0, `INC-${year}-000${number}\n`]));
  });

  test("a security incident goes to private channels alone, without its impact", async () => {
    const { stdout } = await run("declare", "P0", "the key was stolen", "--security");
    expect(stdout).toContain(
      "pages queued: sms (rosa)\n  not used, because they may not carry it: war-room\n",
    );
    const [page] = records().filter(({ type }) => type === "message.queued");
    expect(page?.data["body"]).not.toMatch(/stolen/);
  });

  test("a drill has a number of its own, uses channels with an address for drills, and begins DRILL", async () => {
    const { stdout } = await run("declare", "P0", "exercise", "--drill");
    const drill = `DRILL-${year}-0001`;
    expect(stdout).toContain(`${drill}  P0 CRITICAL`);
    const [page] = records("DRILL").filter(({ type }) => type === "message.queued");
    expect(page?.data).toMatchObject({ channel: "sms", body: expect.stringMatching(/^DRILL /) });
    expect((await run("status")).stderr).toContain("no incident is open");
    expect((await run("status", "--incident", drill)).stdout).toContain(drill);
    expect((await run("incident", "list")).stdout).toContain(`${drill}  P0  open since `);
  });

  test("what cannot be recorded is said, with whom to call", async () => {
    mkdirSync(join(state, "incidents"), { mode: 0o700 });
    // Root writes anywhere: what stands in the way of the folder is a file.
    rig.file(`state-${runs}/incidents/${first}`, "x");
    chmodSync(join(state, "incidents", first), 0o600);
    await expect(run("declare", "P0", "x", "-q")).resolves.toMatchObject({ code: 0 });
    const other = await rig.run([
      "declare",
      "P0",
      "venues down",
      "--state-dir",
      join(state, "incidents", first),
    ]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("NOT RECORDED");
    expect(other.stderr).toContain(
      "NOBODY WAS PAGED. Alert by hand: P0, venues down\n  post in war-room\n  call Rosa: +44 20 7946 0004",
    );
    expect(other.stdout).toMatch(/^NR-\S+ {2}NOT RECORDED .*\n {2}declared P0: venues down\n-----BEGIN /);
  });

  test("what an alert says is redacted, made visible, and cut where it is too long", async () => {
    const typed = "a\u202eb <!channel>\u001b[31m postgres://u:s3cretpassw0rd@h/db";
    await run("declare", "P1", typed, "--key", "k");
    expect(records()[0]?.data["impact"]).toMatch(/^a\\u\{202e\}b <!channel>␛\[31m postgres:\/\/u:‹secret:/);
    const long = await run("declare", "P1", "x".repeat(100_000));
    expect([long.code, long.stderr]).toEqual([0, expect.stringContaining("was truncated")]);
  });
});

describe("an open incident", () => {
  beforeEach(async () => {
    await run("declare", "P1", "slow");
  });

  test("is answered, for somebody else too, twice as well", async () => {
    const own = await run("ack", "on", "it", "--eta", "10m");
    expect(own.stdout).toMatch(new RegExp(`^${first} P1: on record \\(.+-3\\)\n`));
    const other = await run("ack", "--for", "Rosa");
    expect(other.stdout).toContain("rosa answered");
    await run("ack", "--for", "rosa");
    expect(
      records()
        .filter(({ type }) => type === "incident.answer")
        .map(({ data }) => data),
    ).toEqual([
      { person: expect.any(String), by: "desk", text: "on it", eta_s: 600 },
      { person: "rosa", by: "phone", told_by: expect.any(String) },
      { person: "rosa", by: "phone", told_by: expect.any(String) },
    ]);
    const status = await run("status");
    expect(status.stdout).toContain("answered rosa");
  });

  test.each([
    [["ack", "--for", "rsoa"], "nobody is named rsoa (did you mean rosa?)"],
    [["ack", "--eta", "soon"], "--eta soon is not a duration such as 10m"],
    [["note", " "], "the note is empty"],
    [["note", "\u2060\u00ad\n"], "the note is empty"],
    [["note", "x".repeat(100_000)], "the note is 98 KiB; a record takes 16"],
    [["note", "x", "--at", "25:10"], '"25:10" is not a time of day'],
    [["fact", "brigde"], "unknown fact brigde (did you mean bridge?)"],
    [["role", "king", "me"], "unknown role king (roles: commander, scribe, comms)"],
    [["page", "rsik"], "nobody is named rsik (did you mean risk?)"],
    [["escalate", "L9"], "unknown level L9 (levels: L1, L2, risk"],
    [["affects", "--drop", "nothing"], "nothing is not affected"],
    [["severity", "P7", "x", "--yes"], "unknown severity P7"],
    [["severity", "P1", "x", "--yes"], `${first} is already P1`],
  ])("%j is refused, and nothing is recorded", async (args, why) => {
    const before = records().length;
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(why.replace("L2, risk", "L2, cloud"));
    expect(records().length).toBe(before);
  });

  test("a severity is changed and an incident cancelled with consent only; a raise pages", async () => {
    expect((await run("severity", "P0", "all venues")).code).toBe(3);
    expect((await run("cancel", "a test")).code).toBe(3);
    const raised = await run("severity", "P0", "all", "venues", "--yes");
    expect(raised.stdout).toContain("P1 raised to P0\n  pages queued: war-room, sms (rosa)\n");
    const keys = records().flatMap(({ type, data }) => (type === "message.queued" ? [data["key"]] : []));
    expect(new Set(keys).size).toBe(3);
    expect((await run("cancel", "a test alert", "--yes")).code).toBe(0);
    const over = await run("ack");
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining("no incident is open")]);
    const named = await run("ack", "--incident", first);
    expect([named.code, named.stderr]).toEqual([2, expect.stringContaining(`${first} was cancelled at`)]);
  });

  test("it climbs the escalation, and says whom only a telephone reaches", async () => {
    // The severity has paged all of L1 already: as for a clock, the level behind it is the next one.
    const second = await run("escalate");
    expect(second.stdout).toContain("escalate L2: Seniors\n");
    expect(second.stdout).toContain("pages queued: sms (bob)\n  call Bob (bob): +44 20 7946 0002\n");
    expect((await run("escalate")).stderr).toContain("no next level; name one of L1, L2, cloud");
    expect((await run("escalate", "L1")).stdout).toContain(
      "escalate L1: On call\n  pages queued: war-room\n",
    );
    expect((await run("escalate", "cloud")).stdout).toContain("support: +1 555 010 0120");
    expect((await run("page", "risk", "please", "call")).stdout).toContain(
      "pages queued: sms (rosa)\n  call Rosa (rosa)",
    );
  });

  test("facts, roles, what is affected and what mitigated it are in the timeline, each with its record", async () => {
    await run("fact", "started", "--at", "2026-11-28 07:05");
    await run("role", "commander", "bob");
    await run("affects", "gateway", "sentinel");
    await run("mitigated", "restarted the gateway");
    const { stdout } = await run("incident", "timeline");
    expect(stdout).toMatch(/07:05:00 {2}\S+-3 {2}started \[noted late, /);
    expect(stdout).toContain("commander bob (given)");
    expect(stdout).toContain("affects gateway, sentinel");
    expect(stdout).toContain("mitigated: restarted the gateway");
    const [, row] = (await run("status", "--json")).lines;
    expect(row).toMatchObject({
      type: "incident.status",
      incident: first,
      figures: { affects: ["gateway", "sentinel"] },
    });
    const ref = /(\S+-3) {2}started/.exec(stdout)?.[1] ?? "";
    expect((await run("incident", "show", ref)).stdout).toContain('"name": "started"');
    expect((await run("incident", "show", "x-99")).code).toBe(2);
  });

  test("of two open ones the more severe one is meant; of equal ones it is asked", async () => {
    await run("declare", "P0", "worse");
    expect((await run("note", "x")).stdout).toContain(`INC-${year}-0002 P0`);
    await run("declare", "P0", "as bad");
    const { code, stderr } = await run("note", "x");
    expect([code, stderr]).toEqual([2, expect.stringContaining("several incidents are open")]);
  });

  test("resolve ends it, and an older one without a declaration is shown", async () => {
    expect((await run("resolve", "fixed")).code).toBe(0);
    expect((await run("status", "--incident", first)).stdout).toMatch(/P1 HIGH {2}resolved \d+s/);
    expect((await run("incident", "list")).stdout).toContain(`${first}  ended `);
  });

  test("a torn last line is set aside, and the rest is read", async () => {
    const { appendFileSync } = await import("node:fs");
    appendFileSync(join(state, "incidents", first, "journal.ndjson"), '{"v":1,"seq":3,');
    expect((await run("status")).stdout).toContain("P1 HIGH");
    expect((await run("note", "after")).code).toBe(0);
    expect(records().map(({ type }) => type)).toEqual([
      "incident.declared",
      "message.queued",
      "journal.torn",
      "incident.note",
    ]);
  });
});

test("contacts are read from the file alone", async () => {
  expect((await run("contacts", "risk")).stdout).toMatch(/^rosa +Rosa +\+44 20 7946 0004 +risk\n/);
  expect((await run("contacts", "cloud")).stdout).toContain("support +1 555 010 0120");
  expect((await run("contacts", "nobody")).code).toBe(2);
});
