import { hiddenIn } from "../base/printable.ts";
import type { Problems } from "../language/problems.ts";
import type { Node } from "../language/yaml.ts";

/** Their pattern lets no such character in, and says so better. */
const names: ReadonlySet<string> = new Set(["runbook", "id", "rung"]);

/**
 * Nothing in a runbook may be other than what a person reads in it: a title that turns its line around, an
 * expression with an invisible letter. Only the arguments of a step may carry such characters, since a service
 * may want them; they are shown as their numbers.
 */
export function refuseHidden(node: Node, problems: Problems): void {
  switch (node.type) {
    case "scalar":
      if (typeof node.value === "string") refuse(node.value, node.span, problems);
      return;
    case "list":
      for (const item of node.items) refuseHidden(item, problems);
      return;
    case "map":
      // A kind's name has a dot, and what stands under it are arguments.
      for (const { key, value } of node.entries)
        if (!key.includes(".") && !names.has(key)) refuseHidden(value, problems);
  }
}

function refuse(text: string, span: Node["span"], problems: Problems): void {
  const found = hiddenIn(text);
  if (found.length === 0) return;
  const shown = found.slice(0, 3).map(codeOf);
  const what = found.length === 1 ? "a character" : "characters";
  problems.add(span, `${what} that is invisible or controls the terminal: ${shown.join(", ")}`, "Remove it.");
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
