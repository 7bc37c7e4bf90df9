import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { createClock } from "../../src/drivers/clock.ts";
import { fileStore } from "../../src/store/file-store.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { write } from "../app/incident/queue.ts";
import { Operator } from "./operator.ts";

// The protocol of a P0 on the platform itself, with its database, its broker and two executioners. Nobody sends:
// what the providers took is put on record here.

const first = `INC-${new Date().getUTCFullYear()}-0001`;

let stack: Stack;
let operator: Operator;
beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  await operator?.[Symbol.asyncDispose]();
  operator = new Operator(stack);
});
afterAll(async () => await operator?.[Symbol.asyncDispose]());

/** Every message that is queued is taken by its provider. */
async function accepted(): Promise<void> {
  const store = fileStore({ state: operator.state, actor: "ada", host: hostname() }, createClock());
  const records = (await store.read({ incident: first }))?.records ?? [];
  const keys = records.flatMap((record) => (record.type === "message.queued" ? [record.data.key] : []));
  await write(
    operator.state,
    keys.map((key) => ({ type: "message.result", data: { key, n: 1, outcome: "accepted" } })),
    { id: first },
  );
}

it("halts and proves it, seals a snapshot, and every clock of the first fifteen minutes is met", async () => {
  const lock = await takeLock(senderLock(operator.state), 0);
  if (!("release" in lock)) throw new Error("somebody sends already");
  try {
    await operator.lavIr("declare", "P0", "orders rejected", "-q");
    await accepted();
    await operator.lavIr("role", "commander", "bob");
    await operator.lavIr("fact", "bridge");
    const ended = await operator.lavIr(
      "run",
      "p0-response",
      "--param",
      "impact=orders rejected",
      "--yes",
      "--json",
    );
    expect(ended.outcome).toMatchObject({ outcome: "completed", exit_code: 0 });
    const halt = ended.lines.find((line) => line.type === "step.finished" && line["step"] === "halt");
    expect(halt?.["outputs"]).toMatchObject({ verdict: "PROVEN" });
    await accepted();
    const status = await operator.lavIr("status", "--json");
    const figures = status.lines.find(({ type }) => type === "incident.status")?.["figures"];
    const { clocks } = figures as { clocks: readonly { name: string; state: { is: string } }[] };
    const states = Object.fromEntries(clocks.map(({ name, state }) => [name, state.is]));
    const met = ["alerted", "halted", "evidence", "commander", "bridge", "executives"];
    expect(states).toMatchObject(Object.fromEntries(met.map((name) => [name, "met"])));
  } finally {
    await lock.release();
  }
});
