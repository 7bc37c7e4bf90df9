import { ok, type Result } from "../../base/result.ts";
import { nearest } from "../../base/suggest.ts";
import {
  fieldNames,
  isFieldName,
  type FieldName,
  type FieldSource,
} from "../../incident/templates/fields.ts";
import { standardText, type StandardName } from "../../incident/templates/standard.ts";
import { fillTemplate, type Filled, type Template } from "../../incident/templates/template.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";

/** What a person states of a message, by field. */
export type GivenFields = Readonly<Partial<Record<FieldName, string>>>;

export interface GivenOptions {
  /** `name=value`, as often as needed. */
  readonly set?: readonly string[];
  readonly eta?: string;
  readonly next?: string;
}

/** The fields that the command line states, without secrets. */
export function givenFields(scene: Scene, typed: string, own: GivenOptions): Result<GivenFields, Refusal> {
  const given: Partial<Record<FieldName, string>> = {};
  const pairs: readonly (readonly [string, string])[] = [
    ...(typed.trim() === "" ? [] : [["text", typed] as const]),
    ...(own.eta === undefined ? [] : [["eta", own.eta] as const]),
    ...(own.next === undefined ? [] : [["next_update", own.next] as const]),
    ...(own.set ?? []).map((one) => [one.split("=")[0] ?? "", one.slice(one.indexOf("=") + 1)] as const),
  ];
  for (const [name, value] of pairs) {
    if (!isFieldName(name)) {
      const near = nearest(name, fieldNames);
      return refusal(
        `unknown field ${name} (${near === undefined ? `fields: ${fieldNames.join(", ")}` : `did you mean ${near}?`})`,
      );
    }
    const clean = scene.text(value, name);
    if (!clean.ok) return refusal(clean.failure);
    given[name] = clean.value;
  }
  return ok(given);
}

/** The text of a message by a template. */
export function filled(scene: Scene, template: Template, given: GivenFields): Filled {
  return fillTemplate(template, sourceOf(scene), given);
}

/** The text of a message that goes out by itself: by the installation's own template, or the built-in one. */
export function standardBody(scene: Scene, name: StandardName, given: GivenFields = {}): string {
  return standardText(name, sourceOf(scene), given, scene.own.templates);
}

function sourceOf({ fold, status, now, plan }: Scene): FieldSource {
  const severityName = status.severity === undefined ? "" : plan.severities[status.severity].name;
  return { fold, status, now, severityName };
}

/** Refuses with each missing field and what fills it. */
export function missingFields({ missing }: Filled): Result<never, Refusal> {
  const lines = missing.map(
    ({ field, fill }) => `  ${field}: ${fill}${fill.startsWith("--set") ? "" : `, or --set ${field}="…"`}`,
  );
  return refusal(["the template has fields without a value:", ...lines].join("\n"));
}
