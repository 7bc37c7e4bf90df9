import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outcome, step } from "../cli/rig.ts";
import { Night } from "./night.ts";

// The protocols of P0 and P1 as their runbooks do them.

test("p0-response halts, keeps evidence and tells everybody, each against its minute", async () => {
  await using night = await Night.begin();
  await night.types("declare", "P0", "orders rejected", "-q");
  await night.accepted();
  await night.types("role", "commander", "bob");
  await night.types("fact", "bridge");
  const paged = night.queued().length;
  const ended = await night.runs("p0-response");
  expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
  expect(night.world.asked()).toBe(2);
  // Whom `declare` has paged is not paged again.
  expect(step(ended, "alert")["outcome"]).toBe("skipped");
  const told = night.queued().slice(paged);
  expect(told.map(({ kind, channel, person, level }) => [kind, channel, person, level])).toEqual([
    ["update", "sms", "max", "executives"],
    ["update", "sms", "eve", "executives"],
    ["update", "war-room", undefined, "P0"],
  ]);
  await night.accepted();
  expect(night.clocks()).toMatchObject({
    alerted: "met",
    halted: "met",
    evidence: "met",
    commander: "met",
    bridge: "met",
    executives: "met",
    answered: "running",
    updates: "running",
  });
});

test("p0-response without an incident halts all the same, and says what opens one", async () => {
  await using night = await Night.begin();
  const ended = await night.runs("p0-response");
  expect([ended.code, night.world.asked()]).toEqual([1, 2]);
  expect(step(ended, "halt")["outputs"]).toMatchObject({ verdict: "PROVEN" });
  expect(step(ended, "now")["message"]).toBe('no incident is open; lav-ir declare P0 "impact" opens one');
  // What it did belongs to the incident that is then declared.
  const declared = await night.types("declare", "P0", "orders rejected", "--json");
  const [run = ""] = night.world.rig.runs();
  expect(declared.lines.find(({ type }) => type === "incident.declared")?.["adopted"]).toEqual([run]);
  expect(night.clocks()).toMatchObject({ halted: "met", evidence: "running" });
});

test("p0-response pages whom nobody has paged, behind the halt, and a person tells it the rest", async () => {
  await using night = await Night.begin();
  const path = join(night.world.rig.folder, "runbooks/platform.yaml");
  const platform = readFileSync(path, "utf8");
  // As long as the file named nobody, `declare` could page nobody.
  night.world.rig.file("runbooks/platform.yaml", platform.replaceAll(/^    page:\n(?:      - .*\n)+/gm, ""));
  await night.types("declare", "P0", "all venues", "-q");
  expect(night.queued()).toEqual([]);
  night.world.rig.file("runbooks/platform.yaml", platform);
  const ended = await night.runs("p0-response");
  expect(night.queued().map(({ channel, person }) => [channel, person])).toEqual([
    ["war-room", undefined],
    ["on-call", undefined],
    ["sms", "rosa"],
    ["sms", "max"],
  ]);
  const types = night.lines().map(({ type, data }) => `${type} ${String(data["step"])}`);
  const page = night.lines().findIndex(({ type }) => type === "message.queued");
  expect(types.indexOf("step.outcome halt")).toBeLessThan(page);
  // No provider has taken a page: somebody has to telephone, and nobody sits here.
  expect(ended.code).toBe(3);
  expect(step(ended, "telephone")["message"]).toContain("Telephone");
  expect(night.clocks()).toMatchObject({ alerted: "running", halted: "met" });
});

test("p1-response alerts, has the impact assessed, and tells stakeholders within the hour", async () => {
  await using night = await Night.begin();
  await night.types("declare", "P1", "orders slow", "-q");
  await night.types("fact", "assessed", "one venue");
  await night.types("mitigated", "routed around it");
  const paged = night.queued().length;
  const ended = await night.runs("p1-response");
  expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
  expect(night.queued().slice(paged)).toMatchObject([{ kind: "update", channel: "sms", person: "eve" }]);
  await night.accepted();
  expect(night.clocks()).toMatchObject({
    alerted: "met",
    assessed: "met",
    mitigation: "met",
    stakeholders: "met",
  });
});

test("p1-response asks a person for the assessment", async () => {
  await using night = await Night.begin();
  await night.types("declare", "P1", "orders slow", "-q");
  const ended = await night.runs("p1-response");
  expect([ended.code, step(ended, "assessment")["outcome"]]).toEqual([3, "failed"]);
});
