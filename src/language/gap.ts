import type { Expression } from "./expression.ts";
import type { EvaluationProblem } from "./expression-problem.ts";

/** What a sentence says in place of a value that there is none of: `(json.total is missing)`. */
export function gapText(
  { reads }: Expression,
  { message, missing }: EvaluationProblem,
  names: Readonly<Record<string, unknown>>,
): string {
  const lacking = reads.flatMap(({ names: path }) => [missingIn(names, path) ?? []]);
  const found = missing
    ? lacking.find((path) => path.length > 0 && message === `${path.at(-1)} is missing`)
    : undefined;
  return found === undefined ? `(no value: ${message})` : `(${found.join(".")} is missing)`;
}

/** A path as far as its first name that is not there; undefined when all of it is. */
export function missingIn(
  names: Readonly<Record<string, unknown>>,
  path: readonly string[],
): readonly string[] | undefined {
  let value: unknown = names;
  for (const [depth, name] of path.entries()) {
    value = memberOf(value, name);
    if (value === undefined) return path.slice(0, depth + 1);
  }
  return undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
