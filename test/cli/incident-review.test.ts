import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { sectionNames, sections } from "../../src/incident/review/sections.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { Rig, type Ended } from "./rig.ts";

const first = `INC-${new Date().getUTCFullYear()}-0001`;

let rig: Rig;
let state = "";
let runs = 0;
let lock: Lock;
beforeAll(async () => {
  rig = await Rig.inside();
  rig.platform("people: { ada: { name: Ada, logins: [ada] }, bob: { name: Bob } }\n");
});
afterAll(async () => await rig[Symbol.asyncDispose]());
beforeEach(async () => {
  state = join(rig.folder, `state-${++runs}`);
  mkdirSync(state, { mode: 0o700 });
  // Somebody is at it who sends nothing: what is on record is what the commands put there.
  const taken = await takeLock(senderLock(state), 0);
  if (!("release" in taken)) throw new Error("somebody sends already");
  lock = taken;
  await run("declare", "P1", "orders rejected", "--affects", "executioner", "--started", "20m ago", "-q");
});
afterEach(async () => await lock.release());

async function run(...args: readonly string[]): Promise<Ended> {
  return await rig.run([...args, "--state-dir", state]);
}

const closed = ["--incident", first];
const path = (): string => join(state, "incidents", first, "review.md");
const file = (): string => readFileSync(path(), "utf8");

/** Everything that only a person can say. */
async function filled(): Promise<void> {
  await run("fact", "detected", "--at", "15m ago");
  await run("fact", "recovery-point", "not known");
  await run("fact", "users", "0");
  await run("fact", "revenue", "not known");
  await run("role", "commander", "bob");
  await run("mitigated", "routed around");
  await run("resolve", "the venue is back");
  await run("actions", "add", "preventive", "renew", "--owner", "bob", "--due", "7d", ...closed);
  await run("review", ...closed);
  const written = sectionNames.reduce((text, name) => {
    const { asks } = sections[name];
    return text.replace(`<!-- ${asks} -->`, `Written by hand: ${name}.`);
  }, file());
  writeFileSync(path(), written);
}

test("it is written once, readable by nobody else, and every record that it names can be shown", async () => {
  await run("note", "gateway restarted");
  await run("resolve", "the venue is back");
  const { code, stdout } = await run("review", ...closed);
  expect([code, stdout.split("\n")[0], statSync(path()).mode & 0o777]).toEqual([0, path(), 0o600]);
  const refs = new Set([...file().matchAll(/`([^`\s]+-\d+)`/g)].map(([, ref = ""]) => ref));
  expect(refs.size).toBe(3);
  for (const ref of refs) {
    const shown = await run("incident", "show", ref, ...closed);
    expect([ref, shown.code, shown.stdout]).toEqual([ref, 0, expect.stringContaining(`${ref}  20`)]);
  }
});

test("what people wrote survives, of a file that was edited since; a broken mark is refused with its line", async () => {
  await run("review");
  appendFileSync(path(), Buffer.from("\nnot UTF-8: \xff\xfe, tabs\t, and no end", "latin1"));
  const typed = readFileSync(path());
  await run("note", "later");
  expect((await run("review")).code).toBe(0);
  const made = readFileSync(path());
  expect(made.subarray(-40)).toEqual(typed.subarray(-40));
  expect(made.toString("latin1")).toContain("note: later");
  writeFileSync(
    path(),
    made.toString("latin1").replace("<!-- /lav-ir summary -->", "<!-- lav-ir -->"),
    "latin1",
  );
  const before = readFileSync(path());
  const line = before.toString("latin1").split("\n").indexOf("<!-- lav-ir -->") + 1;
  const refused = await run("review");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`review.md:${line}: a mark inside part`),
  ]);
  expect(readFileSync(path())).toEqual(before);
  expect((await run("review", "--check")).code).toBe(2);
});

test("--check lists what is missing with what fills it, changes nothing, and exits 1", async () => {
  const { code, stdout } = await run("review", "--check");
  expect([code, stdout]).toEqual([1, expect.stringContaining("there is no review yet: lav-ir review")]);
  expect(stdout).toContain('not known: what resolved it: lav-ir resolve "…"');
  expect(stdout).toContain("no action on record: lav-ir actions add preventive");
  // Of a file that is not there no section is gone.
  expect(stdout).not.toContain("the section");
  expect(() => file()).toThrow();
  await run("review");
  const before = file();
  await run("note", "later");
  const again = await run("review", "--check", "--json");
  expect(again.code).toBe(1);
  expect(again.lines[1]).toMatchObject({ type: "incident.reviewed", missing: again.lines.length - 2 });
  expect(again.stdout).toContain("out of date, the records have changed: ");
  expect(file()).toBe(before);
});

test("a review that lacks nothing passes; --done puts on record that it was held, and it still passes", async () => {
  await filled();
  const check = await run("review", "--check", ...closed);
  expect([check.code, check.stdout]).toEqual([0, `${first}: nothing is missing from its review\n`]);
  const held = await run("review", "--done", ...closed);
  expect([held.code, held.stdout]).toEqual([0, expect.stringMatching(/review held: SHA-256 [0-9a-f]{64}/)]);
  expect((await run("review", "--check", ...closed)).code).toBe(0);
  const status = await run("status", "--json", ...closed);
  expect(status.stdout).toContain('"reviewed":{');
});

test.each([
  [["actions", "add", "alert", "x", "--owner", "bob"], "action 2 has no due date"],
  [["actions", "add", "alert", "x", "--due", "7d"], "action 2 has no owner"],
  [["fact", "detected", "--at", "30m ago"], "out of order: detected"],
])("%j makes it incomplete again: not held", async (args, why) => {
  await filled();
  await run(...args, ...closed);
  const { code, stdout } = await run("review", "--done", ...closed);
  expect([code, stdout]).toEqual([1, expect.stringContaining(why)]);
  expect((await run("incident", "timeline", ...closed)).stdout).not.toContain("review done");
});

test("a section that was emptied, or whose heading is gone, is missing; one with a heading of its own is not", async () => {
  await filled();
  const { code } = await run("review", "--check", ...closed);
  expect(code).toBe(0);
  const whole = file();
  writeFileSync(path(), whole.replace("Written by hand: human.", "<!-- later -->"));
  expect((await run("review", "--check", ...closed)).stdout).toContain(
    '"Human factors" is empty: write it in review.md, due ',
  );
  writeFileSync(path(), whole.replace("### Human factors", "### Humans"));
  expect((await run("review", "--check", ...closed)).stdout).toContain('the section "Human factors" is gone');
  writeFileSync(path(), whole.replace("Written by hand: human.", "#### At night\n\ntired"));
  expect((await run("review", "--check", ...closed)).code).toBe(0);
});

test("--html writes the same as one page, with what people wrote", async () => {
  await filled();
  const { code, stdout } = await run("review", "--html", ...closed);
  const page = path().replace(/md$/, "html");
  expect([code, stdout, statSync(page).mode & 0o777]).toEqual([0, `${page}\n`, 0o600]);
  expect(readFileSync(page, "utf8")).toContain("Written by hand: lessons.");
});

test.each(["review.md", "review.html"])(
  "where %s cannot be written, it is refused and not a crash",
  async (name) => {
    mkdirSync(join(state, "incidents", first, name));
    const { code, stderr } = await run("review", "--html");
    expect([code, stderr]).toEqual([2, expect.stringContaining(name)]);
  },
);

test("what was so is put on record behind the end too, and the time of the mitigation", async () => {
  await run("resolve", "x");
  for (const args of [
    ["fact", "users", "12"],
    ["note", "said afterwards", "--at", "1m ago"],
    ["mitigated", "routed", "--at", "2m ago"],
  ])
    expect((await run(...args, ...closed)).code).toBe(0);
  await run("review", ...closed);
  expect(file()).toContain("| Users affected | 12 |");
  expect(file()).toMatch(/\| mitigated: routed \| .* to 60s \|/);
});
