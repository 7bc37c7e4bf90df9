// faults 0.1: the halt waits for no disk.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beforeTheFirstByte } from "../../src/app/halt/start.ts";
import { provenState } from "../../src/store/incidents.ts";
import { declareIncident } from "../store/incident.ts";
import { HaltWorld } from "./halt-world.ts";
import { program, type Ended, type StartOptions } from "./rig.ts";

let world: HaltWorld;
beforeEach(async () => {
  world = await HaltWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const plain = ["halt-all", "--reason", "a test", "--yes"];
const preload = new URL("preload/disk.mjs", import.meta.url).href;

async function halt(args: readonly string[] = plain, options: StartOptions = {}): Promise<Ended> {
  return await world.rig.run(args, { ...options, env: world.env(options.env) });
}

function incident(name = "INC-2026-0001"): string {
  const folder = join(world.rig.state, "incidents", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, "journal.ndjson");
}

interface Touched {
  readonly pid: number;
  readonly what: string;
  readonly path: string;
}

function touched(log: string): readonly Touched[] {
  return readFileSync(log, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [pid = "", what = "", ...path] = line.split(" ");
      return { pid: Number(pid), what, path: path.join(" ") };
    });
}

describe("faults 0.1: before the first byte", () => {
  test(`nothing but: ${beforeTheFirstByte.join(", ")}`, async () => {
    const [log, token] = ["log", "token"].map((name) => join(world.rig.folder, name)) as [string, string];
    writeFileSync(token, "a-good-token\n");
    incident();
    const env = { DISK_LOG: log, EMERGENCY_TOKEN: "", EMERGENCY_TOKEN_FILE: token };
    const started = world.rig.start(plain, { preload, env: world.env(env) });
    expect((await started.ended).code).toBe(0);
    const own = touched(log).filter(({ pid }) => pid === started.child.pid);
    const before = own.slice(
      0,
      own.findIndex(({ what }) => what === "connect"),
    );
    const home = join(program, "../..");
    const platform = join(world.rig.folder, "runbooks/platform.yaml");
    // Who it runs as, and whose the folders above the platform file are.
    const given = new Set(["/etc/passwd", ...above(platform)]);
    const paths = before
      .filter(({ what }) => what !== "connect")
      .map(({ path }) => resolve(world.rig.folder, path))
      .filter((path) => !path.startsWith(home) && !given.has(path));
    expect([...new Set(paths)].toSorted()).toEqual([platform, token].toSorted());
    // Nor afterwards: whoever waits for a disk cannot end.
    expect(own.filter(({ path }) => path.startsWith(world.rig.state))).toEqual([]);
  });

  test("a state folder that never answers: the halt is out, proof and receipt come, and it ends", async () => {
    const { code, stdout } = await halt(plain, { preload, env: { DISK_HANGS: world.rig.state } });
    expect([code, world.asked()]).toEqual([0, 2]);
    expect(stdout).toMatch(/^PROVEN: /);
    const trying =
      /NOT RECORDED: the disk of \S+ does not answer; do not wait for it: process (\d+) keeps trying/.exec(
        stdout,
      );
    // It would do so for its ten minutes: this disk never comes back.
    expect(process.kill(Number(trying?.[1]), "SIGKILL")).toBe(true);
  });

  test.each([
    ["a named pipe", (path: string) => execFileSync("mkfifo", [path])],
    ["a symbolic link to /dev/zero", (path: string) => symlinkSync("/dev/zero", path)],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("the newest incident's journal is %s: the halt is out, and it is said", async (what, make) => {
    const path = incident();
    make(path);
    const { code, stderr } = await halt();
    expect([code, world.asked()]).toEqual([0, 2]);
    expect(stderr).toContain(`cannot tell whether an incident is open: ${path} is ${what}`);
    expect(stderr).toContain("receipt: ");
  });

  test("a state folder below /proc is one that cannot be made", async () => {
    const { code, stdout } = await halt([...plain, "--state-dir", "/proc/x"]);
    expect([code, world.asked()]).toEqual([0, 2]);
    expect(stdout).toContain("NOT RECORDED: cannot create its folder");
  });

  test.each([
    ["a device", () => "/dev/zero", "it is a device, not a file or a pipe"],
    ["a directory", () => world.rig.folder, "it is a directory, not a file or a pipe"],
    ["a pipe that nobody writes to", () => made("pipe"), "nobody wrote to this pipe within 1 s"],
    ["a file of the kernel without an end", () => "/proc/kmsg", "it"],
    ["a file that is too long", () => long("token"), "it is longer than 64 KiB"],
  ])("the token's file is %s: exit 2, and why", async (_what, file, says) => {
    const path = file();
    const { code, stderr } = await halt(plain, { env: { EMERGENCY_TOKEN: "", EMERGENCY_TOKEN_FILE: path } });
    expect([code, world.asked()]).toEqual([2, 0]);
    expect(stderr).toContain(`cannot read the emergency token from ${path}: ${says}`);
    expect(stderr).toContain("Nothing was sent.");
  });

  test("a platform file that never answers: that is said, and exit 2", async () => {
    const env = { DISK_HANGS: "runbooks/platform.yaml" };
    const { code, stderr } = await halt([...plain, "--config", "runbooks/platform.yaml"], { preload, env });
    expect([code, world.asked()]).toEqual([2, 0]);
    expect(stderr).toContain("runbooks/platform.yaml has not been read after 1 s: its disk does not answer");
    expect(stderr).toContain("cannot read the platform file from runbooks/platform.yaml: its disk has not");
  });
});

describe("the record of a halt, by a process of its own", () => {
  test("has the times at which things happened, and nothing of the token", async () => {
    const { code } = await halt();
    expect(code).toBe(0);
    const [id = ""] = readdirSync(join(world.rig.state, "halts"));
    const text = readFileSync(join(world.rig.state, "halts", id, "journal.ndjson"), "utf8");
    const records = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { time: string; data: { started?: string } });
    expect(records[0]?.time).toBe(records.at(-1)?.data.started);
    expect(text).not.toContain("a-good-token");
  });

  test("links the incident that was not known in time, and says of each order what came of it", async () => {
    const journal = declareIncident(world.rig.state, "INC-2026-0001");
    const { state } = world.rig;
    const halt = "HALT-20260101-000000-000000";
    const time = "2026-01-01T00:00:00.000Z";
    const orders = [
      { order: "begin", state, halt },
      { order: "record", record: { type: "halt.intent", data: { reason: "a test" } }, time },
      { order: "receipt", receipt: { outcome: "PROVEN" }, text: "PROVEN\n", time },
    ];
    const words = execFileSync(process.execPath, [program, "--keep-halt-record"], {
      input: orders.map((order) => `${JSON.stringify(order)}\n`).join(""),
      env: world.rig.env(),
      encoding: "utf8",
    });
    expect(words).toBe("{}\n{}\n{}\n");
    expect(readFileSync(journal, "utf8")).toContain(`"halt":"${halt}"`);
    expect(readFileSync(join(state, "halts", halt, "receipt.txt"), "utf8")).toBe("PROVEN\n");
    expect(await provenState(state, halt)).toBe("open");
    expect(await provenState(state, `${halt}1`)).toBe("unknown");
  });
});

function above(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...above(folder)];
}

function made(name: string): string {
  const path = join(world.rig.folder, name);
  execFileSync("mkfifo", [path]);
  return path;
}

function long(name: string): string {
  const path = join(world.rig.folder, name);
  writeFileSync(path, "x".repeat(70_000));
  return path;
}
