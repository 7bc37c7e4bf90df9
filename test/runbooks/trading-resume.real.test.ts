import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { person, type Person } from "../cli/people.ts";
import { program, type Line } from "../cli/rig.ts";
import { enter, Screen, type Place } from "../cli/screen.ts";
import { sharedStack } from "../stack/shared.ts";
import type { Stack } from "../stack/stack.ts";

let stack: Stack;
let folder: string;
let config: string;
let alice: Person;
let bob: Person;
let screens: Screen[] = [];

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  folder = mkdtempSync(join(tmpdir(), "lav-ir-resume-"));
  [alice, bob] = [person({ folder }, "alice"), person({ folder }, "bob")];
  // Beside the stack's own: its Compose file is named relative to it.
  config = join(stack.folder, "platform-two-people.yaml");
  const names = [alice, bob].map(({ login, publicKey }) => `  ${login}: [${publicKey}]\n`);
  writeFileSync(config, `${readFileSync(stack.platformFile, "utf8")}approvers:\n${names.join("")}`);
});
afterEach(() => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => rmSync(config, { force: true }));

function at(who: Person): Place {
  const { PATH = "" } = process.env;
  const state = { LAV_IR_STATE_DIR: join(folder, `state-${who.login}`), LAV_IR_CONFIG: config };
  return { folder, env: (more = {}) => ({ PATH, ...stack.env, ...who.env, ...state, ...more }) };
}

function screen(who: Person, ...args: readonly string[]): Screen {
  const opened = new Screen(at(who), args, { columns: 160, rows: 50 });
  screens.push(opened);
  return opened;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function lavIr(who: Person, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: at(who).env(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

async function halt(): Promise<void> {
  const { code, stdout, stderr } = await lavIr(alice, "halt-all", "--reason", "exercise", "--yes");
  expect([code, stdout + stderr]).toEqual([0, expect.stringContaining("PROVEN")]);
}

/** The newest request that alice's run has put beside its journal, as a copy that bob was sent. */
function requestFile(): string {
  const runs = join(folder, "state-alice", "runs");
  const files = readdirSync(runs, { recursive: true }).map(String);
  const file =
    files
      .filter((name) => name.endsWith(".request.txt"))
      .toSorted()
      .at(-1) ?? "";
  const copy = join(folder, "sent-to-bob.txt");
  writeFileSync(copy, readFileSync(join(runs, file), "utf8"));
  return copy;
}

async function signedByBob(): Promise<string> {
  const file = requestFile();
  const digest = /digest: (\w+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  const { code, stdout, stderr } = await lavIr(bob, "approve", file, "--approve", digest);
  expect([code, stderr]).toEqual([0, expect.stringContaining("everywhere: trading.resume")]);
  return stdout.trim();
}

async function stages(): Promise<readonly unknown[]> {
  const urls = [stack.url("executioner", 1), stack.url("executioner", 2)];
  return await Promise.all(
    urls.map(async (url) => {
      const reply = await fetch(`${url}/api/emergency/status`);
      return ((await reply.json()) as { stage: unknown }).stage;
    }),
  );
}

function journal(): readonly Line[] {
  const runs = join(folder, "state-alice", "runs");
  const run =
    readdirSync(runs)
      .filter((name) => name.startsWith("RUN-"))
      .toSorted()
      .at(-1) ?? "";
  return readFileSync(join(runs, run, "journal.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

describe("trading resume on the real stack", () => {
  it("goes by two people from reduce-only to one venue to all, each stage looked at before the next", async () => {
    await halt();
    expect(await stages()).toEqual(["halted", "halted"]);
    const run = screen(alice, "trading", "resume", "--venue", "ATLAS", "--watch", "2s");
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    expect(await stages()).toEqual(["halted", "halted"]);
    run.type(`${await signedByBob()}${enter}`);
    await run.shows("Type ATLAS to do it");
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
    run.type(`ATLAS${enter}`);
    await run.shows("Type all to do it");
    expect(await stages()).toEqual(["venue", "venue"]);
    run.type(`all${enter}`);
    const { code, text } = await run.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("completed")]);
    expect(await stages()).toEqual(["trading", "trading"]);
    const seconds = journal().filter((line) => {
      const { how, decision } = line["data"] as Readonly<Record<string, unknown>>;
      return line.type === "approval" && how === "second-person" && decision === "granted";
    });
    expect(seconds.map((line) => (line["data"] as { step: string }).step)).toEqual([
      "reduce_only",
      "one_venue",
      "everywhere",
    ]);
  }, 120_000);

  it("asks for a new approval when the first has expired midway", async () => {
    await halt();
    const shipped = readFileSync(new URL("../../runbooks/trading-resume.yaml", import.meta.url), "utf8");
    const short = shipped.replace("  - id: reduce_only\n", "  - id: reduce_only\n    expires: 25s\n");
    mkdirSync(join(folder, "books"));
    const book = join(folder, "books", "trading-resume.yaml");
    writeFileSync(book, short);
    const run = screen(alice, "run", book, "--param", "venue=ATLAS", "--param", "watch=1s");
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    run.type(`${await signedByBob()}${enter}`);
    await run.shows("Type ATLAS to do it");
    const expires = Date.parse(/expires: (\S+)/.exec(readFileSync(requestFile(), "utf8"))?.[1] ?? "");
    await expect.poll(() => Date.now(), { timeout: 30_000 }).toBeGreaterThan(expires);
    run.type(`ATLAS${enter}`);
    await run.shows("Paste the line it prints");
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
    run.type(`no${enter}`);
    const { code } = await run.ended;
    expect(code).toBe(3);
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
  }, 120_000);

  it("does not begin while the platform's positions are not the venues'", async () => {
    await halt();
    await stack.fault("venues", { fault: "misreport", until: "cleared", venue: "ATLAS" });
    await expect
      .poll(async () => (await lavIr(alice, "trading", "resume", "--venue", "ATLAS")).stdout)
      .toContain("at ATLAS: the platform has");
    expect(await stages()).toEqual(["halted", "halted"]);
  }, 60_000);

  it("says what of the cause is open, and stops: exit 3", async () => {
    mkdirSync(join(folder, "state-alice", "incidents", "INC-2026-0001"), { recursive: true });
    writeFileSync(join(folder, "state-alice", "incidents", "INC-2026-0001", "journal.ndjson"), "");
    await halt();
    const { code, stdout } = await lavIr(alice, "trading", "resume", "--venue", "ATLAS");
    expect([code, stdout]).toEqual([3, expect.stringContaining("incident INC-2026-0001 is not resolved")]);
    expect(await stages()).toEqual(["halted", "halted"]);
  }, 60_000);
});
