import { describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { Evidence, EvidenceTarget } from "../../src/ports/ports.ts";
import { engine, type EngineOptions } from "./engine.ts";
import { Counters } from "./fakes.ts";

const book = "title: T\nsteps: [{ count.up: a }]\n";
const sealed = {
  snapshot: "s",
  path: "/s.tar.gz",
  sha256: "ab",
  custody: "cd",
  bytes: 1,
  verdict: "complete",
  missing: [],
} as const;

const abandon = (): Promise<void> => Promise.resolve();

async function changed(evidence: Evidence, options: EngineOptions = { consent: { yes: true } }) {
  const counters = new Counters();
  const kind = counters.kind({
    evidence: ({ name }) => [{ type: "service", service: name }],
    undo: { how: "irreversible", why: "it counts" },
  });
  const started = performance.now();
  const ran = await engine(book, [kind], { ...options, evidence });
  return { ...ran, count: counters.of("a"), took: performance.now() - started };
}

function types(records: readonly { readonly type: string }[]): readonly string[] {
  return records
    .map(({ type }) => type)
    .filter((type) => /^(?:evidence|step\.(?:intent|outcome))/.test(type));
}

describe("evidence before a change", () => {
  test("is asked for with the change's targets, is on record before the intent, its digest after the outcome", async () => {
    const asked: EvidenceTarget[] = [];
    const { records, count } = await changed({
      before: (targets) => {
        asked.push(...targets);
        const captured = Promise.resolve({ taken: ["docker.containers"], missed: ["x: y"] });
        return { captured, sealed: Promise.resolve(ok(sealed)), abandon };
      },
      take: () => Promise.resolve(ok(sealed)),
    });
    expect(count).toBe(1);
    expect(asked).toEqual([{ type: "service", service: "a" }]);
    expect(types(records)).toEqual(["evidence.captured", "step.intent", "step.outcome", "evidence.sealed"]);
    expect(records.find(({ type }) => type === "evidence.captured")?.data).toMatchObject({
      taken: ["docker.containers"],
      missed: ["x: y"],
    });
    expect(records.find(({ type }) => type === "evidence.sealed")?.data).toMatchObject({ sha256: "ab" });
  });

  test("that never comes keeps a yes waiting for five seconds and not longer", async () => {
    const never = new Promise<never>(() => {});
    const { records, count, took } = await changed({
      before: () => ({ captured: never, sealed: never, abandon }),
      take: () => never,
    });
    expect(count).toBe(1);
    expect(took).toBeLessThan(15_000);
    const captured = records.find(({ type }) => type === "evidence.captured");
    expect(captured?.data).toMatchObject({ taken: [], missed: ["nothing was captured within 5s"] });
    expect(types(records)).not.toContain("evidence.sealed");
  });

  test("is given up when the operator says no", async () => {
    let signal: AbortSignal | undefined;
    const never = new Promise<never>(() => {});
    const removed = new Promise<boolean>((resolve) => setImmediate(() => resolve(true)));
    let gone = false;
    const { count, records } = await changed(
      {
        before: (_targets, _within, given) => {
          signal = given;
          return { captured: never, sealed: never, abandon: async () => void (gone = await removed) };
        },
        take: () => never,
      },
      { answers: [false] },
    );
    expect(count).toBe(0);
    expect(signal?.aborted).toBe(true);
    // The run does not end before it: nothing unsealed is left behind.
    expect(gone).toBe(true);
    expect(types(records)).toEqual([]);
  });

  test("that was sealed before the operator declined is on record", async () => {
    const { count, records } = await changed(
      {
        before: () => ({
          captured: Promise.resolve({ taken: [], missed: [] }),
          sealed: Promise.resolve(ok(sealed)),
          abandon,
        }),
        take: () => Promise.resolve(ok(sealed)),
      },
      { answers: [false] },
    );
    expect([count, types(records)]).toEqual([0, ["evidence.sealed"]]);
  });

  test("is skipped with a reason, which is on record", async () => {
    const { count, records } = await changed(
      {
        before: () => {
          throw new Error("nobody asks for it");
        },
        take: () => Promise.resolve(ok(sealed)),
      },
      { consent: { yes: true, skipEvidence: "the disk is full" } },
    );
    expect(count).toBe(1);
    expect(records.find(({ type }) => type === "evidence.skipped")?.data).toMatchObject({
      reason: "the disk is full",
    });
  });
});
