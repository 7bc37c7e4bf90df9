import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import type { ProcessRequest } from "../../../src/ports/ports.ts";
import { createProcesses } from "../../../src/drivers/process/process.ts";
import { Tail } from "../../../src/drivers/process/tail.ts";

const env = { PATH: process.env["PATH"], HOME: "/home/ops", SECRET_OF_THE_OPERATOR: "hunter2" };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lav-ir-process-"));
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function ask(command: readonly string[], more: Partial<ProcessRequest> = {}): ProcessRequest {
  return { command, env: {}, maxBytes: 10_000, signal: new AbortController().signal, ...more };
}

async function replyOf(command: readonly string[], more: Partial<ProcessRequest> = {}) {
  const reply = await createProcesses(env).run(ask(command, more));
  if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
  return reply.value;
}

async function failureOf(command: readonly string[], more: Partial<ProcessRequest> = {}) {
  const reply = await createProcesses(env).run(ask(command, more));
  if (reply.ok) throw new Error(JSON.stringify(reply.value));
  return reply.failure;
}

const node = (script: string): readonly string[] => [process.execPath, "-e", script];
const sh = (script: string): readonly string[] => ["/bin/sh", "-c", script];

describe("a program that ends", () => {
  test("is told apart by exit code, streams and sizes", async () => {
    expect(await replyOf(sh("printf out; printf error >&2; exit 7"))).toEqual({
      exitCode: 7,
      signal: null,
      stdout: "out",
      stderr: "error",
      stdoutBytes: 3,
      stderrBytes: 5,
    });
  });

  test("gets its arguments as they are, with no shell in between", async () => {
    const reply = await replyOf(["printf", "%s|", "a b", "$HOME", "`id`", ""]);
    expect(reply.stdout).toBe("a b|$HOME|`id`||");
  });

  test("sees the minimal environment and what it is given, nothing of the operator's", async () => {
    const reply = await replyOf(["env"], { env: { GIVEN: "1" } });
    const lines = reply.stdout.trim().split("\n");
    expect(new Set(lines.map((line) => line.split("=")[0]))).toEqual(new Set(["GIVEN", "HOME", "PATH"]));
  });

  test("runs in the folder and reads the input it is given", async () => {
    const reply = await replyOf(sh("pwd; cat"), { cwd: "/", stdin: "line\n" });
    expect(reply.stdout).toBe("/\nline\n");
  });

  test("has no input, not an open one, when none is given", async () => {
    expect((await replyOf(["cat"])).stdout).toBe("");
  });

  test("may close its input before all of it is read", async () => {
    const reply = await replyOf(sh("exec <&-; echo done"), { stdin: "x".repeat(5_000_000) });
    expect(reply).toMatchObject({ exitCode: 0, stdout: "done\n" });
  });

  test("killed by a signal has no exit code", async () => {
    expect(await replyOf(sh("kill -KILL $$"))).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  });

  test("may leave another one running, which is not waited for", async () => {
    const note = join(folder, "left");
    const reply = await replyOf(sh(`(echo begun; sleep 30) & echo $! > ${note}; echo mine`));
    expect(new Set(reply.stdout.trim().split("\n"))).toEqual(new Set(["begun", "mine"]));
    const left = Number(await readFile(note, "utf8"));
    expect(process.kill(left, 0)).toBe(true);
    process.kill(left);
  });
});

test("one left running that never stops talking is not listened to for ever", async () => {
  // It ends by itself at the first word that nobody reads any more.
  const reply = await replyOf(sh("(while :; do echo more; sleep 0.05; done) & exit 0"));
  expect(reply).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^more\n/) });
});

test("a program's end is its end: words that do not come are not waited for", async () => {
  // The pause for last words never passes here: who waits for it never returns.
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  for (let count = 0; count < 30; count++) expect((await replyOf(["true"])).exitCode).toBe(0);
});

describe("output", () => {
  test("is kept from its end, and counted whole", async () => {
    const reply = await replyOf(sh("seq 1 100000; seq 1 50000 >&2"), { maxBytes: 12 });
    expect(reply).toMatchObject({ stdout: "9999\n100000\n", stderr: "49999\n50000\n" });
    expect(reply).toMatchObject({ stdoutBytes: 588_895, stderrBytes: 288_894 });
  });

  test("of 1 GB leaves memory flat", async () => {
    const before = process.memoryUsage().rss;
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
    const reply = await replyOf(sh("head -c 1000000000 /dev/zero; printf end"), { maxBytes: 1_000_000 });
    clearInterval(timer);
    expect(reply).toMatchObject({ exitCode: 0, stdoutBytes: 1_000_000_003 });
    expect(reply.stdout).toHaveLength(1_000_000);
    expect(reply.stdout.endsWith("\0end")).toBe(true);
    expect(peak - before).toBeLessThan(150_000_000);
  });

  test.each([1, 2, 3, 7, 64, 1000])(
    "a tail of any limit equals the end of all pieces (limit %i)",
    (limit) => {
      const all: number[] = [];
      const tail = new Tail(limit);
      for (const size of [0, 1, 5, 2, 64, 3, 130, 1, 1, 9, 700, 0, 400, 33]) {
        const piece = Uint8Array.from({ length: size }, (_, index) => 97 + ((all.length + index) % 26));
        tail.add(piece);
        all.push(...piece);
        expect(tail.text()).toBe(String.fromCharCode(...all.slice(-limit)));
        expect(tail.total).toBe(all.length);
      }
    },
  );

  test("a limit of nothing keeps nothing and counts", () => {
    const tail = new Tail(0);
    tail.add(Buffer.from("abc"));
    expect([tail.text(), tail.total]).toEqual(["", 3]);
  });

  test("a tail begins with a whole character", () => {
    const tail = new Tail(4);
    tail.add(Buffer.from("a€b"));
    expect(tail.text()).toBe("€b");
    tail.add(Buffer.from("c"));
    expect(tail.text()).toBe("bc");
  });
});

describe("the signal", () => {
  /** Fires as soon as the program has written its first word into a file. */
  async function stopWhenBegun(script: string) {
    const begun = join(folder, `begun-${Math.random()}`);
    const controller = new AbortController();
    const failure = failureOf(sh(script.replaceAll("BEGUN", begun)), { signal: controller.signal });
    for (;;) {
      const pids = await readFile(begun, "utf8").catch(() => "");
      if (pids.endsWith("\n")) {
        controller.abort();
        return { failure: await failure, pids: pids.trim().split(" ").map(Number) };
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Resolves when it is gone, or dead and only waiting to be counted by its parent. */
  async function gone(pid: number): Promise<void> {
    for (;;) {
      const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
      if (status === undefined || /\) [ZX] /.test(status)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test("ends the program and everything it started", async () => {
    const { failure, pids } = await stopWhenBegun("sleep 60 & sleep 60 & echo $$ $! > BEGUN; wait");
    expect(failure).toMatchObject({ type: "timeout", target: "/bin/sh", doing: "waiting for its end" });
    expect(effectOf(failure)).toBe("unknown");
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map(gone));
  });

  test("lets a program clean up first", async () => {
    const note = join(folder, "cleaned");
    await stopWhenBegun(
      `trap 'echo yes > ${note}; exit 0' TERM; echo $$ > BEGUN; while :; do sleep 0.02; done`,
    );
    expect(await readFile(note, "utf8")).toBe("yes\n");
  });

  test("ends one that ignores the request, and a child that does after its parent has gone", async () => {
    const { failure, pids } = await stopWhenBegun(
      "(trap '' TERM; while :; do sleep 1; done) & echo $$ $! > BEGUN; sleep 60",
    );
    expect(failure.type).toBe("timeout");
    await Promise.all(pids.map(gone));
  });

  test("that has fired already starts nothing", async () => {
    const note = join(folder, "never");
    const failure = await failureOf(["touch", note], { signal: AbortSignal.abort() });
    expect(failure).toMatchObject({ type: "timeout", effect: "none" });
    await expect(readFile(note)).rejects.toThrow("ENOENT");
  });
});

describe("a program that cannot be started", () => {
  test("is not there", async () => {
    expect(await failureOf(["no-such-program-here"])).toEqual({
      type: "missing",
      target: "no-such-program-here",
      message: "program no-such-program-here not found",
      effect: "none",
    });
  });

  test("may not be executed", async () => {
    const file = join(folder, "plain.txt");
    await writeFile(file, "text", { mode: 0o644 });
    expect(await failureOf([file])).toMatchObject({ type: "denied", target: file, effect: "none" });
  });

  test("has no folder to run in", async () => {
    const failure = await failureOf(["true"], { cwd: join(folder, "nowhere") });
    expect(failure).toMatchObject({ type: "missing", target: join(folder, "nowhere"), effect: "none" });
  });

  test.each([
    ["no program", [""]],
    ["no command", []],
    ["a zero byte", ["echo", "a\0b"]],
    ["more arguments than the system takes", ["echo", "x".repeat(3_000_000)]],
  ])("%s", async (_what, command) => {
    expect(await failureOf(command)).toMatchObject({ type: "argument", effect: "none" });
  });
});

test("a program that reads and writes much at once does not stand still", async () => {
  const input = "x".repeat(2_000_000);
  const reply = await replyOf(node("process.stdin.pipe(process.stdout)"), {
    stdin: input,
    maxBytes: 5_000_000,
  });
  expect(reply.stdout === input).toBe(true);
});
