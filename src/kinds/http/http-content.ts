import { jsonText } from "../../base/json.ts";
import { shellLiteral } from "../../base/quote.ts";
import type { DisplayArgs } from "../kind.ts";
import { shown } from "../format.ts";

/** The three ways to give a body; one of them at most. */
export interface Content {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The body as it goes out; undefined when the request has none. */
export function contentOf(args: DisplayArgs): string | undefined {
  if (args["json"] !== undefined) return jsonText(args["json"]);
  if (args["form"] !== undefined) return new URLSearchParams(formOf(args)).toString();
  return args["body"] === undefined ? undefined : shown(args["body"]);
}

/** The header that says what the body is; a text of the author's own needs the author's own. */
export function contentType(args: DisplayArgs): Readonly<Record<string, string>> {
  if (args["json"] !== undefined) return { "content-type": "application/json" };
  if (args["form"] !== undefined) return { "content-type": "application/x-www-form-urlencoded" };
  return {};
}

/** The same body in curl's words. */
export function curlData(args: DisplayArgs): readonly string[] {
  if (args["form"] !== undefined) {
    return formOf(args).flatMap(([name, value]) => ["--data-urlencode", shellLiteral(`${name}=${value}`)]);
  }
  const content = contentOf(args);
  return content === undefined ? [] : ["--data-raw", shellLiteral(content)];
}

function formOf(args: DisplayArgs): [string, string][] {
  return Object.entries((args["form"] ?? {}) as Readonly<Record<string, unknown>>).map(([name, value]) => [
    name,
    shown(value),
  ]);
}
