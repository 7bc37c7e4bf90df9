/** faults 0.2: the token goes nowhere that nobody said: no platform file, no platform. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forbidding } from "./forbidding.ts";
import { HaltWorld } from "./halt-world.ts";
import { only, program, Rig, Started, type Ended } from "./rig.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Whatever would leave the process, or write a file, ends it with 99. */
const nothing = new URL("preload/offline.mjs", import.meta.url).href;
/** The same of connections alone: a halt asks a process of its own what its disks hold. */
const unconnected = new URL("preload/unconnected.mjs", import.meta.url).href;
const token = { EMERGENCY_TOKEN: "a-token-that-must-stay" };
const look = "steps:\n  - { id: look, http.get: http://127.0.0.1:1/ }\n";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("look", look);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const here = (): string => join(rig.folder, "runbooks/platform.yaml");
const halt = ["halt-all", "--reason", "x", "--yes"];

async function offline(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const forbidden = args[0] === "halt-all" ? "connections" : "everything";
  return await forbidding(forbidden, async () => await rig.run(args, { env: { ...token, ...env } }));
}

/** The same as a process, from its very beginning. */
async function process(args: readonly string[]): Promise<Ended> {
  return await rig.run(args, { preload: args[0] === "halt-all" ? unconnected : nothing, env: token });
}

describe("faults 0.2: without a platform file", () => {
  beforeEach(() => rmSync(here()));

  test.each([
    ["halt-all", ...halt],
    ["halt-all", ...halt, "--json"],
    ["run", "run", "look"],
    ["run", "run", "look", "--dry-run"],
    ["run", "run", "look", "--dry-run", "--live", "--json"],
    ["run", "run", "market-sentinel-down", "--yes"],
    ["trading status", "trading", "status"],
    ["trading resume", "trading", "resume"],
    ["snapshot", "snapshot"],
    ["snapshot", "snapshot", "--plan"],
  ])("%s contacts nobody: exit 2, and what to do (%j)", async (name, ...args) => {
    const { code, stdout, stderr, lines } = await process(args);
    expect(code).toBe(2);
    if (args.includes("--json"))
      expect(lines).toMatchObject([{ type: "error", code: "configuration", exit_code: 2 }]);
    else expect(stdout).toBe("");
    const places = [
      here(),
      join(rig.folder, "platform.yaml"),
      join(rig.folder, ".config/lav-ir/platform.yaml"),
    ];
    const [first, second, third] = stderr.split("\n");
    expect(first).toBe(`no platform file; looked in ${places.join(", ")}`);
    expect(second).toMatch(new RegExp(`^${name} needs one: `));
    expect(third).toContain(`cp ${join(root, "runbooks/platform.yaml")} ${String(places[2])}`);
  });

  test.each([
    ["list"],
    ["schema"],
    ["explain"],
    ["snapshot", "list"],
    ["snapshot", "prune", "--older-than", "90d"],
  ])("%j needs none", async (...args) => {
    mkdirSync(join(rig.folder, "snapshots"));
    expect(await offline(args)).toMatchObject({ code: 0, stderr: expect.not.stringContaining("platform") });
  });

  test("show needs none: what it would say stays open, and no address is made up", async () => {
    for (const args of [
      ["show", "market-sentinel-down"],
      ["show", "market-sentinel-down", "--by-hand"],
    ]) {
      const { code, stdout, stderr } = await offline(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("no platform file: its values are shown as ‹…›");
      expect(stdout).toContain("‹service.url›/health");
      expect(stdout).not.toMatch(/localhost|127\.0\.0\.1/);
    }
  });

  test("lint needs none, and says that names were not checked", async () => {
    const { code, stdout, stderr } = await offline(["lint"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("were not checked: no platform file; looked in");
    const told = only(await offline(["lint", "--json"]), "lint");
    expect(told).toMatchObject({ outcome: "ok", names_checked: false });
  });

  test("the shipped one is not found where it lies, in the program's own folder", async () => {
    const env = rig.env(token);
    const started = spawn(execPath, ["--import", unconnected, program, ...halt], { cwd: root, env });
    const { code, stderr } = await new Started(started).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(`${join(root, "runbooks/platform.yaml")} (the shipped example)`);
  });

  test("an empty LAV_IR_CONFIG is one that is not set", async () => {
    const none = await offline(halt, { LAV_IR_CONFIG: "" });
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no platform file; looked in") as string,
    });
    rig.platform();
    expect(await offline(["run", "look", "--dry-run"], { LAV_IR_CONFIG: "" })).toMatchObject({ code: 0 });
  });

  test.each([halt, ["run", "look"]])(
    "an empty --config is a mistake, and no other file is taken (%j)",
    async (...args) => {
      rig.platform();
      for (const empty of [["--config", ""], ["--config="]]) {
        const { code, stderr } = await offline([...args, ...empty]);
        expect({ code, stderr }).toMatchObject({
          code: 2,
          stderr: expect.stringContaining("--config needs a file") as string,
        });
      }
    },
  );
});

describe("faults 0.2: a platform file that cannot be used is named, and nothing is taken in its place", () => {
  const make: Readonly<Record<string, (path: string) => void>> = {
    "is missing": () => {},
    "is a directory": (path) => mkdirSync(path),
    "is a FIFO": (path) => void spawnSync("mkfifo", [path]),
    "is a link that leads nowhere": (path) => symlinkSync("/nowhere/at/all", path),
    "is a link to itself": (path) => symlinkSync(path, path),
  };

  test.each(Object.keys(make))("one that is named and %s", async (what) => {
    const path = join(rig.folder, "named.yaml");
    make[what]?.(path);
    for (const args of [halt, ["run", "look"], ["lint"]]) {
      for (const given of [
        await offline([...args, "--config", path]),
        await offline(args, { LAV_IR_CONFIG: path }),
      ]) {
        expect(given).toMatchObject({ code: 2, stderr: expect.stringContaining(path) as string });
      }
    }
  });

  test.each(Object.keys(make).slice(1))("one that is found and %s", async (what) => {
    rmSync(here());
    make[what]?.(here());
    rig.file("platform.yaml", "platform: another\nservices: {}\ncompose: { project: x, files: [x.yaml] }\n");
    const { code, stderr } = await offline(halt);
    expect(code).toBe(2);
    expect(stderr).toContain("runbooks/platform.yaml");
    expect(stderr).not.toContain("another");
  });
});

describe("faults 0.2: one that others may change is refused", () => {
  const everywhere = [
    halt,
    ["run", "look"],
    ["run", "look", "--dry-run", "--live"],
    ["trading", "status"],
    ["snapshot"],
  ];

  test.each(everywhere)("by %j, with owner, mode and what mends it", async (...args) => {
    chmodSync(here(), 0o666);
    const { code, stderr } = await offline(args);
    expect(code).toBe(2);
    expect(stderr).toContain("the platform file runbooks/platform.yaml is refused");
    expect(stderr).toMatch(/is owned by \S+ and has mode 0666: everybody can write to it/);
    expect(stderr).toContain(`chmod go-w ${here()}`);
    chmodSync(here(), 0o644);
  });

  test("a folder in which anybody may exchange it, its own or one above", async () => {
    const above = join(rig.folder, "above");
    mkdirSync(join(above, "etc"), { recursive: true });
    const path = join(above, "etc/platform.yaml");
    renameSync(here(), path);
    for (const open of [above, join(above, "etc")]) {
      chmodSync(open, 0o777);
      const { code, stderr } = await offline([...halt, "--config", path]);
      expect(code).toBe(2);
      expect(stderr).toContain(`the folder ${open} is owned by`);
      expect(stderr).toContain(`chmod go-w ${open}`);
      chmodSync(open, 0o755);
    }
    expect(await offline(["run", "look", "--dry-run", "--config", path])).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test("a link to it out of a safe place, and one that leads into an unsafe one", async () => {
    const open = join(rig.folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    renameSync(here(), join(open, "platform.yaml"));
    symlinkSync("../open/platform.yaml", here());
    const { code, stderr } = await offline(halt);
    expect(code).toBe(2);
    expect(stderr).toContain(`the folder ${open}`);
    // In a sticky folder nobody takes another's entry away.
    chmodSync(open, 0o1777);
    expect(await offline(["run", "look", "--dry-run"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("lint, show and a dry run, which contact nobody, only warn", async () => {
    chmodSync(here(), 0o666);
    for (const args of [["lint"], ["show", "look"], ["run", "look", "--dry-run"]]) {
      const { code, stderr } = await offline(args);
      expect(code).toBe(0);
      expect(stderr).toContain("warning: the platform file runbooks/platform.yaml would be refused");
    }
  });
});

describe("faults 0.2: the platform file in use", () => {
  test("is named in the first line of a run, and with --json in run.started", async () => {
    const { stderr } = await rig.run(["run", "look"]);
    expect(stderr.split("\n")[0]).toBe("platform rig, from runbooks/platform.yaml");
    const started = only(await rig.run(["run", "look", "--json"]), "run.started");
    expect(started).toMatchObject({ platform: "rig", platform_file: "runbooks/platform.yaml" });
  });

  test("is named by halt-all, trading status and snapshot", async () => {
    await using world = await HaltWorld.inside(1);
    for (const args of [[...halt], ["trading", "status"], ["snapshot", "--only", "host"]]) {
      const { stderr } = await world.rig.run(args, { env: world.env() });
      expect(stderr.split("\n")[0]).toBe("platform world, from runbooks/platform.yaml");
      const { lines } = await world.rig.run([...args, "--json"], { env: world.env() });
      expect(lines[0]).toMatchObject({ type: "header", platform_file: "runbooks/platform.yaml" });
    }
  });

  test("what a halt has kept of it is good for that very file, and while it may be used", async () => {
    await using world = await HaltWorld.inside(1);
    const file = join(world.rig.folder, "runbooks/platform.yaml");
    const kept = join(world.rig.state, "platforms");
    expect(await world.rig.run(halt, { env: world.env() })).toMatchObject({ code: 0 });
    expect(readdirSync(kept)).toHaveLength(1);
    const before = world.asked();
    chmodSync(file, 0o666);
    const refused = await world.rig.run(halt, { env: world.env() });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Nothing was sent") as string });
    rmSync(file);
    const gone = await world.rig.run(halt, { env: world.env() });
    expect(gone).toMatchObject({ code: 2, stderr: expect.stringContaining("no platform file") as string });
    // A folder of that name is no file, whatever was kept.
    writeFileSync(join(world.rig.folder, "elsewhere"), "");
    symlinkSync("../elsewhere", file);
    expect(await world.rig.run(halt, { env: world.env() })).toMatchObject({ code: 2 });
    expect(world.asked()).toBe(before);
  });
});
