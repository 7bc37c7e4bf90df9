import { fail, ok } from "../../src/base/result.ts";
import { defineKind, type Kind, type KindDefinition } from "../../src/kinds/kind.ts";
import { object, required, text } from "../../src/language/shape.ts";

interface Args {
  readonly name: string;
}

interface Outputs {
  readonly count: bigint;
}

type Parts = Partial<KindDefinition<Args, Outputs>>;

/** A world of counters, and a kind that counts one of them up. */
export class Counters {
  readonly counts = new Map<string, number>();

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  up(name: string): number {
    const count = this.of(name) + 1;
    this.counts.set(name, count);
    return count;
  }

  /** `count.up: NAME`: looks before it acts, and can say afterwards whether it did. */
  kind(more: Parts = {}): Kind {
    return fakeKind({
      name: "count.up",
      effect: "change",
      capture: async ({ name }) => await Promise.resolve(ok({ count: this.of(name) })),
      happened: async ({ name }, before) =>
        await Promise.resolve(JSON.stringify(before) === `{"count":${this.of(name)}}` ? "no" : "yes"),
      execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(this.up(name)) })),
      ...more,
    });
  }
}

export function fakeKind(more: Parts): Kind {
  return defineKind<Args, Outputs>({
    name: "fake",
    summary: "",
    doc: "",
    effect: "read",
    args: object({ name: required(text(), "What it counts") }, { primary: "name" }),
    outputs: { count: { type: "int", doc: "How often" } },
    unreachable: "unknown",
    undo: { how: "nothing" },
    plan: ({ name }) => `${more.name ?? "fake"}: ${String(name)}`,
    byHand: () => "true",
    execute: async () =>
      await Promise.resolve(fail({ type: "missing", target: "fake", message: "it does nothing" })),
    ...more,
  });
}
