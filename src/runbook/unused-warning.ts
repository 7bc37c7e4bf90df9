import type { Problems } from "../language/problems.ts";
import { templatesOf } from "../language/value.ts";
import { expressionsOf, expressionsOfRung } from "./expressions.ts";
import { allItems, ownItems, type Runbook } from "./runbook.ts";

/** What is given or kept and nobody reads: asked for at 3am, or a misspelling of what is read. */
export function warnOfUnused(runbook: Runbook, problems: Problems, partly: boolean): void {
  const read = readIn(runbook, partly);
  const warnings = problems.under("unused");
  for (const { name, span } of runbook.params) {
    if (read.has(`params ${name}`) || read.has("params")) continue;
    warnings.warn(span, `nothing reads the parameter ${name}`, `Write \${params.${name}}, or leave it out.`);
  }
  if (read.has("vars")) return;
  for (const step of ownItems(allItems(runbook))) {
    if (step.type !== "step") continue;
    for (const [name, saved] of Object.entries(step.save))
      if (!read.has(`vars ${name}`))
        warnings.warn(saved.node.span, `nothing reads vars.${name}`, "Leave the save out.");
  }
}

/**
 * `params NAME` and `vars NAME` of what is read; the root alone where all of it is.
 * @param partly the runbook has a problem: what its text mentions may stand in what could not be read
 */
function readIn(runbook: Runbook, partly: boolean): ReadonlySet<string> {
  const limits = runbook.resolve.flatMap(({ verify }) =>
    verify.type === "findings" ? [verify.within, verify.every, verify.hold].flatMap(templatesOf) : [],
  );
  const expressions = [
    ...[...ownItems(allItems(runbook))].flatMap(expressionsOf),
    ...runbook.resolve.flatMap(expressionsOfRung),
  ].map(({ expression }) => expression);
  for (const { template } of limits)
    for (const part of template.parts) if (part.type === "expression") expressions.push(part.expression);
  const read = new Set<string>();
  const mentioned = partly ? runbook.source.text.matchAll(/\b(params|vars)(?:\.\??(\w+)|\[)/g) : [];
  for (const [, root = "", name] of mentioned) read.add(name === undefined ? root : `${root} ${name}`);
  for (const { reads, lookups } of expressions) {
    for (const {
      names: [root = "", name],
    } of reads)
      read.add(name === undefined ? root : `${root} ${name}`);
    // A key that is worked out may be any.
    for (const { names } of lookups) if (names.length === 1) read.add(names[0] ?? "");
  }
  return read;
}
