import { argumentRows, type ArgumentRow } from "./shape-words.ts";
import { groupKeys, paramShape, retryShape, verifyShape } from "../../runbook/fields.ts";
import { interlocks } from "../../trading/interlocks.ts";

/** Words of the tool that are written nowhere in a runbook as a key, as the glossary has them. */
export const terms: Readonly<Record<string, string>> = {
  group: "several steps under one title: `steps:` in the place of a kind",
  preview: "what a change would touch now, from live reads",
  undo: "the runbook that takes a change back, written from what it replaced",
  interlock: "a condition that must hold before a step may run",
};

/** What stands inside a key, or is listed with a word: by its name. */
export function partsOf(name: string): readonly ArgumentRow[] {
  switch (name) {
    case "params":
      return argumentRows(paramShape.spec);
    case "retry":
      return argumentRows(retryShape.spec);
    case "verify":
      return argumentRows(verifyShape.spec);
    case "group":
      return listed(groupKeys);
    case "requires":
    case "interlock":
      return listed(interlocks);
    default:
      return [];
  }
}

/** The keys that stand inside others, with what each means there. */
export const innerKeys: readonly (readonly [of: string, rows: readonly ArgumentRow[]])[] = [
  ["verify", partsOf("verify")],
  ["retry", partsOf("retry")],
  ["a parameter", partsOf("params")],
];

function listed(texts: Readonly<Record<string, string>>): readonly ArgumentRow[] {
  return Object.entries(texts).map(([name, doc]) => ({ name, takes: "", otherwise: "", doc }));
}
