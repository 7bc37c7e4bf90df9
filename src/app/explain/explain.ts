// What `explain` knows: kinds of step, functions and names of expressions, keys of a runbook, rules of lint. All of it is the
// text that the code itself has; nothing is written here a second time.
import { functions } from "../../language/functions/table.ts";
import type { ExpressionFunction } from "../../language/functions/function.ts";
import { ruleSentences } from "../../language/diagnostic.ts";
import { groupKeys, includeKeys, runbookKeys, rungKeys, stepKeys } from "../../runbook/fields.ts";
import { nameTexts, type NameText } from "../../runbook/name-texts.ts";
import { nearest } from "../../base/suggest.ts";
import { kinds } from "../wiring/all-kinds.ts";
import { kindText, type KindText } from "./kind-text.ts";
import type { ArgumentRow } from "./shape-words.ts";
import { innerKeys, partsOf, terms } from "./terms.ts";

export type Explained =
  | { readonly what: "kind"; readonly name: string; readonly text: KindText }
  | { readonly what: "function"; readonly name: string; readonly text: ExpressionFunction }
  /** One key may stand at several places, with a meaning at each. */
  | { readonly what: "key"; readonly name: string; readonly text: readonly KeyText[] }
  /** Names of expressions, those below a root together: `run`. */
  | { readonly what: "name"; readonly name: string; readonly text: readonly NameText[] }
  | { readonly what: "word"; readonly name: string; readonly text: WordText }
  | { readonly what: "rule"; readonly name: string; readonly text: string };

export interface KeyText {
  /** Completes "a key of": `a step`. */
  readonly of: string;
  readonly doc: string;
  /** Its value where it is left out. */
  readonly otherwise?: string;
  /** What it holds, or may be. */
  readonly parts?: readonly ArgumentRow[];
}

export interface WordText {
  readonly doc: string;
  readonly parts: readonly ArgumentRow[];
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
    const parts = partsOf(name);
    return doc === undefined ? [] : [{ of, doc, ...(parts.length === 0 ? {} : { parts }) }];
  });
  for (const [of, rows] of innerKeys) {
    const row = rows.find((one) => one.name === name);
    if (row === undefined) continue;
    const { doc, otherwise } = row;
    keys.push({ of, doc, ...(otherwise === undefined ? {} : { otherwise }) });
  }
  const names = namesCalled(name);
  const term = Object.hasOwn(terms, name) ? terms[name] : undefined;
  const rule = Object.entries(ruleSentences).find(([id]) => id === name)?.[1];
  return [
    ...(kind === undefined ? [] : [{ what: "kind" as const, name, text: kindText(kind) }]),
    ...(keys.length === 0 ? [] : [{ what: "key" as const, name, text: keys }]),
    ...(names.length === 0 ? [] : [{ what: "name" as const, name, text: names }]),
    ...(term === undefined
      ? []
      : [{ what: "word" as const, name, text: { doc: term, parts: partsOf(name) } }]),
    ...functions
      .filter((one) => one.name === name || one.name.endsWith(`.${name}`))
      .map((text) => ({ what: "function" as const, name: text.name, text })),
    ...(rule === undefined ? [] : [{ what: "rule" as const, name, text: rule }]),
  ];
}

/** `run.outcome`, `run` for all that it has, and `steps.health.outcome` as `steps.ID.outcome`. */
function namesCalled(word: string): readonly NameText[] {
  const parts = word.replaceAll(/\[[^\]]*\]/g, ".NAME").split(".");
  const fits = ({ written }: NameText): boolean => {
    const own = written.split(".");
    return parts.every((part, at) => part === own[at] || /^[A-Z]+$/.test(own[at] ?? ""));
  };
  const found = nameTexts.filter(fits);
  // `steps.health.outcome` is no output that is called so.
  const exact = found.filter(({ written }) => written.split(".").at(-1) === parts.at(-1));
  return exact.length === 0 ? found : exact;
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
export function contents(): Readonly<
  Record<"kinds" | "keys" | "names" | "functions" | "words", readonly string[]>
> {
  const keys = [
    ...keyPlaces.flatMap(([, texts]) => Object.keys(texts)),
    ...innerKeys.flatMap(([, rows]) => rows.map(({ name }) => name)),
  ];
  return {
    kinds: kinds.map(({ name }) => name),
    keys: [...new Set(keys)].toSorted(),
    names: nameTexts.map(({ written }) => written),
    functions: functions.map(({ name }) => name).toSorted(),
    words: Object.keys(terms),
  };
}

function allNames(): readonly string[] {
  return Object.values(contents()).flat();
}
