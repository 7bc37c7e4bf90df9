import type { Json } from "../base/json.ts";
import { outputText, type Kind } from "../kinds/kind.ts";
import { severities } from "../platform/severity.ts";
import {
  groupKeys,
  includeKeys,
  paramShape,
  retryShape,
  rungKeys,
  runbookKeys,
  stepKeys,
  verifyShape,
} from "./fields.ts";
import { mostItems } from "./runbook.ts";
import {
  kindSnippets,
  rungExamples,
  rungSnippets,
  runbookExamples,
  runbookSnippets,
  schemaId,
  stepExamples,
  stepSnippets,
} from "./schema-editor.ts";
import { durationSchema, propertiesOf, schemaOfShape, type Schema } from "./schema-shape.ts";

const line: Schema = { type: "string", not: { pattern: "\\$\\{" } };
const lines: Schema = { type: "array", items: line };
const id: Schema = { type: "string", pattern: "^[a-z][a-z0-9_]*$" };
/** Only the platform file can say what it means. */
const otherSeverity: Schema = { type: "string", pattern: "^(?![Pp][0-9]+$)[A-Za-z][A-Za-z0-9_-]*$" };
const name: Schema = { type: "string", pattern: "^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$" };
/** An expression stands without `${` and `}`; `true` and `false` may be written as such. */
const expression: Schema = { type: ["string", "boolean", "number"], pattern: "^(?!\\s*\\$\\{)" };
const items: Schema = { type: "array", minItems: 1, items: { $ref: "#/$defs/item" } };
const yesOrNo: Schema = { type: "boolean" };
const needs: Schema = { anyOf: [id, { type: "array", items: id }] };

/**
 * The JSON Schema (draft 2020-12) of a runbook file, made from the same shapes and descriptions that
 * reading uses: with it an editor completes keys, shows what they mean, and marks what is wrong. What
 * needs more than one place (names, expressions, cycles) only `lav-ir lint` knows.
 */
export function runbookSchema(kinds: readonly Kind[], interlocks: readonly string[]): Schema {
  const verbs = kinds.map((kind) => kind.name);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: schemaId("runbook"),
    title: "lav-ir runbook",
    description:
      "What to check and what to do when something is wrong: a YAML file that `lav-ir run` carries out.",
    defaultSnippets: runbookSnippets,
    ...closed(
      runbookKeys,
      {
        runbook: name,
        title: line,
        severity: { anyOf: [{ type: "string", enum: severities }, otherSeverity] },
        service: line,
        owner: line,
        alerts: lines,
        links: lines,
        reviewed: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
        symptoms: lines,
        params: {
          type: "object",
          propertyNames: id,
          additionalProperties: schemaOfShape(paramShape.spec, "none"),
        },
        secrets: { type: "array", items: { type: "string", pattern: "^[A-Z][A-Z0-9_]*$" } },
        timeout: durationSchema,
        tolerate: yesOrNo,
        diagnose: items,
        steps: items,
        resolve: { type: "array", items: { $ref: "#/$defs/rung" } },
        after: items,
        prevent: lines,
      },
      runbookExamples,
    ),
    required: ["runbook"],
    anyOf: ["diagnose", "steps", "resolve"].map((part) => ({ required: [part] })),
    dependentRequired: { resolve: ["diagnose"] },
    $defs: {
      // Conditions with an else each: an object with a `then` passes for a promise.
      item: {
        // A group and an include are begun here: no key of a step leads to them.
        defaultSnippets: stepSnippets,
        allOf: [
          { if: { anyOf: [has("include"), has("steps")] }, else: { $ref: "#/$defs/step" } },
          { if: { not: has("include") }, else: { $ref: "#/$defs/include" } },
          { if: { anyOf: [has("include"), { not: has("steps") }] }, else: { $ref: "#/$defs/group" } },
        ],
      },
      step: {
        ...closed(
          { ...Object.fromEntries(kinds.map((kind) => [kind.name, describe(kind)])), ...stepKeys },
          {
            ...Object.fromEntries(verbs.map((verb) => [verb, { $ref: `#/$defs/${verb}` }])),
            ...stepProperties(interlocks),
          },
          stepExamples,
        ),
        // While a step is typed it is nothing, then the beginning of a word, then keys without a kind. Lint refuses each;
        // an editor that marked them would be red from the first letter on.
        type: ["object", "null", "string"],
        pattern: `^(?!(?:${verbs.map((verb) => verb.replaceAll(".", "\\.")).join("|")})$)[a-z][a-z_.]*$`,
        patternErrorMessage: "A step is a map: its kind, a colon, and what the kind takes.",
        oneOf: [{ not: { anyOf: verbs.map(has) } }, ...verbs.map(has)],
      },
      include: { ...closed(includeKeys, includeProperties), required: ["include"] },
      group: { ...closed(groupKeys, groupProperties), required: ["steps"] },
      rung: {
        ...closed(rungKeys, rungProperties, rungExamples),
        required: ["rung", "steps"],
        defaultSnippets: rungSnippets,
      },
      // Beside `$ref` an editor reads a description and nothing else: what it inserts is said here.
      ...Object.fromEntries(
        kinds.map(({ name, args: { spec } }) => [
          name,
          { ...schemaOfShape(spec, "allowed"), ...kindSnippets(name, spec) },
        ]),
      ),
    },
  };
}

const eachOf: Schema = { anyOf: [expression, { type: "array", maxItems: mostItems }] };

const stepProperties = (interlocks: readonly string[]): Readonly<Record<keyof typeof stepKeys, Schema>> => ({
  id,
  title: line,
  why: line,
  expect: { anyOf: [expression, { type: "object", minProperties: 1, additionalProperties: expression }] },
  finding: { type: "string" },
  retry: schemaOfShape(retryShape.spec, "none"),
  timeout: durationSchema,
  when: expression,
  needs,
  tolerate: yesOrNo,
  requires: {
    type: "array",
    minItems: 1,
    uniqueItems: true,
    items: { type: "string", enum: interlocks },
  },
  save: { type: "object", propertyNames: id, additionalProperties: expression },
  foreach: eachOf,
  label: { type: "string" },
  at: { type: "string" },
  unreachable: { type: "string", enum: ["failed", "unknown"] },
  effect: { type: "string", enum: ["read", "change", "destructive"] },
  approvers: { type: "integer", enum: [1, 2] },
  approved_with: id,
  expires: durationSchema,
});

const has = (key: string): Schema => ({ type: "object", required: [key] });

const groupProperties: Readonly<Record<keyof typeof groupKeys, Schema>> = {
  steps: items,
  foreach: eachOf,
  label: { type: "string" },
  id,
  title: line,
  why: line,
  when: expression,
  needs,
  tolerate: yesOrNo,
  timeout: durationSchema,
};

const includeProperties: Readonly<Record<keyof typeof includeKeys, Schema>> = {
  include: line,
  section: { type: "string", enum: ["diagnose", "steps"], default: "diagnose" },
  with: { type: "object", propertyNames: id },
  id,
  title: line,
  why: line,
  when: expression,
  needs,
  tolerate: yesOrNo,
};

const rungProperties: Readonly<Record<keyof typeof rungKeys, Schema>> = {
  rung: name,
  title: line,
  why: line,
  when: expression,
  steps: items,
  verify: { anyOf: [verifyByFindings(), items] },
};

/** `findings` is a word or a list, and the old `stable` takes no template: no shape says either. */
function verifyByFindings(): Schema {
  const { fields } = verifyShape.spec;
  const own = (names: readonly string[]): typeof fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  const one: Schema = { type: "string", pattern: "^[a-z][a-z0-9_.]*$" };
  return {
    type: ["object", "null"],
    properties: {
      findings: {
        description: fields["findings"]?.doc ?? "",
        anyOf: [
          { type: "string", enum: ["all"] },
          { type: "array", minItems: 1, items: one },
        ],
        default: "all",
      },
      ...propertiesOf(own(["within", "every", "hold"]), "allowed"),
      ...propertiesOf(own(["stable"]), "none"),
    },
    additionalProperties: false,
  };
}

/** A map of exactly these keys, each with its description, and with examples where it has some. */
function closed(
  docs: Readonly<Record<string, string>>,
  properties: Readonly<Record<string, Schema>>,
  examples: Readonly<Record<string, readonly Json[]>> = {},
): Schema {
  const described = Object.entries(properties).map(([key, schema]) => {
    const shown = examples[key];
    return [
      key,
      { description: docs[key] ?? "", ...schema, ...(shown === undefined ? {} : { examples: shown }) },
    ];
  });
  return { type: "object", properties: Object.fromEntries(described) as Schema, additionalProperties: false };
}

/** What hovering over a verb shows: what it does, and the names its `expect` sees. */
function describe(kind: Kind): string {
  const outputs = Object.entries(kind.outputs).map(
    ([output, spec]) =>
      `- \`${output}\` (${spec.type}${spec.optional === true ? ", may be missing" : ""}): ${outputText(spec)}`,
  );
  return [
    `${kind.summary}. Effect: ${kind.effect}.`,
    kind.doc,
    ...(outputs.length === 0 ? [] : [`Outputs:\n${outputs.join("\n")}`]),
  ].join("\n\n");
}
