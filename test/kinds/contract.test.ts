import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { writeDuration } from "../../src/base/duration.ts";
import { jsonText } from "../../src/base/json.ts";
import { fail, ok } from "../../src/base/result.ts";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import type { FieldSpec, ObjectSpec, ShapeSpec } from "../../src/language/shape.ts";
import { fit, render } from "../../src/language/value.ts";
import { actionOf, byHandOf, makePlan, type Plan } from "../../src/plan/plan.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import type { Platform } from "../../src/platform/platform.ts";
import { loadSource } from "../../src/runbook/load.ts";
import type { Step } from "../../src/runbook/runbook.ts";
import { reserved } from "../../src/runbook/scope.ts";
import { allAnswer } from "./all-answer.ts";
import { context, tradingPlatform, where } from "./context.ts";
import { sampleOf, samples } from "./samples.ts";

const canary = "c4n4ry-s3cr3t";
const gateway = {
  name: "gateway",
  url: "http://localhost:3000",
  instances: [],
  runs: { by: "compose", service: "gateway" } as const,
  health: "/health",
  api: true,
};
const platform: Platform = {
  name: "test",
  environment: undefined,
  production: false,
  path: "platform.yaml",
  postgres: { main: { url: "postgres://localhost/lav" } },
  kafka: { main: { brokers: ["localhost:9092"] } },
  redis: { main: { url: "redis://localhost" } },
  docker: { host: "unix:///nowhere" },
  compose: { project: "lav", files: [], program: ["docker", "compose"] },
  services: { gateway },
  objectives: { response: { P0: 1, P1: 1, P2: 1, P3: 1 } },
  trading: tradingPlatform,
  approvers: [],
  incident: incidentPlanOf({}, {}),
  evidence: { tables: {}, rows: 1, bytes: 1024, streams: [] },
};

/** The sample as a step of a real runbook: read, checked and planned by what reads, checks and plans. */
async function stepOf(kind: Kind): Promise<{ readonly plan: Plan; readonly step: Step }> {
  const sample = JSON.stringify(sampleOf(kind.name));
  const text = `runbook: sample\nsecrets: [CANARY]\nsteps:\n  - ${kind.name}: ${sample}\n`;
  const locate = async () => await Promise.resolve(fail("there is none"));
  const loaded = await loadSource(
    { path: "sample.yaml", text },
    { kinds: kindsByName, interlocks: interlockNames, locate },
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure, ["diagnostics", "message", "hint"]));
  const plan = makePlan({ runbook: loaded.value, platform, params: {}, names: {}, where });
  if (!plan.ok) throw new Error(plan.failure.map(({ message }) => message).join("; "));
  const [step] = plan.value.runbook.steps;
  if (step?.type !== "step") throw new Error("the sample is no step");
  return { plan: plan.value, step };
}

/** Every field of a shape, those of fields within fields too, by its path. */
function* fieldsIn(spec: ObjectSpec, path = ""): Generator<readonly [string, FieldSpec]> {
  for (const [name, field] of Object.entries(spec.fields)) {
    yield [`${path}${name}`, field];
    yield* inside(field.shape, `${path}${name}.`);
  }
}

function* inside(shape: ShapeSpec, path: string): Generator<readonly [string, FieldSpec]> {
  if (shape.type === "object") yield* fieldsIn(shape, path);
  if (shape.type === "list" || shape.type === "map" || shape.type === "named") yield* inside(shape.of, path);
}

function takesSecret(shape: ShapeSpec): boolean {
  switch (shape.type) {
    case "string":
      return shape.secret === true;
    case "list":
    case "map":
    case "named":
      return takesSecret(shape.of);
    case "object":
      return Object.values(shape.fields).some((field) => takesSecret(field.shape));
    case "integer":
    case "number":
    case "boolean":
    case "duration":
    case "json":
    case "node":
      return false;
  }
}

const refused = {
  type: "unreachable",
  target: "x",
  cause: "refused",
  message: "connection refused",
} as const;
const unwritable = /undefined|\[object|NaN|null/;
const source = new URL("../../src/", import.meta.url);

test("every kind has one sample, and every sample a kind", () => {
  const names = kinds.map(({ name }) => name);
  const without = names.filter((name) => !Object.hasOwn(samples, name));
  expect(without, "a line of test/kinds/samples.ts is missing").toEqual([]);
  const stray = Object.keys(samples).filter((name) => !names.includes(name));
  expect(stray, "test/kinds/samples.ts has a sample of no kind").toEqual([]);
});

test("every kind is found by its own name, and no two have one", () => {
  for (const kind of kinds) expect(kindsByName.get(kind.name)).toBe(kind);
  expect(new Set(kinds.map(({ name }) => name))).toEqual(new Set(kindsByName.keys()));
  expect([...kindsByName.keys()]).toHaveLength(kinds.length);
});

describe("files", async () => {
  const all = await readdir(source, { recursive: true });
  const files = all.filter((file) => /^(?:kinds|trading)\/.*\.ts$/.test(file));
  const exported = new Map<string, readonly unknown[]>();
  for (const file of files) {
    exported.set(file, Object.values((await import(new URL(file, source).href)) as object));
  }
  const isKind = (value: unknown): boolean =>
    typeof value === "object" && value !== null && "execute" in value && "effect" in value;
  const kindFiles = files.filter((file) => exported.get(file)?.some(isKind));

  test("each kind's file has one kind", () => {
    const many = kindFiles.filter((file) => exported.get(file)?.filter(isKind).length !== 1);
    expect(many, "a file of its own for each kind").toEqual([]);
  });

  test("each kind is in the list, and each of the list has a file", () => {
    const listed: ReadonlySet<unknown> = new Set(kinds);
    const forgotten = kindFiles.filter((file) => !exported.get(file)?.some((value) => listed.has(value)));
    expect(forgotten, "its import and its line are missing in src/app/wiring/kinds.ts").toEqual([]);
    const found = new Set([...exported.values()].flat());
    const elsewhere = kinds.filter((kind) => !found.has(kind)).map(({ name }) => name);
    expect(elsewhere, "a kind lies in src/kinds or src/trading").toEqual([]);
  });

  test.each(kindFiles)("%s imports no other kind", async (file) => {
    const text = await readFile(new URL(file, source), "utf8");
    const imports = [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, name = ""]) =>
      posix.join(posix.dirname(file), name),
    );
    expect(imports.filter((name) => kindFiles.includes(name))).toEqual([]);
  });
});

describe.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (name, kind) => {
  test("is named like a verb, and described", () => {
    expect(name).toMatch(/^[a-z]+(\.[a-z]+(_[a-z]+)*){0,2}$/);
    expect(kind.summary).toMatch(/^[A-Z].{5,90}[^.]$/);
    expect(kind.doc).toMatch(/^[^\s].{30,}[.)]$/s);
  });

  test("says what each of its arguments and outputs is", () => {
    const fields = [...fieldsIn(kind.args.spec)];
    expect(fields.filter(([, field]) => field.doc.trim() === "")).toEqual([]);
    const outputs = Object.entries(kind.outputs);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [output, spec] of outputs) {
      expect(output).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(reserved).not.toContain(output);
      expect(spec.doc).toMatch(/\S/);
    }
  });

  test("has the primary argument it names, and defaults that fit", () => {
    const { primary, fields } = kind.args.spec;
    if (primary !== undefined) expect(Object.keys(fields)).toContain(primary);
    for (const [path, field] of fieldsIn(kind.args.spec)) {
      if (field.default === undefined) continue;
      // A duration's default is milliseconds already, as what is written becomes once it is read.
      const written = field.shape.type === "duration" ? writeDuration(Number(field.default)) : field.default;
      expect([path, fit(written, field.shape)]).toEqual([path, ok(field.default)]);
    }
  });

  test("a read has nothing to undo, a change says how or why not", () => {
    if (kind.effect === "read") {
      expect(kind.undo.how).toBe("nothing");
      expect([kind.retrySafe, kind.capture, kind.preview, kind.happened]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      return;
    }
    expect(kind.undo.how).not.toBe("nothing");
    expect(kind.did).toBeTypeOf("function");
    if (kind.undo.how === "irreversible") expect(kind.undo.why).toMatch(/^[^A-Z\s].*[^.]$/);
  });

  test("puts its sample into one plan line and one command, without a secret's value", async () => {
    const { plan, step } = await stepOf(kind);
    const action = actionOf(step, plan);
    const hand = byHandOf(step, plan);
    expect(action.startsWith(`${name}: `)).toBe(true);
    expect(action).not.toMatch(/\n/);
    expect(hand.trim()).not.toBe("");
    expect(`${action}\n${hand}`).not.toMatch(unwritable);
    if (!takesSecret(kind.args.spec)) return;
    expect(JSON.stringify(samples[name])).toContain("${secrets.CANARY}");
    // By hand, a secret is the shell's to fill in, which it does not do between single quotes.
    const filled = hand.replaceAll(/'[^']*'/g, "").split("$CANARY").length;
    expect(filled).toBeGreaterThan(1);
    expect(filled).toBe(hand.split("$CANARY").length);
  });

  test("names the kind of store that its plan and its command by hand speak to", () => {
    const asked = new Set<string | symbol>();
    const watched = new Proxy(where, {
      get: (target, key) => {
        if (["postgres", "kafka", "redis", "prometheus"].includes(String(key))) asked.add(key);
        return target[key as keyof typeof target];
      },
    });
    const given = Object.keys(kind.args.spec.fields).map((field) => [field, "‹steps.a.b›"]);
    kind.plan(Object.fromEntries(given), watched);
    kind.byHand(Object.fromEntries(given), watched);
    expect([...asked]).toEqual(kind.store === undefined ? [] : [kind.store]);
  });

  test("puts what is not known yet into words too", () => {
    const given = Object.keys(kind.args.spec.fields).map((field) => [field, "‹steps.a.b›"]);
    const unknown = Object.fromEntries(given) as Readonly<Record<string, unknown>>;
    expect(kind.plan(unknown, where)).not.toMatch(unwritable);
    expect(kind.byHand(unknown, where)).not.toMatch(unwritable);
  });

  test("puts no secret into a preview, what it records, or a failure when nothing answers", async () => {
    const { step } = await stepOf(kind);
    const rendered = render(step.args, { secrets: { CANARY: canary } });
    if (!rendered.ok) throw new Error(rendered.failure.message);
    const given = rendered.value as Readonly<Record<string, unknown>>;
    const results = [
      await kind.preview?.(given, context(allAnswer(refused))),
      await kind.capture?.(given, context(allAnswer(refused))),
      await kind.execute(given, context(allAnswer(refused))),
    ];
    expect(jsonText(results)).not.toContain(canary);
  });
});
