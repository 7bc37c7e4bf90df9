import type { Template } from "./template.ts";

/** The secret's name, where a text is `${secrets.NAME}` and nothing else. */
export function wholeSecretOf({ parts: [only, ...more] }: Pick<Template, "parts">): string | undefined {
  if (only?.type !== "expression" || more.length > 0) return undefined;
  return /^\s*secrets\.([A-Z][A-Z0-9_]*)\s*$/.exec(only.expression.text)?.[1];
}
