import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { declareIncident } from "../store/incident.ts";
import { HaltWorld } from "./halt-world.ts";
import { only } from "./rig.ts";

let world: HaltWorld;
beforeEach(async () => {
  world = await HaltWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** Halts, and names the halt. */
async function halt(code: number): Promise<string> {
  const args = ["halt-all", "--reason", "fills without orders", "--yes", "--json"];
  const ended = await world.rig.run(args, { env: world.env() });
  expect(ended.code).toBe(code);
  return String(only(ended, "halt.sent")["halt"]);
}

/** Takes a snapshot of what this machine has on record. */
async function bundle(...more: readonly string[]): Promise<string> {
  const sets = ["--only", "journal.records,runs.files,halts.records"];
  const ended = await world.rig.run(["snapshot", ...sets, "--json", ...more], { env: world.env() });
  expect(ended.stderr).toBe("");
  return String(only(ended, "snapshot.sealed")["path"]);
}

function filesIn(path: string): readonly string[] {
  const names = execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).trim().split("\n");
  return names.flatMap((name) => /\/data\/(.+[^/])$/.exec(name)?.[1] ?? []);
}

function read(path: string, file: string): string {
  const args = ["-xzOf", path, "--wildcards", `*/${file}`];
  return execFileSync("tar", args, { encoding: "utf8" });
}

test("a snapshot has the halt's journal and its receipt, and its timeline what was done", async () => {
  const id = await halt(0);
  const path = await bundle();
  const of = (name: string): string => `halts/${id}/${name}`;
  expect(filesIn(path)).toEqual(
    expect.arrayContaining(["journal.ndjson", "receipt.json", "receipt.txt"].map(of)),
  );
  expect(read(path, `data/${of("receipt.txt")}`)).toMatch(/^PROVEN: trading is halted/);
  const report = read(path, "report.html");
  expect(report).toContain("halt.intent");
  expect(report).toMatch(/halt\.receipt PROVEN/);
});

test("with an incident open its journal has the receipt, and a halt of it is there however old it is", async () => {
  const incident = "INC-2026-0007";
  declareIncident(world.rig.state, incident);
  const id = await halt(0);
  const before = new Date(Date.now() - 86_400_000);
  utimesSync(join(world.rig.state, "halts", id, "journal.ndjson"), before, before);
  const path = await bundle("--since", "1m");
  expect(path).toContain(incident);
  const found = filesIn(path);
  expect(found).toEqual(expect.arrayContaining([`journal/${incident}.ndjson`, `halts/${id}/receipt.txt`]));
  expect(found).toContain(`runs/${incident}/${id}.receipt.txt`);
  expect(read(path, `data/journal/${incident}.ndjson`)).toContain('"type":"halt.receipt"');
});

test("a halt of long ago, outside of an incident, is left out", async () => {
  const id = await halt(0);
  const before = new Date(Date.now() - 86_400_000);
  utimesSync(join(world.rig.state, "halts", id, "journal.ndjson"), before, before);
  expect(filesIn(await bundle()).filter((name) => name.startsWith("halts/"))).toEqual([]);
});

test("what was less than proven, and a halt without a receipt, are findings", async () => {
  world.open = [
    {
      order_id: "V1",
      client_order_id: "O1",
      strategy: "carry",
      symbol: "SPX",
      side: "buy",
      quantity: 1,
      time_in_force: "DAY",
      placed_at: new Date().toISOString(),
    },
  ];
  world.venue.on("POST /venues/ATLAS/halt", () => ({ status: 500, json: {} }));
  const id = await halt(1);
  const lost = join(world.rig.state, "halts", "HALT-20260101-000000-000000");
  mkdirSync(lost, { mode: 0o700 });
  const journal = readFileSync(join(world.rig.state, "halts", id, "journal.ndjson"), "utf8");
  writeFileSync(join(lost, "journal.ndjson"), `${journal.split("\n")[0]}\n`);
  const report = read(await bundle(), "report.html");
  expect(report).toContain(`${id} is PARTIAL: ATLAS holds order O1 open`);
  expect(report).toContain("HALT-20260101-000000-000000 has no receipt");
});
