/** A step that names a store: it is the one that is read, agreed to, captured, changed and put back. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ok } from "../../src/base/result.ts";
import { defineKind, type Kind, type KindDefinition } from "../../src/kinds/kind.ts";
import { object, required, text } from "../../src/language/shape.ts";
import type { EvidenceTarget, Ports, Redis } from "../../src/ports/ports.ts";
import { engine, pastFrom, type EngineOptions } from "./engine.ts";

const key = object({ key: required(text(), "The key") }, { primary: "key" });

const look: Kind = defineKind<{ key: string }, { value: string }>({
  name: "x.look",
  summary: "Look",
  doc: "",
  effect: "read",
  args: key,
  outputs: { value: { type: "string", doc: "" } },
  store: "redis",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ key: one }, { redis }) => `x.look: ${String(one)} at ${redis}`,
  byHand: () => "x",
  execute: async ({ key: one }, { ports, signal }) => {
    const reply = await ports.redis.command(["GET", one], signal);
    return reply.ok ? ok({ value: String(reply.value) }) : reply;
  },
});

const drop: Kind = defineKind<{ key: string }, object>({
  ...(look as unknown as KindDefinition<{ key: string }, object>),
  name: "x.drop",
  effect: "change",
  outputs: {},
  plan: ({ key: one }, { redis }) => `x.drop: ${String(one)} at ${redis}`,
  undo: { how: "steps", steps: ({ key: one }) => [{ "x.drop": { key: String(one) } }] },
  evidence: () => [{ type: "redis" }],
  capture: async () => await Promise.resolve(ok(null)),
  happened: async ({ key: one }, _before, _since, { ports, signal }) => {
    const reply = await ports.redis.command(["GET", String(one)], signal);
    return reply.ok && reply.value === "main" ? "yes" : "no";
  },
  execute: async ({ key: one }, { ports, signal }) => {
    const reply = await ports.redis.command(["DEL", String(one)], signal);
    return reply.ok ? ok({}) : reply;
  },
});

function world(): {
  readonly asked: string[];
  readonly captured: EvidenceTarget[];
  readonly undo: string[];
  readonly options: EngineOptions;
} {
  const asked: string[] = [];
  const captured: EvidenceTarget[] = [];
  const store = (name: string): Redis => ({
    target: name,
    command: async (command) => {
      asked.push(`${name} ${command.join(" ")}`);
      return await Promise.resolve(ok(name));
    },
  });
  const stores = {
    postgres: {},
    kafka: {},
    prometheus: {},
    redis: { main: store("main"), replica: store("replica") },
  };
  const ports: Partial<Ports> = { redis: stores.redis.main, stores };
  const evidence = {
    before: (targets: readonly EvidenceTarget[]) => {
      captured.push(...targets);
      return {
        captured: Promise.resolve({ taken: [], missed: [] }),
        sealed: Promise.resolve({ ok: false, failure: "not here" } as const),
        abandon: async () => await Promise.resolve(),
      };
    },
    take: async () => await Promise.reject(new Error("nobody asks for it")),
  };
  return { asked, captured, undo: [], options: { ports, evidence, consent: { yes: true } } };
}

test("a step without at speaks to the main store, one with it to that one, by its address in the plan", async () => {
  const { asked, options } = world();
  const { events, end } = await engine(
    `diagnose:
  - { id: a, x.look: k }
  - { id: b, x.look: k, at: replica, expect: value == "replica" }
  - { id: c, x.look: k, foreach: [main, replica], at: "\${item}", expect: value == item }
`,
    [look],
    options,
  );
  expect(end.outcome).toBe("healthy");
  expect(asked.toSorted()).toEqual(["main GET k", "main GET k", "replica GET k", "replica GET k"]);
  const actions = events.flatMap((one) => (one.type === "step.started" ? [[one.step, one.action]] : []));
  expect(Object.fromEntries(actions)).toEqual({
    a: "x.look: k at redis.local:6379/0",
    b: "x.look: k at replica.local:6379/0",
    c: "x.look: k at ‹item›",
  });
});

const change = (at: string): string => `steps:\n  - { id: drop, x.drop: k${at} }\n`;

test("consent is to the store: the same change of another one has another code", async () => {
  const digest = async (at: string): Promise<string | undefined> => {
    const { events } = await engine(change(at), [drop], world().options);
    return events.flatMap((one) => (one.type === "preview" ? [one.digest] : []))[0];
  };
  const all = [await digest(""), await digest(", at: main"), await digest(", at: replica")];
  expect(new Set(all).size).toBe(3);
});

test("what is captured before it, what is changed and what takes it back are of that store", async () => {
  const { asked, captured, options } = world();
  const attached: string[] = [];
  const { end } = await engine(change(", at: replica"), [drop], {
    ...options,
    attach: (content) => attached.push(content),
  });
  expect(end.outcome).toBe("completed");
  expect(asked).toEqual(["replica DEL k"]);
  expect(captured).toEqual([{ type: "redis", at: "replica" }]);
  const [undo] = attached.map((content) => parse(content) as { steps: unknown });
  expect(undo?.steps).toEqual([{ "x.drop": { key: "k" }, at: "replica" }]);
});

test("after a kill in the middle it is that store that is looked at", async () => {
  const first = world();
  const begun = await engine(change(", at: replica"), [drop], first.options);
  const upTo = begun.records.findIndex(({ type }) => type === "step.outcome");
  expect(upTo).toBeGreaterThan(0);
  const past = pastFrom({ ...begun, records: begun.records.slice(0, upTo) });
  const second = world();
  const { end } = await engine(change(", at: replica"), [drop], { ...second.options, past });
  expect(end.outcome).toBe("completed");
  expect(second.asked).toEqual(["replica GET k", "replica DEL k"]);
});
