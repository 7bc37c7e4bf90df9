import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { containersOf, engineJson } from "../../sandbox/docker.ts";
import { startContainers } from "../../sandbox/recreate.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { enter } from "../cli/screen.ts";
import { Operator } from "./operator.ts";

// The platform's services are really stopped, what they leave behind is really compared. Nobody sends.

const services = ["gateway", "market-sentinel", "risk-warden", "executioner"];

let stack: Stack;
let operator: Operator;
beforeAll(async () => {
  stack = await sharedStack();
  await stack.reset();
  operator = new Operator(stack);
});
afterAll(async () => await operator?.[Symbol.asyncDispose]());

async function platform() {
  const { dockerHost: host, project } = stack.state;
  const own = await containersOf(host, project);
  return { host, own: own.filter(({ service }) => services.includes(service)) };
}

async function stop(): Promise<void> {
  const { host, own } = await platform();
  for (const { id } of own) await engineJson(host, { method: "POST", path: `/containers/${id}/stop?t=0` });
}

async function start(): Promise<void> {
  const { host, own } = await platform();
  await startContainers(host, own);
  await stack.healthy();
}

it("every service stopped, started again and its positions compared: recovered, and the clock of the RTO is met", async () => {
  const lock = await takeLock(senderLock(operator.state), 0);
  if (!("release" in lock)) throw new Error("somebody sends already");
  await operator.lavIr("declare", "P0", "all is down", "--started", "5m ago", "-q");
  await stop();
  const run = operator.screen("run", "complete-system-failure", "--param", "impact=all is down");
  const dialogue: readonly (readonly [
    question: string | RegExp,
    answer: string,
    before?: () => Promise<void>,
  ])[] = [
    [/halts ALL trading[^?]*\? Do it\? \(y\/N\)/, "y"],
    ["lav-ir run manual-trading", "y"],
    ["Which counterparties know?", "all three"],
    ["How far are they?", ""],
    ["What is lost, what still runs, and since when?", "every service; the stores run"],
    ["Which workarounds are in place?", "none"],
    [/update to stakeholders[^?]*\? Do it\? \(y\/N\)/, "y"],
    ["Are its machines and networks up?", "y"],
    ["Is everything restored?", "y", start],
    ["Is the data checked", "y"],
  ];
  for (const [question, answer, before] of dialogue) {
    await run.shows(question);
    await before?.();
    run.type(`${answer}${enter}`);
  }
  const { code, text } = await run.ended;
  await lock.release();
  expect([code, text]).toEqual([0, expect.stringContaining("every step completed")]);
  const status = await operator.lavIr("status", "--json");
  const figures = status.lines.find(({ type }) => type === "incident.status")?.["figures"];
  const { clocks } = figures as { clocks: readonly { name: string; state: { is: string } }[] };
  expect(clocks.find(({ name }) => name === "rto")?.state).toMatchObject({ is: "met" });
  // How far the restored data goes was read, where nobody stated it.
  const number = `INC-${new Date().getUTCFullYear()}-0001`;
  const facts = readFileSync(join(operator.state, "incidents", number, "journal.ndjson"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"type":"incident.fact"'));
  const stated = facts.map((line) => (JSON.parse(line) as { data: unknown }).data);
  expect(stated).toContainEqual(expect.objectContaining({ name: "recovery-point", how: "measured" }));
});
