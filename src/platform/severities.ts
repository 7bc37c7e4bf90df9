import type { Problems } from "../language/problems.ts";
import { list, node, object, oneOf, optional, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { parseDuration } from "../base/duration.ts";
import { entriesOf, keyPlace, placeOf } from "./place.ts";
import {
  isOtherName,
  isSeverity,
  ownNames,
  severities,
  type Severity,
  type SeverityNames,
} from "./severity.ts";

/** What the severities mean, who is paged at each, and what is measured to tell them apart. */
const line = text({ template: "none", instead: "Write it out." });
const recipient = text({
  template: "none",
  pattern: { test: /^[a-z][a-z0-9-]*(?::[a-z][a-z0-9_-]*)?$/, says: "a channel, or channel:team" },
});

const severityShape = object({
  name: optional(line, "Its name: Critical, High ..."),
  means: optional(line, "What it is for, in a line."),
  page: optional(list(recipient), "Who is paged: a channel, or `channel:team` and `channel:person`."),
  triggers: optional(
    list(node()),
    "Signs of this severity. Each has an `id`, and is a read with an `expect`, as in a runbook, or an `ask`, a question for a person. It fires when its expect is false; with `ask_since: 5m` only when a person says that this has lasted longer.",
  ),
});

/** Any other key is another name for one of the four: `SEV1: P0`. */
export const severitiesShape = object(
  {
    P0: optional(severityShape, "The most urgent."),
    P1: optional(severityShape, "High."),
    P2: optional(severityShape, "Medium."),
    P3: optional(severityShape, "Low."),
  },
  { rest: oneOf(...severities).spec },
);
export type SeveritiesRead = NonNullable<(typeof severitiesShape)["type"]>;

/** A measurement that speaks for a severity; its step is parsed by whoever measures. */
export interface Trigger {
  readonly id: string;
  /** Milliseconds: it fires when a person says that it has been so for longer. */
  readonly askSince?: number;
  readonly step: Node;
}

export interface SeverityPlan {
  readonly name: string;
  readonly means: string;
  readonly page: readonly string[];
  readonly triggers: readonly Trigger[];
}

const defaults: Readonly<Record<Severity, { readonly name: string; readonly means: string }>> = {
  P0: { name: "Critical", means: "System-wide failure of core trading" },
  P1: { name: "High", means: "Significant degradation with business impact" },
  P2: { name: "Medium", means: "Minimal business impact" },
  P3: { name: "Low", means: "Minor issue" },
};

export function severitiesOf(read: SeveritiesRead): Readonly<Record<Severity, SeverityPlan>> {
  const plan = (severity: Severity): SeverityPlan => {
    const { name, means, page = [], triggers = [] } = read[severity] ?? {};
    const { name: usual, means: meaning } = defaults[severity];
    return { name: name ?? usual, means: means ?? meaning, page, triggers: triggers.flatMap(triggerOf) };
  };
  return { P0: plan("P0"), P1: plan("P1"), P2: plan("P2"), P3: plan("P3") };
}

/** The four, and the other names that the file has for them. */
export function severityNamesOf(read: SeveritiesRead): SeverityNames {
  const others = Object.entries(read as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    typeof value === "string" && isSeverity(value) ? [[name, value] as const] : [],
  );
  return { ...ownNames, ...Object.fromEntries(others) };
}

function triggerOf(step: Node): readonly Trigger[] {
  const id = scalar(step, "id");
  const since = scalar(step, "ask_since");
  const askSince = since === undefined ? undefined : parseDuration(since);
  return id === undefined ? [] : [{ id, step, ...(askSince === undefined ? {} : { askSince }) }];
}

/** Whether a trigger has an id of its own, a duration that is one, and something to measure. */
export function checkSeverities(read: SeveritiesRead, root: Node, problems: Problems): void {
  for (const name of Object.keys(severityNamesOf(read))) {
    if (Object.hasOwn(ownNames, name) || isOtherName(name)) continue;
    const hint = "Letters, digits, _ and -, beginning with a letter; a P with a number is none.";
    problems.add(keyPlace(root, ["severities"], name), `${name} is not a valid name of a severity`, hint);
  }
  const seen = new Set<string>();
  for (const severity of severities) {
    for (const [at, step] of (read[severity]?.triggers ?? []).entries()) {
      const path = ["severities", severity, "triggers", at];
      const id = scalar(step, "id");
      if (id === undefined || !/^[a-z][a-z0-9-]*$/.test(id)) {
        problems.add(placeOf(root, path), "a trigger needs an id", "Small letters, digits and -.");
        continue;
      }
      if (seen.has(id)) problems.add(placeOf(root, [...path, "id"]), `two triggers have the id ${id}`);
      seen.add(id);
      const since = scalar(step, "ask_since");
      if (since !== undefined && parseDuration(since) === undefined)
        problems.add(
          placeOf(root, [...path, "ask_since"]),
          `ask_since must be a duration such as 5m, and is ${since}`,
        );
      const own = entriesOf(step).map(({ key }) => key);
      if (own.includes("ask")) continue;
      if (!own.some((key) => key.includes(".")))
        problems.add(
          placeOf(root, path),
          `trigger ${id} measures nothing`,
          "Give it a read such as http.get, or an ask.",
        );
      else if (!own.includes("expect"))
        problems.add(
          placeOf(root, path),
          `trigger ${id} has no expect`,
          "It fires when its expect is false.",
        );
    }
  }
}

function scalar(step: Node, key: string): string | undefined {
  const value = entriesOf(step).find((entry) => entry.key === key)?.value;
  return value?.type === "scalar" && value.value !== null ? String(value.value) : undefined;
}
