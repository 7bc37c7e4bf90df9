import { nearest } from "../base/suggest.ts";
import type { Effect, Kind, Kinds } from "../kinds/kind.ts";
import { boolean, list, oneOf } from "../language/shape.ts";
import { firstKey, readNow, readValue } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import type { Entry, MapNode } from "../language/yaml.ts";
import { deadline, plainText, retryShape, stepKeys } from "./fields.ts";
import { entryOf, plain } from "./keys.ts";
import { readApproval } from "./parse-approval.ts";
import { hintForAt, readAt } from "./parse-at.ts";
import { condition, expectation, sentence } from "./parse-expression.ts";
import { readForeach } from "./parse-foreach.ts";
import { unreadKind } from "./unread.ts";
import type { Condition, Need, Retry, Runbook, Step, Tolerate } from "./runbook.ts";

const idPattern = /^[a-z][a-z0-9_]*$/;
/** What an empty text is called in a sentence. */
export const emptyText = "an empty text";
const readTimeout = 10_000;
const changeTimeout = 60_000;

/** The words that a runbook may use beside the language's own: whoever loads it says which there are. */
export interface Vocabulary {
  readonly kinds: Kinds;
  /** The names that `requires` may have. */
  readonly interlocks: readonly string[];
}

/** What reading a step needs from outside the step. */
export interface StepContext extends Vocabulary {
  readonly problems: Problems;
  /** Runbooks named by `include`, already loaded. */
  readonly includes: ReadonlyMap<string, Runbook>;
  /** Ids given so far in the whole file: generated ones must not collide. */
  readonly ids: Set<string>;
}

export function readStep(node: MapNode, context: StepContext): Step {
  const { problems } = context;
  const verb = verbOf(node, context);
  if (verb === undefined) return unreadStep(node, context);
  const kind = context.kinds.get(verb.key);
  if (kind === undefined) throw new Error(`the verb ${verb.key} was found and then was not`);
  const args = readValue(verb.value, kind.args.spec, verb.key, problems);
  const effect = readEffect(node, kind, problems);
  const timeout = plain(node, "timeout", deadline, problems);
  return {
    type: "step",
    id: readId(node, verb.key.replaceAll(".", "_"), context),
    ...anyStep(node, problems),
    kind,
    args: args ?? { type: "constant", value: undefined, span: verb.value.span },
    effect,
    retry: readRetry(node, kind, problems),
    timeout: timeout ?? kind.timeout ?? (effect === "read" ? readTimeout : changeTimeout),
    requires: readRequires(node, kind, effect, context),
    at: readAt(node, kind, problems),
    unreachable: plain(node, "unreachable", oneOf("failed", "unknown"), problems) ?? kind.unreachable,
    ...readApproval(node, kind, effect, problems),
    span: verb.keySpan,
    ...(args === undefined ? { unread: "args" as const } : {}),
  };
}

/** What a step has whatever its kind. */
function anyStep(node: MapNode, problems: Problems) {
  return {
    title: plain(node, "title", plainText, problems),
    why: plain(node, "why", plainText, problems),
    expect: expectation(node, problems),
    finding: sentence(node, "finding", problems),
    when: condition(node, "when", problems),
    needs: readNeeds(node, problems),
    tolerate: readTolerate(node, problems),
    save: readSave(node, problems),
    ...readForeach(node, problems),
  };
}

/** One whose verb or include is not known, which is told: what needs it finds it, and its own keys are read. */
export function unreadStep(node: MapNode, context: StepContext, base = "step"): Step {
  const span = firstKey(node);
  return {
    type: "step",
    id: readId(node, base, context),
    ...anyStep(node, context.problems),
    kind: unreadKind,
    args: { type: "constant", value: undefined, span },
    effect: "read",
    retry: undefined,
    timeout: readTimeout,
    requires: [],
    at: undefined,
    unreachable: "unknown",
    approvers: 1,
    approvedWith: undefined,
    expires: readTimeout,
    span,
    unread: "kind",
  };
}

/** The one key that names a kind; every other must be a key of steps. */
function verbOf(node: MapNode, context: StepContext): Entry | undefined {
  const { problems, kinds } = context;
  const verbs = node.entries.filter((entry) => kinds.has(entry.key));
  const unknown = node.entries.filter(
    (entry) => !kinds.has(entry.key) && !Object.hasOwn(stepKeys, entry.key),
  );
  for (const entry of unknown) {
    const known = verbs.length === 0 ? [...kinds.keys(), ...Object.keys(stepKeys)] : Object.keys(stepKeys);
    const near = nearest(entry.key, known);
    const what = verbs.length === 0 ? "is not a kind of step" : "is not a key of a step";
    const atHint = hintForAt(entry);
    const family = [...kinds.keys()].filter((name) => name.startsWith(`${entry.key.split(".")[0]}.`));
    problems.add(
      entry.keySpan,
      `${entry.key} ${what}`,
      verbs.length > 0 && atHint !== undefined
        ? atHint
        : near !== undefined
          ? `Did you mean ${near}?`
          : family.length > 0
            ? `There are ${family.join(", ")}.`
            : `Kinds and keys: lav-ir explain. Keys of a step: ${Object.keys(stepKeys).join(", ")}.`,
    );
  }
  if (verbs.length > 1) {
    const names = verbs.map((entry) => entry.key).join(" and ");
    problems.add(
      verbs[1]?.keySpan ?? node.span,
      `a step does one thing, but this one has ${names}`,
      "Make it two steps.",
    );
    return undefined;
  }
  if (verbs.length === 0 && unknown.length === 0) {
    problems.add(firstKey(node), "this step does nothing", "Give it a verb, such as http.get.");
  }
  return verbs[0];
}

export function readId(node: MapNode, base: string, context: StepContext): string {
  const entry = entryOf(node, "id");
  if (entry === undefined) {
    let id = base;
    for (let count = 2; context.ids.has(id); count++) id = `${base}_${count}`;
    context.ids.add(id);
    return id;
  }
  const id = plain(node, "id", plainText, context.problems) ?? base;
  if (!idPattern.test(id)) {
    const hint = "Lower-case letters, digits and _, beginning with a letter, so that steps.ID works.";
    context.problems.add(entry.value.span, `${id || emptyText} is not a valid step id`, hint);
  }
  context.ids.add(id);
  return id;
}

function readEffect(node: MapNode, kind: Kind, problems: Problems): Effect {
  const raised = plain(node, "effect", oneOf("read", "change", "destructive"), problems);
  const order: readonly Effect[] = ["read", "change", "destructive"];
  if (raised !== undefined && order.indexOf(raised) < order.indexOf(kind.effect)) {
    const place = entryOf(node, "effect")?.value.span ?? node.span;
    problems.add(place, `${kind.name} is ${kind.effect}; an author may raise the effect, never lower it`);
    return kind.effect;
  }
  return raised ?? kind.effect;
}

function readRetry(node: MapNode, kind: Kind, problems: Problems): Retry | undefined {
  const entry = entryOf(node, "retry");
  if (entry === undefined) return undefined;
  if (kind.effect !== "read" && kind.retrySafe === undefined) {
    const hint = "A second attempt would not be safe. Measure with a rung's verify instead.";
    problems.add(entry.keySpan, `${kind.name} makes a change and cannot be retried`, hint);
  }
  const read = readNow(entry.value, retryShape, "retry", problems);
  if (read === undefined || entry.value.type !== "map") return undefined;
  return { until: condition(entry.value, "until", problems), every: read.every, within: read.within };
}

export function readNeeds(node: MapNode, problems: Problems): readonly Need[] {
  const entry = entryOf(node, "needs");
  if (entry === undefined) return [];
  const items = entry.value.type === "list" ? entry.value.items : [entry.value];
  return items.flatMap((item) => {
    const value = readValue(item, plainText.spec, "needs", problems);
    return value?.type === "constant" ? [{ id: String(value.value), span: item.span }] : [];
  });
}

export function readTolerate(node: MapNode, problems: Problems): Tolerate | undefined {
  const value = plain(node, "tolerate", boolean(), problems);
  const span = entryOf(node, "tolerate")?.keySpan;
  return value === undefined || span === undefined ? undefined : { value, span };
}

function readRequires(
  node: MapNode,
  kind: Kind,
  effect: Effect,
  { problems, interlocks }: StepContext,
): readonly string[] {
  const entry = entryOf(node, "requires");
  if (entry === undefined) return [];
  if (effect === "read") {
    const message = `${kind.name} only reads; requires is for what changes something`;
    problems.add(entry.keySpan, message, "An expectation on trading.status says the same for a read.");
  }
  return plain(node, "requires", list(oneOf(...interlocks), { min: 1 }), problems) ?? [];
}

function readSave(node: MapNode, problems: Problems): Readonly<Record<string, Condition>> {
  const entry = entryOf(node, "save");
  if (entry === undefined) return {};
  if (entry.value.type !== "map") {
    problems.add(
      entry.value.span,
      "save must be a map of name: expression",
      "Such as save: { total: count }.",
    );
    return {};
  }
  const saves: Record<string, Condition> = {};
  for (const { key, keySpan } of entry.value.entries) {
    if (!idPattern.test(key))
      problems.add(keySpan, `${key} is not a valid name`, "Lower-case letters, digits and _.");
    const read = condition(entry.value, key, problems);
    if (read !== undefined) saves[key] = read;
  }
  return saves;
}
