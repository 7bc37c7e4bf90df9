/** What a program writes is seen while it runs: below its step at a terminal, in a log with -v, as JSON never. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";
import { Screen } from "./screen.ts";

/** The program writes it in two pieces. */
const secret = "canary-of-two-pieces";
const env = { TOKEN: secret };
let rig: Rig;
let screen: Screen | undefined;
beforeEach(async () => {
  rig = await Rig.create();
  const until = (name: string): string => `until [ -e '${join(rig.folder, name)}' ]; do sleep 0.02; done`;
  const script = String.raw`
printf 'table 3\nclosing 4\n\033[31mopening 5\033[0m with '
printf %s "$TOKEN" | cut -c1-9 | tr -d '\n'
${until("half")}
printf %s "$TOKEN" | cut -c10-
${until("all")}
echo the end`;
  const step = `{ id: move, title: Move it, shell: { script: ${JSON.stringify(script)}, env: { TOKEN: "\${secrets.TOKEN}" } } }`;
  rig.runbook("book", `secrets: [TOKEN]\nsteps: [${step}]\n`);
});
afterEach(async () => {
  screen?.[Symbol.dispose]();
  screen = undefined;
  await rig[Symbol.asyncDispose]();
});

const go = (name: string): void => writeFileSync(join(rig.folder, name), "");

describe("at a terminal", () => {
  test("the newest line stands below its step, and goes when the step has ended", async () => {
    screen = new Screen(rig, ["run", "book", "--yes"], { env, columns: 80, rows: 24 });
    await screen.shows(/Move it\n +› opening 5 with\s*$/);
    expect(screen.text()).not.toContain("closing 4");
    go("half");
    await screen.shows(/› opening 5 with ‹secret:known:[0-9a-f]{8}›/);
    go("all");
    const { code, text } = await screen.ended;
    expect([code, text]).toEqual([0, expect.stringMatching(/✔ Move it: exited with 0/)]);
    expect(text).not.toContain("›");
    expect(screen.raw).not.toContain("canary");
  });
  test("with -v some before it, too", async () => {
    screen = new Screen(rig, ["run", "book", "--yes", "-v"], { env, columns: 80, rows: 24 });
    await screen.shows(/› table 3\n +closing 4\n +opening 5 with\s*$/);
    for (const name of ["half", "all"]) go(name);
    expect((await screen.ended).code).toBe(0);
  });
});

describe("in a log", () => {
  test("each line with -v, as it ends", async () => {
    const started = rig.start(["run", "book", "--yes", "-v"], { env });
    await started.says("output   move: closing 4\n");
    go("half");
    await started.says("output   move: opening 5 with ‹secret:known:");
    go("all");
    const { code, stderr } = await started.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/table 3\n.*closing 4\n.*opening 5 .*›\noutput {3}move: the end\nok {7}move/);
    expect(stderr).not.toContain("canary");
  });
  test.each([[[]], [["--json"]], [["--json", "-v"]], [["-v", "-q"]]])("not with %j", async (flags) => {
    for (const name of ["half", "all"]) go(name);
    const { code, stdout, stderr } = await rig.run(["run", "book", "--yes", ...flags], { env });
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain("output   ");
  });
});
