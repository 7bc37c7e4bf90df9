import type { RE2JS } from "re2js";
import { fail, ok, type Result } from "../../base/result.ts";

/** Which series of a page are meant, as PromQL writes it: `req{status=~"5..",route!="/health"}`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

export type Labels = Readonly<Record<string, string>>;

const metricName = /^[a-z_:][\w:]*/i;
const matcherForm =
  /\s*([a-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`)\s*(,|$)/giy;

/** @returns a failure that goes on from what is written */
export function readSelector(written: string): Result<Selector, string> {
  const text = written.trim();
  const [metric] = metricName.exec(text) ?? [];
  if (metric === undefined) return fail('has no metric; write NAME{label="value"}');
  const rest = text.slice(metric.length).trim();
  if (rest === "") return ok({ metric, matchers: [] });
  if (!rest.startsWith("{") || !rest.endsWith("}"))
    return fail('is not a selector; write NAME{label="value"}, without functions or a range');
  return readMatchers(metric, rest.slice(1, -1).trim());
}

function readMatchers(metric: string, inner: string): Result<Selector, string> {
  const matchers: Matcher[] = [];
  let end = 0;
  for (const match of inner.matchAll(matcherForm)) {
    const [whole, label = "", operator = "", double, single, raw] = match;
    const value = raw ?? unescaped(double ?? single ?? "");
    matchers.push({ label, operator: operator as Matcher["operator"], value });
    end = match.index + whole.length;
  }
  if (end < inner.length) return fail(`cannot be read at ${inner.slice(end).slice(0, 30)}`);
  return ok({ metric, matchers });
}

/** `\\`, `\"` and `\n`, as they stand in a label's value; another escape is left as it is. */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\([\\"'n])/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}

/** A selector that is ready to be asked, its patterns RE2 and anchored at both ends, as PromQL has them. */
export interface ReadySelector {
  readonly metric: string;
  readonly matches: (labels: Labels) => boolean;
}

/** @returns a failure that goes on from the selector, where a pattern does not compile */
export async function ready({ metric, matchers }: Selector): Promise<Result<ReadySelector, string>> {
  const patterned = matchers.some(({ operator }) => operator.endsWith("~"));
  const engine = patterned ? (await import("re2js")).RE2JS : undefined;
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const { label, operator, value } of matchers) {
    const wanted = !operator.startsWith("!");
    if (engine === undefined || !operator.endsWith("~")) {
      tests.push((labels) => ((labels[label] ?? "") === value) === wanted);
      continue;
    }
    let pattern: RE2JS;
    try {
      pattern = engine.compile(value);
    } catch {
      return fail(`has a pattern that RE2 cannot read: ${value}`);
    }
    tests.push((labels) => pattern.matcher(labels[label] ?? "").matches() === wanted);
  }
  return ok({ metric, matches: (labels) => tests.every((test) => test(labels)) });
}
