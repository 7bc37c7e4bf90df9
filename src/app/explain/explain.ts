// What `explain` knows: kinds of step, functions of expressions, keys of a runbook, rules of lint. All of it is the
// text that the code itself has; nothing is written here a second time.
import { functions } from "../../language/functions/table.ts";
import type { ExpressionFunction } from "../../language/functions/function.ts";
import { ruleSentences } from "../../language/diagnostic.ts";
import { groupKeys, includeKeys, runbookKeys, rungKeys, stepKeys } from "../../runbook/fields.ts";
import { nearest } from "../../base/suggest.ts";
import { kinds } from "../wiring/all-kinds.ts";
import { kindText, type KindText } from "./kind-text.ts";

export type Explained =
  | { readonly what: "kind"; readonly name: string; readonly text: KindText }
  | { readonly what: "function"; readonly name: string; readonly text: ExpressionFunction }
  /** One key may stand at several places, with a meaning at each. */
  | { readonly what: "key"; readonly name: string; readonly text: readonly KeyText[] }
  | { readonly what: "rule"; readonly name: string; readonly text: string };

export interface KeyText {
  /** Completes "a key of": `a step`. */
  readonly of: string;
  readonly doc: string;
}

const keyPlaces: readonly (readonly [of: string, keys: Readonly<Record<string, string>>])[] = [
  ["a runbook", runbookKeys],
  ["a rung", rungKeys],
  ["a step", stepKeys],
  ["a group", groupKeys],
  ["an include", includeKeys],
];

/** All that has this name; a function also without what is before its dot. */
export function explained(word: string): readonly Explained[] {
  const name = word.replace(/[(:].*$/, "").replace(/^\./, "");
  const kind = kinds.find((one) => one.name === name);
  const keys = keyPlaces.flatMap(([of, texts]) => {
    const doc = Object.hasOwn(texts, name) ? texts[name] : undefined;
    return doc === undefined ? [] : [{ of, doc }];
  });
  const rule = Object.entries(ruleSentences).find(([id]) => id === name)?.[1];
  return [
    ...(kind === undefined ? [] : [{ what: "kind" as const, name, text: kindText(kind) }]),
    ...(keys.length === 0 ? [] : [{ what: "key" as const, name, text: keys }]),
    ...functions
      .filter((one) => one.name === name || one.name.endsWith(`.${name}`))
      .map((text) => ({ what: "function" as const, name: text.name, text })),
    ...(rule === undefined ? [] : [{ what: "rule" as const, name, text: rule }]),
  ];
}

/** Names that begin with the word and a dot, such as the kinds of `kafka`. */
export function namesBelow(word: string): readonly string[] {
  return allNames().filter((name) => name.startsWith(`${word.replace(/\.$/, "")}.`));
}

/** What was probably meant. */
export function meant(word: string): string | undefined {
  return nearest(word, allNames());
}

/** Everything that can be explained, by what it is. */
export function contents(): Readonly<Record<"kinds" | "keys" | "functions", readonly string[]>> {
  const keys = keyPlaces.flatMap(([, texts]) => Object.keys(texts));
  return {
    kinds: kinds.map(({ name }) => name),
    keys: [...new Set(keys)].toSorted(),
    functions: functions.map(({ name }) => name).toSorted(),
  };
}

function allNames(): readonly string[] {
  return Object.values(contents()).flat();
}
