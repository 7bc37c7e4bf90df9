import { didYouMean } from "../base/suggest.ts";
import type { Path } from "./expression-reads.ts";
import type { EvaluationProblem } from "./expression-problem.ts";

/** What a sentence says in place of a value that there is none of: `(json.total is missing)`. */
export function gapText(
  { reads }: { readonly reads: readonly Path[] },
  { message, missing }: EvaluationProblem,
  names: Readonly<Record<string, unknown>>,
): string {
  const lacking = reads.flatMap(({ names: path }) => [missingIn(names, path) ?? []]);
  const found = missing
    ? lacking.find((path) => path.length > 0 && isOf(message, path.at(-1) ?? ""))
    : undefined;
  return found === undefined ? `(no value: ${message})` : `(${found.join(".")} is missing)`;
}

function isOf(message: string, name: string): boolean {
  return message === `${name} is missing` || message.startsWith(`${name} is missing (`);
}

/**
 * The name that was probably meant by one that is not there, ` (did you mean used_memory?)`: in a map whose names only
 * the run knows lint cannot say it.
 */
export function meantIn(
  names: Readonly<Record<string, unknown>>,
  reads: readonly Path[],
  missing: string,
): string {
  for (const { names: path } of reads) {
    const lacking = missingIn(names, path);
    if (lacking === undefined || lacking.length < 2 || lacking.at(-1) !== missing) continue;
    let around: unknown = names;
    for (const name of lacking.slice(0, -1)) around = memberOf(around, name);
    if (typeof around !== "object" || around === null || Array.isArray(around)) continue;
    return didYouMean(missing, Object.keys(around).slice(0, mostCompared));
  }
  return "";
}

/** Of a map with more names only these are compared. */
const mostCompared = 1000;

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
