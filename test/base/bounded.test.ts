import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { bounded, patient } from "../../src/base/bounded.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("fires after its time, although nothing but the garbage collector has looked at it since", async () => {
  const never = new AbortController();
  const signal = bounded(never.signal, 60);
  const fired = once(signal, "abort");
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  await fired;
  expect(signal.aborted).toBe(true);
});

test("fires with the signal it is bound to, before or after", () => {
  const controller = new AbortController();
  const signal = bounded(controller.signal, 60_000);
  expect(signal.aborted).toBe(false);
  controller.abort();
  expect(signal.aborted).toBe(true);
  expect(bounded(controller.signal, 60_000).aborted).toBe(true);
});

test("any number of them listen to one signal without a warning", async () => {
  const warned: unknown[] = [];
  const hear = (warning: unknown): void => void warned.push(warning);
  process.on("warning", hear);
  const controller = new AbortController();
  for (let at = 0; at < 50; at++) bounded(controller.signal, 60_000);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", hear);
  controller.abort();
  expect(warned).toEqual([]);
});

describe("who is asked patiently", () => {
  test("has the whole of its time, and no more", async () => {
    const started = performance.now();
    const signal = patient(new AbortController().signal, 60);
    await once(signal, "abort");
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });

  test("does not pay for what this process does meanwhile", async () => {
    const signal = patient(new AbortController().signal, 200);
    for (let at = 0; at < 4; at++) {
      const busy = performance.now() + 100;
      while (performance.now() < busy);
      // Timers that are due come before this.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(signal.aborted).toBe(false);
    await once(signal, "abort");
  });

  test("has no longer than the signal it is bound to", () => {
    const controller = new AbortController();
    const signal = patient(controller.signal, 60_000);
    controller.abort();
    expect(signal.aborted).toBe(true);
    expect(patient(controller.signal, 60_000).aborted).toBe(true);
  });
});
