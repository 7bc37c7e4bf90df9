import type { Problems } from "../language/problems.ts";
import { nameTexts } from "./name-texts.ts";
import { allItems, ownItems, type Runbook, type Step } from "./runbook.ts";

const roots = new Set(nameTexts.map(({ written }) => written.replace(/\..*$/, "")));

/** `$name` in a sentence, where `${name}` was meant: a shell's habit, and a person reads the dollar. */
export function warnOfBraces(runbook: Runbook, problems: Problems): void {
  for (const item of ownItems(allItems(runbook))) {
    if (item.type !== "step") continue;
    for (const text of [item.finding, item.label]) {
      if (text === undefined) continue;
      for (const part of text.template.parts) {
        if (part.type === "text") warn(part.text, item, text.node.span, problems);
      }
    }
  }
}

function warn(text: string, { kind }: Step, span: { start: number; end: number }, problems: Problems): void {
  for (const [, name = ""] of text.matchAll(/\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/g)) {
    const [root = ""] = name.split(".");
    if (!roots.has(root) && !Object.hasOwn(kind.outputs, root)) continue;
    problems.under("expression").warn(span, `$${name} is shown as it is written`, `Write \${${name}}.`);
  }
}
