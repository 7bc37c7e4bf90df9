import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createCommandSecrets } from "../../../src/app/context/command-secrets.ts";
import { temporaryFolder } from "../../program.ts";

const never = new AbortController().signal;
const PATH = process.env["PATH"] ?? "";

/** A folder with a program of this text, and the secrets of a process that asks it. */
function asking(script: string, more: { patience?: number; again?: number } = {}, env = {}) {
  const folder = temporaryFolder();
  const program = join(folder, "op");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const secrets = createCommandSecrets({ env: { PATH, ...env }, stop: never, ...more });
  const read = async (...command: string[]) =>
    await secrets.read({ type: "command", command: command.length === 0 ? ["./op"] : command, folder });
  return { folder, secrets, read };
}

test.each([
  ["printf 'violet-harbour'", "violet-harbour"],
  ["echo violet-harbour", "violet-harbour"],
  ["printf 'violet-harbour\\r\\n'", "violet-harbour"],
  ["printf '\\357\\273\\277violet-harbour\\n'", "violet-harbour"],
  ["printf ' violet harbour \\n'", " violet harbour "],
  [
    "printf -- '-----BEGIN KEY-----\\nabc\\n-----END KEY-----\\n'",
    "-----BEGIN KEY-----\nabc\n-----END KEY-----",
  ],
])("%s: one line break is taken off its end, and nothing else", async (script, value) => {
  const { read, secrets } = asking(script);
  expect(await read()).toEqual({ ok: true, value });
  expect(secrets.values()).toEqual([value]);
});

test.each([
  ["exit 0", "it printed nothing"],
  ["echo", "it printed nothing"],
  ["printf 'sEcret-a\\n\\n'", "it contains a line break (U+000A); a secret is one line of text"],
  ["printf 'sEcret-a\\nsEcret-b\\n'", "it contains a line break (U+000A); a secret is one line of text"],
  ["printf 'sEcret\\033-a'", "it contains a control character (U+001B); a secret is one line of text"],
  ["printf '\\377\\376s\\000E\\000'", "it printed something that is not UTF-8"],
  ["printf 's\\000E\\000c\\000'", "it contains a NUL (U+0000); a secret is one line of text"],
  ["head -c 65537 /dev/zero | tr '\\0' s", "it printed more than 64 KiB"],
  ["echo sEcret-a; exit 3", "it exited with 3"],
  ["echo sEcret-a; echo '[ERROR] not signed in' >&2; exit 1", "it exited with 1: [ERROR] not signed in"],
  ["echo sEcret-a; echo 'got sEcret-a' >&2; exit 1", "it exited with 1"],
  ["kill -9 $$", "it was killed by SIGKILL"],
])("%s: %s", async (script, why) => {
  const { read, secrets } = asking(script);
  expect(await read()).toEqual({ ok: false, failure: why });
  expect(secrets.values()).toEqual([]);
});

test("what it says of a failure is short, and has no secret of another command in it", async () => {
  const { read } = asking(
    'case "$1" in a) echo violet-harbour;; *) echo "with violet-harbour $1" >&2; exit 1; esac',
  );
  await read("./op", "a");
  const failed = await read("./op", "x".repeat(500));
  const said = failed.ok ? "" : failed.failure;
  expect(said).toMatch(/^it exited with 1: with ‹secret:known:[0-9a-f]{8}› x+…$/);
  expect(said.length).toBeLessThan(230);
});

test.each([
  [["op-that-is-nowhere"], "PATH has no such program"],
  [["./nothing"], "there is no such program"],
  [["./plain"], "it is not executable"],
])("%j is named before anything ran", async (command, failure) => {
  const { read, folder } = asking("");
  writeFileSync(join(folder, "plain"), "");
  expect(await read(...command)).toEqual({ ok: false, failure });
});

test("one that does not end is ended with its children, though memory is cleared meanwhile", async () => {
  const { read, folder } = asking("sleep 20 & echo $! >child; echo $$ >self; wait", { patience: 1000 });
  setFlagsFromString("--expose-gc");
  const clear = runInNewContext("gc") as () => void;
  const came = read();
  while (!existsSync(join(folder, "self"))) await new Promise((resolve) => setTimeout(resolve, 5));
  clear();
  expect(await came).toEqual({ ok: false, failure: "it did not end within 1 s" });
  const alive = ["child", "self"].filter((name) => {
    const path = join(folder, name);
    return existsSync(path) && existsSync(`/proc/${readFileSync(path, "utf8").trim()}/fd/0`);
  });
  expect(alive).toEqual([]);
});

test("it runs once, whoever asks, and however many at the same time", async () => {
  const { read, folder } = asking("echo run >>runs; echo violet-harbour");
  await Promise.all([read(), read()]);
  await read();
  expect(readFileSync(join(folder, "runs"), "utf8")).toBe("run\n");
});

test("a failure stands for a while; then it is asked again, and nobody waits for that", async () => {
  const failing = "echo run >>runs; [ -e ready ] || exit 1; echo violet-harbour";
  const patient = asking(failing);
  await patient.read();
  await patient.read();
  expect(readFileSync(join(patient.folder, "runs"), "utf8")).toBe("run\n");
  const eager = asking(failing, { again: 0 });
  expect((await eager.read()).ok).toBe(false);
  writeFileSync(join(eager.folder, "ready"), "");
  let came = await eager.read();
  expect(came.ok).toBe(false);
  while (!came.ok) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    came = await eager.read();
  }
  expect(came.value).toBe("violet-harbour");
});

test("it gets this environment less the secrets in it, runs in the file's folder, and nobody types", async () => {
  const env = { OP_SESSION: "abc", EMERGENCY_TOKEN: "t0ken", DATABASE_URL: "postgres://u:p@h/d" };
  const { read, folder } = asking("env >seen; pwd >where; cat; echo violet-harbour", {}, env);
  expect((await read()).ok).toBe(true);
  const seen = readFileSync(join(folder, "seen"), "utf8");
  expect(seen).toContain("OP_SESSION=abc");
  expect(seen).not.toMatch(/EMERGENCY_TOKEN|DATABASE_URL/);
  expect(readFileSync(join(folder, "where"), "utf8").trim()).toBe(folder);
});

test("an interruption ends it", async () => {
  const stop = new AbortController();
  const folder = temporaryFolder();
  const secrets = createCommandSecrets({ env: { PATH }, stop: stop.signal });
  const came = secrets.read({ type: "command", command: ["sh", "-c", "touch begun; sleep 600"], folder });
  while (!existsSync(join(folder, "begun"))) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  expect(await came).toEqual({ ok: false, failure: "it was interrupted" });
});
