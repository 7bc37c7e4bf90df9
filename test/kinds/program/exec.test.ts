import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import { exec } from "../../../src/kinds/program/exec.ts";
import { execRead } from "../../../src/kinds/program/exec-read.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { shell } from "../../../src/kinds/program/shell.ts";
import { args, context, where } from "../context.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lav-ir-exec-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function run(kind: Kind, given: Readonly<Record<string, unknown>>, signal?: AbortSignal) {
  const ports = { process: createProcesses(process.env), clock: createClock() };
  return await kind.execute(args(kind, given), context(ports, signal === undefined ? {} : { signal }));
}

describe("exec", () => {
  test("brings both streams, the exit code, and JSON when it is", async () => {
    expect(await run(exec, { command: ["echo", '{"id":9007199254740993}'] })).toMatchObject({
      ok: true,
      value: {
        exit_code: 0,
        stdout: '{"id":9007199254740993}\n',
        stderr: "",
        json: { id: 9007199254740993n },
        truncated: false,
      },
    });
    const plain = await run(exec, { command: ["echo", "17"] });
    expect(plain).toMatchObject({ ok: true });
    expect(plain.ok && plain.value).not.toHaveProperty("json");
  });

  test("an exit code of its own choice is a failure, and nobody knows how far it came", async () => {
    expect(await run(exec, { command: ["sh", "-c", "echo why >&2; exit 3"] })).toEqual({
      ok: false,
      failure: { type: "exit", target: "sh", code: 3, signal: null, stderr: "why\n", effect: "unknown" },
    });
  });

  test("an author may say which exit codes are a success", async () => {
    const command = ["sh", "-c", "exit 3"];
    expect(await run(exec, { command, accept: [0, 3] })).toMatchObject({ ok: true, value: { exit_code: 3 } });
  });

  test("killed is a failure with the signal's name", async () => {
    const result = await run(exec, { command: ["sh", "-c", "kill -TERM $$"], accept: [0, 143] });
    expect(result).toMatchObject({ ok: false, failure: { type: "exit", code: null, signal: "SIGTERM" } });
  });

  test("output past the limit is cut at its beginning, and said to be", async () => {
    expect(await run(exec, { command: ["printf", "[1,2]"], max_bytes: 3 })).toMatchObject({
      ok: true,
      value: { stdout: ",2]", truncated: true },
    });
  });

  test("takes environment, folder and input", async () => {
    const command = ["sh", "-c", 'echo "$TOKEN $PWD $(cat)"'];
    const result = await run(exec, { command, env: { TOKEN: "t" }, cwd: folder, stdin: "in" });
    expect(result).toMatchObject({ ok: true, value: { stdout: `t ${folder} in\n` } });
  });

  test("a program that is not there did nothing", async () => {
    expect(await run(exec, { command: ["no-such-program-here"] })).toMatchObject({
      ok: false,
      failure: { type: "missing", effect: "none" },
    });
  });

  test("a name that no variable can have is refused in the plan", () => {
    expect(exec.check?.({ command: ["true"], env: { "A-B": "1" } }, where)).toBe(
      '"A-B" cannot be the name of a variable',
    );
  });

  test("in words", () => {
    const given = {
      command: ["tool", "--all", "it's", "‹vars.x›", "$HOME"],
      env: { TOKEN: "$EMERGENCY_TOKEN", MODE: "a b" },
      cwd: "/srv",
      stdin: "y",
    };
    expect(exec.plan(given, where)).toBe(
      `exec: run tool --all 'it'\\''s' '‹vars.x›' '$HOME' with TOKEN, MODE in its environment`,
    );
    expect(exec.byHand(given, where)).toBe(
      `cd /srv && printf %s y | TOKEN="$EMERGENCY_TOKEN" MODE='a b' tool --all 'it'\\''s' '‹vars.x›' '$HOME'`,
    );
  });
});

describe("exec.read", () => {
  test("any exit code is an answer", async () => {
    const result = await run(execRead, { command: ["getent", "hosts", "nowhere.invalid"] });
    expect(result).toMatchObject({ ok: true, value: { exit_code: 2, stdout: "" } });
  });

  test.each([
    [["df", "--output=pcent", "/"]],
    [["date", "+%s", "--utc"]],
    [["ss", "-tln", "sport", "=", ":5432"]],
    [["hostname", "-f"]],
    [["ps", "aux", "--sort=-rss"]],
    [["ps", "-opid,etime", "-p", "1,2"]],
    [["‹vars.program›", "-x"]],
    [["df", "‹vars.disk›"]],
  ])("a plan lets %j through", (command) => {
    expect(execRead.check?.({ command }, where)).toBeUndefined();
  });

  test.each([
    [["rm", "-rf", "/"]],
    [["/bin/df"]],
    [["../df"]],
    [[""]],
    [["constructor"]],
    [["date", "-s", "2020-01-01"]],
    [["date", "--se=2020-01-01"]],
    [["date", "-us", "x"]],
    [["date", "010100002020"]],
    [["hostname", "evil"]],
    [["hostname", "-F", "/etc/x"]],
    [["ss", "-K", "dst", "10.0.0.1"]],
    [["ss", "-tK"]],
    [["ss", "--kill"]],
    [["ss", "-D", "/etc/passwd"]],
    [["ps", "auxe"]],
    [["ps", "-o", "environ"]],
    [["ps", "-oenviron"]],
  ])("%j is refused, in the plan and again before it runs", async (command) => {
    expect(execRead.check?.({ command }, where)).toMatch(/exec runs (any|it), as a change$/);
    expect(await run(execRead, { command })).toMatchObject({
      ok: false,
      failure: { type: "argument", effect: "none" },
    });
  });
});

describe("shell", () => {
  test("runs the script as it stands, with values from its environment", async () => {
    const script = 'for n in 1 2; do echo "$n $NAME"; done | tail -n 1';
    const result = await run(shell, { script, env: { NAME: "$(id) `id`" } });
    expect(result).toMatchObject({ ok: true, value: { stdout: "2 $(id) `id`\n" } });
  });

  test.each([
    ["the first command that fails", "false\ntouch NOTE"],
    ["a variable that is not set", "echo $NOT_SET\ntouch NOTE"],
  ])("ends at %s", async (_what, script) => {
    const note = join(folder, "note");
    const result = await run(shell, { script: script.replace("NOTE", note) });
    expect(result).toMatchObject({ ok: false, failure: { type: "exit", effect: "unknown" } });
    await expect(readFile(note)).rejects.toThrow("ENOENT");
  });

  test("ends with the signal", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    expect(await run(shell, { script: "sleep 60; echo late" }, controller.signal)).toMatchObject({
      ok: false,
      failure: { type: "timeout" },
    });
  });

  test("in words", () => {
    const given = { script: "set +e\n\n  echo \"$TOKEN\" 'x'\n", env: { TOKEN: "$EMERGENCY_TOKEN" } };
    expect(shell.plan(given, where)).toBe(
      `shell: run 2 lines: set +e ⏎ echo "$TOKEN" 'x' with TOKEN in its environment`,
    );
    expect(shell.byHand(given, where)).toBe(
      `TOKEN="$EMERGENCY_TOKEN" /bin/sh -eu -c 'set +e\n\n  echo "$TOKEN" '\\''x'\\''\n'`,
    );
  });
});

describe("what is not there is said before anybody is asked", () => {
  const obstacle = async (kind: Kind, given: Readonly<Record<string, unknown>>) =>
    await kind.obstacle?.(
      args(kind, given),
      context({ process: createProcesses({ PATH: "/nowhere::/usr/bin:/bin" }) }),
    );

  test.each<[string, Kind, Readonly<Record<string, unknown>>, object | undefined]>([
    ["a program of the path", exec, { command: ["sh", "-c", "true"] }, undefined],
    ["one by its place", exec, { command: ["/bin/sh"] }, undefined],
    ["one from its folder", exec, { command: ["./sh"], cwd: "/bin" }, undefined],
    ["a script", shell, { script: "nosuch" }, undefined],
    [
      "none of that name",
      exec,
      { command: ["no-such-program"] },
      { type: "missing", message: "program no-such-program not found", effect: "none" },
    ],
    ["a folder", exec, { command: ["/bin"] }, { type: "missing" }],
    [
      "no program",
      exec,
      { command: ["/etc/passwd"] },
      { type: "denied", message: "it is not executable", effect: "none" },
    ],
    ["its own path", exec, { command: ["sh"], env: { PATH: "/nowhere" } }, { type: "missing" }],
    ["a folder that is not there", shell, { script: "true", cwd: "/nowhere" }, { type: "missing" }],
    ["a variable that is not set", exec, { command: ["sh"], pass: ["NOWHERE"] }, { type: "argument" }],
  ])("%s", async (_what, kind, given, expected) => {
    const found = await obstacle(kind, given);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});

describe("undo", () => {
  const undone = (kind: Kind, given: Readonly<Record<string, unknown>>) =>
    kind.undo.how === "steps" ? kind.undo.steps(args(kind, given), null) : "?";
  const env = { A: "b" };

  test("is the author's command, in the same surroundings", () => {
    expect(
      undone(exec, { command: ["a"], undo: ["b", "c"], env, cwd: "/", stdin: "x", accept: [0, 3] }),
    ).toEqual([{ exec: { command: ["b", "c"], env, cwd: "/" } }]);
    expect(undone(shell, { script: "a", undo: "b", pass: ["HOME"] })).toEqual([
      { shell: { script: "b", pass: ["HOME"] } },
    ]);
  });

  test("without one nobody knows", () => {
    for (const [kind, given] of [
      [exec, { command: ["a"] }],
      [shell, { script: "a" }],
    ] as const) {
      expect(undone(kind, given)).toBeUndefined();
      expect(kind.undo.how === "steps" && kind.undo.irreversible?.({})).toMatch(/changes are unknown$/);
      expect(kind.undo.how === "steps" && kind.undo.irreversible?.({ undo: "b" })).toBeUndefined();
    }
  });
});
