import type { Failure } from "../../base/failure.ts";
import { shellLiteral } from "../../base/quote.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext, Where } from "../kind.ts";
import type { PrometheusAnswer } from "../../ports/prometheus.ts";

/** What kinds that ask Prometheus have in common: there must be one, and an answer must be whole. */

/** Refused before anything runs. */
export function checkThereIsOne({ prometheus }: Pick<Where, "prometheus">): string | undefined {
  if (prometheus !== undefined) return undefined;
  return "the platform file has no prometheus; add prometheus: { url: http://host:9090 }";
}

export function targetOf({ prometheus }: Pick<Where, "prometheus">): string {
  return `Prometheus at ${prometheus ?? "‹prometheus›"}`;
}

/** What the server warns of may be missing from the answer, and an answer with a gap is none. */
export async function ask(
  { ports, signal }: KindContext,
  endpoint: "query" | "rules",
  parameters: Readonly<Record<string, string>>,
): Promise<Result<PrometheusAnswer>> {
  const { prometheus } = ports;
  if (prometheus === undefined) {
    const message = checkThereIsOne({ prometheus: undefined }) ?? "";
    return fail({ type: "argument", target: "prometheus", message, effect: "none" });
  }
  const answer = await prometheus.read(endpoint, parameters, signal);
  if (!answer.ok) return answer;
  const { warnings } = answer.value;
  if (warnings.length === 0) return ok(answer.value);
  const target = targetOf({ prometheus: prometheus.target });
  return fail(misread(target, `it warns that the answer may be incomplete: ${warnings.join("; ")}`));
}

export function misread(target: string, message: string): Failure {
  return { type: "unreadable", target, message };
}

/** The request as a person would send it. */
export function curlOf(
  { prometheus, access }: Pick<Where, "prometheus" | "access">,
  endpoint: "query" | "rules",
  parameters: Readonly<Record<string, string>>,
): string {
  const data = Object.entries(parameters).map(
    ([name, value]) => `--data-urlencode ${shellLiteral(`${name}=${value}`)}`,
  );
  const url = `${prometheus ?? "‹prometheus›"}/api/v1/${endpoint}`;
  return ["curl -sS -G", ...(access?.prometheus?.options ?? []), ...data, shellLiteral(url)].join(" ");
}
