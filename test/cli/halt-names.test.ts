import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { givenUp, HaltWorld } from "./halt-world.ts";

let world: HaltWorld;
beforeEach(async () => void (world = await HaltWorld.create()));
afterEach(async () => await world[Symbol.asyncDispose]());

test("faults 0.1: a name that is never resolved keeps no other instance's halt waiting, and is named at the end", async () => {
  const [one, two] = world.instances;
  const port = new URL(two?.server.url ?? "").port;
  world.platform("", world.instances, givenUp);
  const file = join(world.rig.folder, "runbooks/platform.yaml");
  const lost = `http://lost.example:${port}`;
  world.rig.file(
    "runbooks/platform.yaml",
    readFileSync(file, "utf8").replaceAll(two?.server.url ?? "", lost),
  );
  // The engine knows the one container alone: the other instance is somewhere else.
  world.containers = world.containers.slice(0, 1);
  const log = join(world.rig.folder, "lookups");
  const preload = new URL("preload/names.mjs", import.meta.url).href;
  const env = world.env({ NAMES_HANG: "lost.example", NAMES_LOG: log });
  const ended = await world.rig.run(["halt-all", "--reason", "a test", "--yes"], { preload, env });
  // The lookup began and never ended; the halt of the other came all the same, once, and the proof of it.
  expect(readFileSync(log, "utf8")).toContain("lost.example\n");
  expect([one?.asked(), two?.asked()]).toEqual([1, 0]);
  expect(one?.halted).toBe(true);
  // What could not be told is told by name; the venue itself takes no orders any more, so it is proven.
  expect(ended.stderr).toMatch(/not enough: http:\/\/lost\.example:\d+: .* timed out after/);
  expect([world.closed, ended.code]).toEqual([true, 0]);
  expect(ended.stdout).toMatch(/^PROVEN[^]*exceptions\n {2}http:\/\/lost\.example:\d+: /);
});
