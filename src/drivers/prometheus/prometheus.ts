import type { Failure } from "../../base/failure.ts";
import { NoValue } from "../../base/no-value.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { jsonOf } from "../../language/json-text.ts";
import type { Http, HttpReply } from "../../ports/ports.ts";
import type { Prometheus, PrometheusAnswer } from "../../ports/prometheus.ts";

/** Bytes of an answer: a thousand series with many labels take one of them. */
const longest = 16 * 1_048_576;

/** Prometheus by its HTTP API; what it asks for of TLS and login, the client knows by its origin. */
export function createPrometheus(url: string, http: Http): Prometheus {
  return {
    target: url,
    async read(endpoint, parameters, signal) {
      const query = new URLSearchParams(parameters).toString();
      const reply = await http.request({
        method: "GET",
        url: `${url}/api/v1/${endpoint}?${query}`,
        headers: { "user-agent": "lav-ir", accept: "application/json" },
        maxBytes: longest,
        signal,
      });
      return reply.ok ? await answerOf(`Prometheus at ${url}`, reply.value) : reply;
    },
  };
}

async function answerOf(
  target: string,
  { status, truncated, body }: HttpReply,
): Promise<Result<PrometheusAnswer>> {
  if (status === 401 || status === 403)
    return fail({ type: "denied", target, message: `it answered ${status}` });
  if (truncated) {
    const message = `its answer is longer than ${longest / 1_048_576} MiB; ask for less: sum by (…) (…), topk(20, …)`;
    return fail({ type: "overflow", target, limit: longest, message });
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const value = (await jsonOf(text, true))?.value;
  if (value instanceof NoValue) return fail({ type: "unreadable", target, message: value.why });
  const read: Readonly<Record<string, unknown>> | undefined =
    typeof value === "object" && value !== null ? { ...value } : undefined;
  if (read?.["status"] === "success") {
    return ok({ data: read["data"], warnings: textsIn(read["warnings"]), infos: textsIn(read["infos"]) });
  }
  const { errorType, error } = read ?? {};
  if (read?.["status"] !== "error" || typeof error !== "string" || typeof errorType !== "string")
    return fail(stranger(target, status));
  return fail({ type: "rejected", target, code: errorType, message: error });
}

/** Whatever answers is not its API: a proxy, another server, the wrong path. */
function stranger(target: string, status: number): Failure {
  if (status === 200) return { type: "unreadable", target, message: "this is not Prometheus's HTTP API" };
  const message = "this is not an answer of Prometheus's HTTP API";
  return { type: "rejected", target, code: String(status), message };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
