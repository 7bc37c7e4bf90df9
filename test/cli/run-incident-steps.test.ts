import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { senderLock } from "../../src/store/layout.ts";
import { lockHolder, takeLock, type Lock } from "../../src/store/lock.ts";
import { ScriptedServer } from "./server.ts";
import { outcome, Rig, step, type Ended } from "./rig.ts";

// Steps that page, tell and note in the incident: as the typed commands do it, once, and only with consent.

const preload = fileURLToPath(new URL("preload/crash.mjs", import.meta.url));
const first = `INC-${new Date().getUTCFullYear()}-0001`;

const platform = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  rosa: { name: Rosa, phone: "+44 20 7946 0004" }
  max: { name: Max, phone: "+1 555 010 0102" }
teams: { risk: [rosa], stakeholders: [rosa] }
channels:
  war-room: { slack: { webhook: "\${secrets.WAR}" } }
  sms: { twilio: { account: AC1, token: "\${secrets.SMS}", from: "+15550100" }, private: true }
  phone: { call: {}, private: true }
severities:
  P0: { name: Critical, page: [war-room, sms:risk, phone:max] }
  P1: { name: High, page: [] }
  SEV1: P0
  SEV2: P1
clocks:
  alerted: { until: paged, within: { P0: 2m } }
  bridge: { until: bridge, within: { P0: 15m } }
  commander: { until: commander, within: { P0: 15m } }
`;

/** A desk whose sender's lock is somebody's who sends nothing: what is on record is what the steps put there. */
class Desk implements AsyncDisposable {
  readonly rig: Rig;
  private readonly lock: Lock;

  private constructor(rig: Rig, lock: Lock) {
    this.rig = rig;
    this.lock = lock;
  }

  static async open(): Promise<Desk> {
    const rig = await Rig.inside();
    rig.platform(platform);
    mkdirSync(rig.state, { mode: 0o700 });
    const taken = await takeLock(senderLock(rig.state), 0);
    if (!("release" in taken)) throw new Error("somebody sends already");
    return new Desk(rig, taken);
  }

  async declare(severity: string): Promise<void> {
    const ended = await this.rig.run(["declare", severity, "orders rejected", "-q"]);
    expect(ended.code).toBe(0);
  }

  async run(text: string, ...more: readonly string[]): Promise<Ended> {
    this.rig.runbook("book", text);
    return await this.rig.run(["run", "book", "--json", ...more]);
  }

  lines(...types: readonly string[]): readonly Line[] {
    const text = readFileSync(join(this.rig.state, "incidents", first, "journal.ndjson"), "utf8");
    const all = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    return types.length === 0 ? all : all.filter(({ type }) => types.includes(type));
  }

  /** The data of its messages. */
  queued(): readonly Line["data"][] {
    return this.lines("message.queued").map(({ data }) => data);
  }

  /** From now on whoever queues something starts the sender. */
  async free(): Promise<void> {
    await this.lock.release();
  }

  /** Ends the sender, which wrote down what it was at. */
  async senderEnds(): Promise<void> {
    const holder = lockHolder(senderLock(this.rig.state));
    if (holder !== undefined) process.kill(holder.pid, "SIGTERM");
    while (lockHolder(senderLock(this.rig.state)) !== undefined) await turn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lock.release();
    await this.rig[Symbol.asyncDispose]();
  }
}

interface Line {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe("a severity by another name that the platform file has for it", () => {
  const book =
    "steps:\n  - { id: raise, incident.severity: { to: SEV1, why: all venues } }\n  - { id: it, page: SEV1 }\n";

  test("is taken by steps and by commands, and is on record as one of the four", async () => {
    await using desk = await Desk.open();
    await desk.declare("SEV2");
    const ended = await desk.run(book, "--yes");
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    expect(desk.lines("incident.severity").map(({ data }) => data["to"])).toEqual(["P0"]);
    const queued = desk.queued().length;
    expect(queued).toBeGreaterThan(0);
    const paged = await desk.rig.run(["page", "SEV1", "join", "-q"]);
    expect([paged.code, desk.queued().length > queued]).toEqual([0, true]);
    expect(new Set(desk.queued().map(({ level }) => String(level).replace(/ .*$/, "")))).not.toContain(
      "SEV1",
    );
  });

  test("is refused where the platform file has no such name", async () => {
    await using desk = await Desk.open();
    const ended = await desk.run("steps: [{ incident.severity: { to: SEV3, why: x } }]\n", "--yes");
    expect(ended.code).toBe(2);
    expect(ended.stderr + ended.stdout).toMatch(
      /incident\.severity: \S*platform\.yaml has no severity SEV3 \(did you mean SEV1\?\); it has P0, P1, P2, P3, SEV1, SEV2/,
    );
  });
});

describe("page", () => {
  const book = "steps:\n  - { id: it, page: { who: P0, text: join } }\n";

  test("says who is paged by which channel, then puts it on record for the sender", async () => {
    await using desk = await Desk.open();
    await desk.declare("P1");
    const ended = await desk.run(book, "--yes");
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    const preview = ended.lines.find(({ type }) => type === "preview");
    const shown = preview?.["lines"] as readonly string[];
    expect(shown.slice(0, 4)).toEqual([
      `${first} P1: page P0`,
      "pages go to war-room, sms (rosa)",
      "call max: lav-ir contacts max",
      expect.stringMatching(/^answered \S+ left of 1h$/),
    ]);
    // The text that is queued, line by line, and what it is as an SMS.
    const body = String(desk.queued().at(-1)?.["body"]);
    expect(shown.slice(4)).toEqual([
      ...body.split("\n").map((line) => `| ${line}`),
      expect.stringMatching(/^sms \(rosa\): \d SMS segments \(UCS-2\)$/),
    ]);
    const key = /^RUN-\S+-[0-9a-f]{16}$/;
    expect(desk.lines("incident.note").at(-1)?.data).toEqual({
      text: "page P0: join",
      step: expect.stringMatching(key),
    });
    expect(desk.queued().map(({ channel, person, level }) => [channel, person, level])).toEqual([
      ["war-room", undefined, "P0"],
      ["sms", "rosa", "P0"],
    ]);
    const said = String(desk.lines("incident.note").at(-1)?.data["step"]);
    expect(desk.queued().map((one) => one["key"])).toEqual([
      `page/war-room/${said}`,
      `page/sms/rosa/${said}`,
    ]);
    expect(step(ended, "it")["outputs"]).toMatchObject({
      again: false,
      reaches: ["war-room", "sms (rosa)"],
      call: ["max"],
    });
  });

  test("needs consent, and no number is on record", async () => {
    await using desk = await Desk.open();
    await desk.declare("P0");
    const before = desk.lines("message.queued", "incident.note").length;
    const ended = await desk.run(book);
    expect([ended.code, desk.lines("message.queued", "incident.note").length]).toEqual([3, before]);
    expect(JSON.stringify(desk.lines())).not.toContain("555 010");
  });

  test.each([
    ["nobody", "nobody is named nobody (whom: ada"],
    ["rsk", "nobody is named rsk (did you mean risk?)"],
  ])("of %s is refused before anybody is asked", async (who, why) => {
    await using desk = await Desk.open();
    await desk.declare("P0");
    const ended = await desk.run(`steps:\n  - { id: it, page: ${who} }\n`, "--yes");
    expect(ended.code).toBe(1);
    expect(String(step(ended, "it")["message"])).toContain(why);
  });

  test("a fact that a read gave is on record as measured, at the time that was read", async () => {
    await using desk = await Desk.open();
    await desk.declare("P1");
    await using server = await ScriptedServer.start();
    server.on("GET /backup", { json: { newest: "2026-11-29T09:25:00Z" } });
    const ended = await desk.run(`steps:
  - id: backup
    http.get: ${server.url}/backup
  - incident.fact: { name: recovery-point, at: "\${steps.backup.json.newest}", measured: true }
  - incident.fact: users
`);
    expect([ended.code, ended.stderr]).toEqual([0, ended.stderr]);
    expect(desk.lines("incident.fact").map(({ data }) => data)).toMatchObject([
      { name: "recovery-point", at: { at: "2026-11-29T09:25:00.000Z" }, how: "measured" },
      { name: "users", how: "typed" },
    ]);
  });

  test("without an incident fails with the command that opens one", async () => {
    await using desk = await Desk.open();
    const ended = await desk.run(book, "--yes");
    expect(ended.code).toBe(1);
    expect(step(ended, "it")["message"]).toBe('no incident is open; lav-ir declare P0 "impact" opens one');
  });

  test("reaches nobody in a rehearsal, and nothing is noted", async () => {
    await using desk = await Desk.open();
    await desk.declare("P0");
    const before = desk.lines().length;
    const steps = `${book}  - incident.note: rehearsed\n  - incident.role: ada\n  - update: { text: u, to: risk }\n`;
    const ended = await desk.run(steps, "--dry-run", "--live");
    expect(ended.code).toBe(0);
    expect(ended.lines.filter(({ type }) => type === "preview")).toHaveLength(2);
    expect(desk.lines()).toHaveLength(before);
  });
});

describe("a run that is killed at any record", () => {
  const book = `steps:
  - { id: page, page: P0 }
  - { id: tell, update: { text: halted, to: stakeholders } }
  - { id: raise, incident.severity: { to: P0, why: all venues } }
  - { id: note, incident.note: all of it is said }
`;

  const said = (desk: Desk): readonly unknown[] => [
    desk.lines("incident.note").map(({ data }) => data["text"]),
    desk.lines("incident.severity").length,
    desk.queued().map((one) => [one["kind"], one["channel"], one["level"]].join(" ")),
  ];

  test("is resumed: nobody is paged or told twice, and nothing is missed", { timeout: 600_000 }, async () => {
    await using whole = await Desk.open();
    await whole.declare("P1");
    expect((await whole.run(book, "--yes")).code).toBe(0);
    const begin = whole.lines().findIndex(({ type }) => type === "run.kept");
    // A message is in one write with the record before it.
    const records = whole
      .lines()
      .slice(begin)
      .filter(({ type }) => type !== "message.queued");
    const decides = /^(?:step\.intent|step\.outcome|incident\..*)$/;
    for (const [index, { type }] of records.entries()) {
      if (!decides.test(type)) continue;
      const record = index + 1;
      await using desk = await Desk.open();
      await desk.declare("P1");
      desk.rig.runbook("book", book);
      const args = ["run", "book", "--yes", "--json"];
      const killed = await desk.rig.run(args, { preload, env: { CRASH: `after ${record}` } });
      expect(killed.signal).toBe("SIGKILL");
      const resumed = await desk.rig.run(["resume", "--yes", "--json"]);
      const at = `${record}: ${type}`;
      expect([at, resumed.code, said(desk)]).toEqual([at, 0, said(whole)]);
    }
  });

  test("starts the sender that the killed one did not", async () => {
    await using desk = await Desk.open();
    await desk.declare("P1");
    desk.rig.runbook("book", "steps:\n  - { id: page, page: war-room }\n");
    const hook = desk.rig.server.on("POST /hook", { text: "ok" }).arrives("POST /hook");
    const env = { WAR: `${desk.rig.server.url}/hook` };
    // Behind what declares the run, its step, the preview, the consent and the intent: the record itself.
    const killed = await desk.rig.run(["run", "book", "--yes"], {
      preload,
      env: { ...env, CRASH: "after 7" },
    });
    expect([killed.signal, desk.lines().at(-1)?.type]).toEqual(["SIGKILL", "message.queued"]);
    await desk.free();
    expect((await desk.rig.run(["resume", "--yes"], { env })).code).toBe(0);
    await hook;
    await desk.senderEnds();
    expect(desk.rig.server.count("POST /hook")).toBe(1);
  });
});
