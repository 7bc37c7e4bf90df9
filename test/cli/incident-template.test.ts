import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { first, quietDesk } from "./quiet-desk.ts";
import { enter, Screen } from "./screen.ts";

const sections = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  eve: { name: Eve, phone: "+44 20 7946 0005" }
teams: { stakeholders: [eve] }
channels:
  war-room: { slack: { webhook: "\${secrets.WAR}" } }
  sms: { twilio: { account: AC1, token: "\${secrets.SMS}", from: "+15550100" }, private: true }
severities: { P0: { name: Critical, page: [war-room] } }
`;
const desk = quietDesk(sections);
const { run, lines } = desk;
beforeEach(() => {
  mkdirSync(join(desk.rig.folder, "runbooks", "templates"), { recursive: true });
  desk.rig.file("runbooks/templates/own.txt", "${incident} ${text}; over ${eta}\n");
});

test("a template is filled from the records and sent", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  const { code } = await run("update", "half are back", "--template", "own", "--eta", "11:00");
  expect(code).toBe(0);
  const [note, queued] = lines().slice(-2);
  expect(note?.data["text"]).toBe("update: template own: half are back");
  expect(queued?.data).toMatchObject({ kind: "update", body: `${first} half are back; over 11:00` });
});

test("what is missing is listed with what fills it, and nothing is recorded; --set states it", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  const before = lines().length;
  const refused = await run(
    "update",
    "--template",
    "stakeholders",
    "--to",
    "stakeholders",
    "--set",
    "text=x",
  );
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('  started: lav-ir fact started --at …, or --set started="…"\n');
  expect(refused.stderr).toContain('  next_update: --set next_update="…"');
  expect(lines()).toHaveLength(before);
  const stated = ["started=09:31", "affects=all", "eta=11:00", "next_update=10:15", "text=x"];
  const options = stated.flatMap((one) => ["--set", one]);
  const sent = await run("update", "--template", "stakeholders", "--to", "stakeholders", ...options);
  expect(sent.code).toBe(0);
  expect(lines().at(-1)?.data).toMatchObject({ channel: "sms", person: "eve", level: "stakeholders" });
  expect(lines().at(-1)?.data["body"]).toContain("Next update: 10:15.");
});

test("--dry-run sends and records nothing; --nothing-new is a template", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  await run("role", "commander", "ada");
  const before = lines().length;
  const { code, stdout } = await run("update", "--nothing-new", "--next", "10:15", "--dry-run");
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^dry run: .+\nwar-room: Slack\n {2}text, \d+ characters\n {2}\| \[INC-\d+-0001 #2\] P0 Incident/,
    ),
  ]);
  expect(lines()).toHaveLength(before);
  expect((await run("update", "--nothing-new", "--next", "10:15")).code).toBe(0);
  expect(lines().at(-1)?.data["body"]).toContain("nothing new since the last update");
});

test("at a terminal what is missing is asked for", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  using screen = new Screen(desk.rig, ["update", "x", "--template", "own", "--state-dir", desk.state]);
  await screen.shows("eta: ");
  screen.type(`11:30${enter}`);
  await screen.shows("Send this message?");
  screen.type(`y${enter}`);
  expect((await screen.ended).code).toBe(0);
  expect(lines().at(-1)?.data["body"]).toBe(`${first} x; over 11:30`);
});

test("of a security incident no text of a template is in a message", async () => {
  await run("declare", "P0", "a key was stolen", "--security", "-q");
  const options = ["--template", "own", "--eta", "11:00", "--to", "stakeholders"];
  expect((await run("update", "rotating", ...options)).code).toBe(0);
  expect(lines().at(-1)?.data["body"]).toBe(`UPDATE ${first} P0 (open)`);
});

test.each([
  [["--template", "owm"], "unknown template owm (did you mean own?)"],
  [["--template", "./none.txt"], "./none.txt does not exist"],
  [["--template", "own", "--set", "etaa=1"], "unknown field etaa (did you mean eta?)"],
  [["--template", "own", "--eta", "x".repeat(2000), "--to", "stakeholders"], "; sms takes 1600"],
])("%j is refused, and nothing is recorded", async (args, why) => {
  await run("declare", "P0", "orders rejected", "-q");
  const before = lines().length;
  const { code, stderr } = await run("update", "x", ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
  expect(lines()).toHaveLength(before);
});

test("lint finds what is wrong with a template, beside the runbooks and by its path, each with its frame", async () => {
  desk.rig.file("bad.txt", "@channel ${impakt}\n");
  const path = join(desk.rig.folder, "bad.txt");
  const { code, stderr } = await run("lint", path);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "bad.txt:1:10: unknown field impakt (did you mean impact?)\n" +
      "  1 | @channel ${impakt}\n" +
      "    |          ^^^^^^^^^\n",
  );
  expect(stderr).toContain("bad.txt:1:1: @channel mentions everybody");
  const { stdout } = await run("lint", join(desk.rig.folder, "runbooks"));
  expect(stdout).toContain("1 template checked: no problems");
});

describe("a template that the platform file names", () => {
  const named = (lines: string): void => {
    desk.rig.platform(`${sections}templates:\n${lines}`);
  };

  test("stands in for the built-in text of an alert, beside the platform file, and for one by name", async () => {
    desk.rig.file("runbooks/our.txt", "OURS ${incident} ${impact}\n${text}\n");
    named("  alert: our.txt\n  stakeholders: our.txt\n");
    await run("declare", "P0", "orders rejected", "-q");
    expect(lines().at(-1)?.data["body"]).toBe(`OURS ${first} orders rejected`);
    await run("page", "war-room", "please join");
    expect(lines().at(-1)?.data["body"]).toBe(`OURS ${first} orders rejected\nplease join`);
    await run("update", "x", "--template", "stakeholders", "--to", "stakeholders");
    expect(lines().at(-1)?.data["body"]).toBe(`OURS ${first} orders rejected\nx`);
    expect((await run("lint", join(desk.rig.folder, "runbooks"))).stdout).toContain("no problems");
  });

  test.each([
    ["mistyped", "${impakt}", ":1:1: unknown field impakt (did you mean impact?)"],
    ["not there", undefined, "bad.txt does not exist"],
    ["binary", "PNG\u001a\0", ":1:4: a character that is no text"],
    ["a megabyte", "x".repeat(1_048_576), "has 1024 KiB"],
  ])(
    "%s: lint finds it; declare sends the built-in text and says so, on record too",
    async (_, text, why) => {
      const path = `bad-${String(text?.length)}.txt`;
      if (text !== undefined) desk.rig.file(`runbooks/${path}`, text);
      named(`  alert: ${text === undefined ? "bad.txt" : path}\n`);
      const linted = await run("lint", join(desk.rig.folder, "runbooks"));
      expect([linted.code, linted.stderr]).toEqual([2, expect.stringContaining(why)]);
      const declared = await run("declare", "P0", "orders rejected");
      expect(declared.code).toBe(0);
      expect(declared.stdout).toContain("  warning: template alert not used: ");
      expect(declared.stdout).toContain(why);
      const [note, page] = lines().slice(-2);
      expect(note?.data["text"]).toContain(why);
      expect(page?.data["body"]).toContain("\nImpact: orders rejected\n");
    },
  );

  test("a pipe that nobody writes to keeps no alert back", async () => {
    execFileSync("mkfifo", ["-m", "600", join(desk.rig.folder, "runbooks", "pipe")]);
    named("  alert: pipe\n");
    const declared = await run("declare", "P0", "orders rejected");
    expect([declared.code, declared.stdout]).toEqual([0, expect.stringContaining("is not a regular file")]);
  });

  test("lint finds a name that is nearly one", async () => {
    desk.rig.file("runbooks/our.txt", "OURS ${incident}\n");
    named("  alret: our.txt\n");
    const { code, stderr } = await run("lint", join(desk.rig.folder, "runbooks"));
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("templates.alret: unknown template (did you mean alert?)"),
    ]);
  });
});

test("resolve --notice fills a template with the end that is only then on record", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  const notice = ["--notice", "counterparties", "--set", "text=back", "--set", "started=09:31"];
  const refused = await run("resolve", "the venue is back", ...notice);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("next_update: --set")]);
  expect(lines("incident.resolved")).toEqual([]);
  expect((await run("resolve", "the venue is back", ...notice, "--set", "next_update=none")).code).toBe(0);
  expect(lines("incident.resolved")).toHaveLength(1);
});
