import { expect, test } from "vitest";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { groupKeys, stepKeys } from "../../src/runbook/fields.ts";
import type { ScopeTypes } from "../../src/language/expression-problem.ts";
import { nameTexts } from "../../src/runbook/name-texts.ts";
import { itemNames, namesAround, placeItems } from "../../src/runbook/scope.ts";
import { linted, read } from "./lint.ts";

test("no kind is called like a key of a step or of an include", () => {
  const keys = [...Object.keys(stepKeys), ...Object.keys(groupKeys)];
  expect(kinds.map((kind) => kind.name).filter((name) => keys.includes(name))).toEqual([]);
});

const runbook = `runbook: r
diagnose:
  - id: a
    redis.ping:
  - id: b
    redis.ping:
    needs: [a]
  - id: c
    redis.ping:
    needs: [b]
    when: platform.production
resolve:
  - rung: one
    steps:
      - id: d
        service.restart: x
    verify:
      - id: e
        redis.ping:
  - rung: two
    steps:
      - id: f
        service.restart: x
`;

test("a step sees what has ended, and what may not have run", async () => {
  const seen = placeItems(await read(runbook)).map(({ item, visible }) => {
    const steps = [...visible.steps.keys()].map((id) => (visible.perhaps.has(id) ? `${id}?` : id));
    return `${item.id}: ${steps.join(" ")}`;
  });
  expect(seen).toEqual(["a: ", "b: a", "c: b a", "d: a b c?", "e: a b c? d", "f: a b c? d? e?"]);
});

const head = "runbook: r\n";
test.each([
  [
    "a later rung asks whether an earlier one's step ran",
    `${runbook}    when: has(steps.d.instances) && steps.d.instances > 0\n`,
  ],
  [
    "a condition guards each use of the step",
    `${head}steps:\n  - id: p\n    redis.ping:\n    when: platform.production\n  - kafka.topic: t\n    when: has(steps.p.latency) && steps.p.latency < duration("1s")\n`,
  ],
  [
    "an item and its number inside foreach",
    `${head}steps:\n  - kafka.topic: t-\${item}-\${index}\n    foreach: "['a', 'b']"\n`,
  ],
  [
    "what another step saved",
    `${head}steps:\n  - redis.ping:\n    save: { seen: latency }\n  - kafka.topic: \${vars.seen}\n`,
  ],
])("%s", async (_what, text) => {
  expect(await linted(text)).toBe("");
});

test.each([
  ["item outside foreach", "  - kafka.topic: ${item}\n", "item is not defined here"],
  [
    "an output in the step's own arguments",
    "  - kafka.topic: ${partitions}\n",
    "partitions is not defined here",
  ],
  ["service without a service", "  - http.get: ${service.url}/x\n", "service is not defined here"],
  [
    "a group's step by its bare name",
    "  - redis.ping:\n    when: steps.nope.x == 1\n",
    "nope is not defined here",
  ],
])("%s is an error", async (_what, steps, message) => {
  expect(await linted(`${head}steps:\n${steps}`)).toContain(message);
});

test("every name that an expression sees is in the reference, and no other", async () => {
  const text = "runbook: r\nservice: x\nparams: { p: {} }\nsteps: [{ id: a, redis.ping: }]\n";
  const seen = { steps: new Map(), perhaps: new Set<string>(), ended: true } as const;
  const around = { ...namesAround(await read(text), seen, ["v"]), ...itemNames, secrets: { s: "string" } };
  const own = new Set(["params", "vars", "secrets"]);
  const names = (level: ScopeTypes, before: string): readonly string[] =>
    Object.entries(level).flatMap(([name, type]) => {
      const written = `${before}${own.has(before.slice(0, -1)) ? "NAME" : name}`;
      return typeof type === "string" ? [written] : names(type, `${written}.`);
    });
  const known = names(around, "").filter((name) => name !== "_is_changed_");
  const told = nameTexts.map(({ written }) => written).filter((name) => !name.startsWith("steps."));
  expect(told.map((name) => name.replace("services.NAME.url", "services")).toSorted()).toEqual(
    known.toSorted(),
  );
});
