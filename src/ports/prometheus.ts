import type { Result } from "../base/result.ts";

/** A success of Prometheus's HTTP API. */
export interface PrometheusAnswer {
  /** As JSON has it; numbers of a sample are texts there. */
  readonly data: unknown;
  /** What may be missing from the answer. */
  readonly warnings: readonly string[];
  /** Remarks on the query, from 2.53 on. */
  readonly infos: readonly string[];
}

export interface Prometheus {
  /** Its base URL, for a plan. */
  readonly target: string;
  /** Asks an endpoint that reads: `query`, `rules`. What the server's own word says is wrong is `rejected`, with its errorType. */
  read(
    endpoint: "query" | "rules",
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Result<PrometheusAnswer>>;
}
