import type { HaltScope } from "../../ports/trading.ts";

/** What a scope is written like. */
export const scopePattern = {
  test: /^(all|(venue|strategy):[^\s:]+)$/,
  says: "all, venue:NAME or strategy:NAME",
};

export function isScope(text: string): text is HaltScope {
  return scopePattern.test.test(text);
}

/** A scope as a sentence has it. */
export function scopeText(scope: HaltScope): string {
  return scope === "all" ? "ALL trading" : `trading of ${scope.replace(":", " ")}`;
}
