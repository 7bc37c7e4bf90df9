/** Output that cannot be written is exit 1 with one sentence, whatever the command. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { execPath } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HaltWorld } from "./halt-world.ts";
import { program, Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("look", "steps:\n  - { id: look, http.get: '${platform.services[\"market\"].url}/' }\n");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

type Sink = "a full disk" | "a closed pipe";

/** The program with nowhere to write its result to. */
async function into(sink: Sink, args: readonly string[], where: { cwd: string; env: NodeJS.ProcessEnv }) {
  const full = sink === "a full disk" ? openSync("/dev/full", "w") : undefined;
  const child = spawn(execPath, [program, ...args], { ...where, stdio: ["ignore", full ?? "pipe", "pipe"] });
  if (full !== undefined) closeSync(full);
  child.stdout?.destroy();
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stderr };
}

const why: Readonly<Record<Sink, string>> = {
  "a full disk": "cannot write the output: the disk is full\n",
  "a closed pipe": "cannot write the output: its reader closed the pipe\n",
};

describe.each(["a full disk", "a closed pipe"] as const)("into %s", (sink) => {
  test.each([
    ["list"],
    ["list", "--json"],
    ["lint", "--json"],
    ["show", "look"],
    ["run", "look", "--dry-run"],
    ["schema"],
    ["--help"],
  ])("%s %s", async (...args) => {
    const { code, stderr } = await into(sink, args, { cwd: rig.folder, env: rig.env() });
    expect([code, stderr]).toEqual([1, why[sink]]);
  });

  test("a run comes to its end, and is on record", async () => {
    for (const more of [[], ["--json"]]) {
      rig.server.on("GET /", 200);
      const { code, stderr } = await into(sink, ["run", "look", ...more], {
        cwd: rig.folder,
        env: rig.env(),
      });
      expect([code, stderr]).toEqual([1, expect.stringContaining(why[sink])]);
      expect(rig.records().at(-1)?.type).toBe("run.finished");
    }
  });

  test("a code that says more stays", async () => {
    rig.server.on("GET /", 500);
    rig.runbook("act", "steps:\n  - { id: act, http.post: { url: 'http://127.0.0.1:1/' } }\n");
    const { code, stderr } = await into(sink, ["run", "act", "--json"], { cwd: rig.folder, env: rig.env() });
    expect([code, stderr]).toEqual([3, expect.stringContaining(why[sink])]);
  });

  test("a halt is as it was, but for a code of 0", async () => {
    await using world = await HaltWorld.create(1);
    const args = ["halt-all", "--reason", "a test", "--yes"];
    const env = world.rig.env(world.env());
    const { code, stderr } = await into(sink, args, { cwd: world.rig.folder, env });
    expect([code, stderr]).toEqual([1, expect.stringContaining(why[sink])]);
    expect(world.instances.map((one) => one.halted)).toEqual([true]);
  });
});
