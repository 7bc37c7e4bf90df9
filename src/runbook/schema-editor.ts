// What an editor alone reads of the schemas: text to begin with (`defaultSnippets`, as VS Code's language servers for
// JSON and YAML know them) and `examples`, which it shows beside a description. Nothing is judged by them; a test holds
// that each fits the schema it is in, so that no editor offers what it would mark.
import type { ObjectSpec, ShapeSpec } from "../language/shape.ts";
import type { Json } from "../base/json.ts";
import type { rungKeys, runbookKeys, stepKeys } from "./fields.ts";
import type { Schema } from "./schema-shape.ts";

/** A name that is nobody's address: the schema is found by its path, and nothing is fetched. */
export function schemaId(of: "runbook" | "platform"): string {
  return `urn:lav-ir:${of}`;
}

/** @param body `${1:text}` is a place to type at, with what stands there before. */
function snippet(label: string, description: string, body: Json): Schema {
  return { label, description, body };
}

const check: Json = {
  id: "${1:health}",
  title: "${2:The API answers}",
  "http.get": "\\${service.url}/${3:health}",
  expect: "${4:status == 200}",
  finding: "${5:it answers \\${status\\}}",
};
const restart: Json = { "service.restart": "${1:api}" };
const verify: Json = { findings: "all", within: "30s", hold: "30s" };

export const runbookSnippets: readonly Schema[] = [
  snippet("runbook", "A diagnosis, and a ladder of what to try", {
    runbook: "${1:api-down}",
    title: "${2:The API does not answer}",
    severity: "${3:P2}",
    service: "${4:api}",
    diagnose: [{ id: "health", "http.get": "\\${service.url}/health", expect: "status == 200" }],
    resolve: [{ rung: "restart", steps: [{ "service.restart": "${4:api}" }], verify }],
  }),
  snippet("procedure", "Steps in order", {
    runbook: "${1:restart-api}",
    title: "${2:Restart the API}",
    steps: [{ "service.restart": "${3:api}" }],
  }),
];

export const stepSnippets: readonly Schema[] = [
  snippet("check", "A read, and what must hold of it", check),
  snippet("group", "Steps under one title", { title: "${1:title}", steps: [restart] }),
  snippet("include", "A section of another runbook", {
    include: "${1:other-runbook}",
    section: "${2:diagnose}",
  }),
];

export const rungSnippets: readonly Schema[] = [
  snippet("rung", "Something to try while the findings persist", {
    rung: "${1:restart}",
    title: "${2:Restart the service}",
    steps: [restart],
    verify,
  }),
];

/** The arguments that a kind cannot do without; nothing where it needs none. */
export function kindSnippets(name: string, { fields, primary }: ObjectSpec): Schema {
  const needed = neededOf(fields);
  if (needed.length === 0) return {};
  const alone = primary !== undefined && needed.every(([key]) => key === primary);
  const body = bodyOf(needed, { next: 1 });
  return {
    defaultSnippets: [snippet(name, "What it cannot do without", (alone ? body[primary] : body) ?? body)],
  };
}

function neededOf(fields: ObjectSpec["fields"]): readonly (readonly [string, ShapeSpec])[] {
  return Object.entries(fields).flatMap(([key, { required, default: initial, shape }]) =>
    required && initial === undefined ? [[key, shape] as const] : [],
  );
}

/** Places are numbered in the order in which they are typed at. */
interface Places {
  next: number;
}

function bodyOf(
  needed: readonly (readonly [string, ShapeSpec])[],
  places: Places,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(needed.map(([key, shape]) => [key, placeOf(key, shape, places)]));
}

/** A value of the shape, with a place to type at where it is a text. */
function placeOf(key: string, shape: ShapeSpec, places: Places): Json {
  const place = (text: string): string => `\${${places.next++}:${text}}`;
  switch (shape.type) {
    case "string":
      return place(shape.enum?.[0] ?? key);
    case "duration":
      return place("5m");
    case "integer":
    case "number":
      return shape.min ?? 1;
    case "boolean":
      return true;
    case "list":
      return [placeOf(key, shape.of, places)];
    case "map":
    case "named":
      return { name: placeOf(key, shape.of, places) };
    case "object":
      return bodyOf(neededOf(shape.fields), places);
    case "json":
    case "node":
      return place(key);
  }
}

export const runbookExamples: Readonly<Partial<Record<keyof typeof runbookKeys, readonly Json[]>>> = {
  runbook: ["api-down"],
  title: ["The API does not answer"],
  symptoms: [["Orders are rejected", "The dashboard shows stale data"]],
  params: [{ minutes: { type: "integer", default: 15, ask: "Minutes to look back" } }],
  secrets: [["EMERGENCY_TOKEN"]],
  timeout: ["30m"],
  alerts: [["api_5xx_rate_high"]],
  reviewed: ["2026-11-30"],
};

export const stepExamples: Readonly<Partial<Record<keyof typeof stepKeys, readonly Json[]>>> = {
  id: ["health"],
  title: ["The API answers"],
  expect: ["status == 200", { Fast: 'elapsed < duration("1s")', Right: "status == 200" }],
  finding: ["it answers ${status}"],
  retry: [{ until: "status == 200", every: "2s", within: "1m" }],
  timeout: ["5s"],
  when: ['steps.health.outcome == "failed"'],
  needs: ["health", ["health", "queues"]],
  save: [{ queue: 'json["queue-size"]' }],
  foreach: [["api", "worker"], "steps.queues.json.queues"],
  label: ["${item.name}"],
  at: ["replica"],
};

export const rungExamples: Readonly<Partial<Record<keyof typeof rungKeys, readonly Json[]>>> = {
  rung: ["restart"],
  when: ["steps.health.status != 404"],
  verify: [{ findings: "all", within: "30s", hold: "30s" }],
};

export const platformSnippets: readonly Schema[] = [
  snippet("platform", "What there is, and where it runs", {
    platform: "${1:shop}",
    services: { "${2:api}": "${3:http://localhost:3000}" },
  }),
];

export const platformExamples: readonly Json[] = [
  {
    platform: "shop",
    services: { api: "http://localhost:3000", worker: { url: "http://localhost:3001", health: "/healthz" } },
    postgres: { url: "postgres://shop@localhost:5432/shop" },
  },
];
