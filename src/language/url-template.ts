import { fail, ok, type Result } from "../base/result.ts";
import type { EvaluationProblem } from "./expression-problem.ts";
import { stepElsewhere } from "./url-path.ts";

/** A part of an address: as the author wrote it, or the text of a value. */
export interface UrlPart {
  readonly text: string;
  /** The expression that the text is the value of. */
  readonly expression: string | undefined;
}

/**
 * Joins the parts of an address, values percent-encoded but for one at the very start, which may be an address itself.
 * A value that leaves a segment of the path empty, or puts `.` or `..` into it, is refused: the request would reach
 * another place than the author wrote.
 */
export function joinUrl(
  parts: readonly UrlPart[],
): Result<string, EvaluationProblem & { readonly expression: string }> {
  const written = parts.map(({ text, expression }, index) =>
    expression !== undefined && index > 0 ? encodeURIComponent(text) : text,
  );
  const whole = written.join("");
  const pathEnd = /[?#]|$/.exec(whole)?.index ?? whole.length;
  let start = 0;
  for (const [index, text] of written.entries()) {
    const end = start + text.length;
    const { expression, text: value } = parts[index] ?? { expression: undefined, text: "" };
    if (expression !== undefined && index > 0 && start <= pathEnd) {
      const begins = whole.lastIndexOf("/", start - 1) + 1;
      const path = whole.slice(begins, pathEnd);
      const segment = path.slice(0, path.indexOf("/") >>> 0);
      if (segment === "" || stepElsewhere(segment) !== undefined) {
        const what = value === "" ? "an empty value" : JSON.stringify(value);
        return fail({ message: `${what} would lead to another path of the URL`, missing: false, expression });
      }
    }
    start = end;
  }
  return ok(whole);
}
