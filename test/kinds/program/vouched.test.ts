import { describe, expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import type { Vouched, Where } from "../../../src/kinds/kind.ts";
import { execRead } from "../../../src/kinds/program/exec-read.ts";
import { vouchedFor } from "../../../src/kinds/program/vouched.ts";
import { args, context, where } from "../context.ts";

const all = (): boolean => true;

function entry(words: string, path = `/usr/bin/${words.split(" ")[0]}`): Vouched {
  return { words: words.split(" "), path, by: "platform.yaml:31" };
}

/** Whether a pattern vouches for a command; both written with blanks between the words. */
function vouches(pattern: string, command: string, known: (word: string) => boolean = all): boolean {
  return vouchedFor(command.split(" "), [entry(pattern)], known) !== undefined;
}

describe("a pattern", () => {
  test.each([
    ["git log", "git log"],
    ["git log *", "git log main"],
    ["git log **", "git log"],
    ["git log **", "git log main -- x".replace(" --", "")],
    ["git ** log *", "git a b log c"],
    ["git ** log ** x", "git log log x x"],
    ["git -C /etc/nginx log --oneline **", "git -C /etc/nginx log --oneline HEAD site.conf"],
    ["git log *", "/usr/bin/git log main"],
    // Nothing but the two marks is special.
    ["git log --since=*", "git log --since=*"],
    ["git log .*", "git log .*"],
  ])("%s takes %s", (pattern, command) => {
    expect(vouches(pattern, command)).toBe(true);
  });

  test.each([
    ["git log", "git log main"],
    ["git log *", "git log"],
    ["git log *", "git log a b"],
    ["git log *", "git log -p"],
    ["git log *", "git log --output=/etc/passwd"],
    ["git log *", "git log ../secret"],
    ["git log *", "git log a..b"],
    ["git log **", "git log a -p"],
    ["git log **", "git log a ../b"],
    ["git -C * log", "git -C -x log"],
    ["git log --since=*", "git log --since=1h"],
    ["git log .*", "git log abc"],
    ["git log", "gitx log"],
    ["git log", "./git log"],
    ["git log", "/tmp/git log"],
    ["git log", "Git log"],
    ["git ** log", "git log x"],
  ])("%s does not take %s", (pattern, command) => {
    expect(vouches(pattern, command)).toBe(false);
  });

  test("of many marks and many words is decided at once", () => {
    const pattern = `git ${"** x ".repeat(200)}end`;
    expect(vouches(pattern, `git ${"x ".repeat(2000)}no`)).toBe(false);
  });

  test("fits a word that waits for the run, wherever that could be", () => {
    const known = (word: string): boolean => !word.includes("‹");
    expect(vouches("git log * -n", "git ‹params.what› ‹item› -n", known)).toBe(true);
    expect(vouches("git log *", "git log ‹item› -p", known)).toBe(false);
  });
});

describe("exec.read", () => {
  const programs = [entry("git -C /etc/nginx log **"), entry("echo *", "/bin/echo")];
  const here: Where = { ...where, programs };
  const run = async (command: readonly string[], more: object = {}, at = here) => {
    const ports = { process: createProcesses({ ...process.env, KUBECONFIG: "/k" }), clock: createClock() };
    return await execRead.execute(args(execRead, { command, ...more }), context(ports, { where: at }));
  };

  test("names in its plan who vouches, and runs the absolute path", async () => {
    const command = ["echo", "hello"];
    expect(execRead.check?.({ command }, here)).toBeUndefined();
    expect(execRead.plan({ command }, here)).toBe(
      "exec.read: run /bin/echo hello (vouched for by platform.yaml:31)",
    );
    expect(execRead.byHand({ command }, here)).toBe("/bin/echo hello");
    expect(await run(command)).toMatchObject({ ok: true, value: { stdout: "hello\n" } });
  });

  test("a program of its own needs nobody's word, but may have it for more", () => {
    const more: Where = { ...where, programs: [entry("date --utc -s *"), entry("df", "/bin/df")] };
    expect(execRead.plan({ command: ["df", "/"] }, more)).toBe("exec.read: run df /");
    expect(execRead.plan({ command: ["date", "--utc", "-s", "x"] }, more)).toMatch(/vouched for/);
    expect(execRead.check?.({ command: ["date", "-s", "x"] }, more)).toMatch(/may do more than look/);
  });

  test("others are refused, and told apart by whether the file names the program", async () => {
    expect(execRead.check?.({ command: ["git", "push"] }, here)).toBe(
      "git is not vouched for with these arguments (platform.yaml:31: git -C /etc/nginx log **); exec runs any, as a change",
    );
    expect(execRead.check?.({ command: ["rm", "-rf", "/"] }, here)).toMatch(
      /^rm is not one of the programs that only look .* programs do not name it; exec runs any, as a change$/,
    );
    expect(await run(["git", "push"])).toMatchObject({ failure: { type: "argument", effect: "none" } });
  });

  test("what a plan could not know is looked at before it runs, whatever it is made of", async () => {
    const command = ["echo", "‹steps.a.text›"];
    expect(execRead.check?.({ command }, here)).toBeUndefined();
    expect(await run(["echo", "-n‹"])).toMatchObject({ failure: { type: "argument", effect: "none" } });
    expect(await run(["date", "--set=‹x›"])).toMatchObject({ failure: { type: "argument", effect: "none" } });
    expect(await run(["‹rm›"])).toMatchObject({ failure: { type: "argument", effect: "none" } });
  });

  test("a program that this machine lacks has measured nothing", async () => {
    const { path: _path, ...lacking } = entry("promtool check *");
    const at: Where = { ...where, programs: [lacking] };
    expect(execRead.plan({ command: ["promtool", "check", "x"] }, at)).toMatch(/^exec.read: run promtool /);
    expect(await run(["promtool", "check", "x"], {}, at)).toEqual({
      ok: false,
      failure: {
        type: "missing",
        target: "promtool",
        message: "program promtool not found; platform.yaml:31 names it",
        effect: "none",
      },
    });
  });

  test("gets the variables that it is passed, and says which is not set", async () => {
    const at: Where = { ...where, programs: [entry("printenv *", "/usr/bin/printenv")] };
    const command = ["printenv", "KUBECONFIG"];
    expect(await run(command, {}, at)).toMatchObject({ value: { exit_code: 1 } });
    expect(await run(command, { pass: ["KUBECONFIG"] }, at)).toMatchObject({ value: { stdout: "/k\n" } });
    expect(await run(command, { pass: ["NOT_SET_HERE"] }, at)).toMatchObject({
      failure: {
        type: "argument",
        message: "NOT_SET_HERE is not set in the environment, and the step passes it on",
        effect: "none",
      },
    });
    expect(execRead.plan({ command, pass: ["KUBECONFIG"] }, at)).toBe(
      "exec.read: run /usr/bin/printenv KUBECONFIG with KUBECONFIG of this environment (vouched for by platform.yaml:31)",
    );
    expect(execRead.check?.({ command, pass: ["KUBECONFIG", "GITHUB_TOKEN"] }, at)).toBe(
      "pass: GITHUB_TOKEN looks like a secret, which would be shown wherever the program prints it; declare it in secrets and give it in env",
    );
  });
});
