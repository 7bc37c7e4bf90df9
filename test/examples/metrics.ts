import type { Reply } from "../cli/server.ts";
import type { Asked } from "./asked.ts";
import { Service } from "./service.ts";

export interface Series {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Of a Prometheus what the runbooks ask: these queries to the letter, and the alerting rules. */
export class Metrics {
  readonly service: Service;

  private constructor(service: Service) {
    this.service = service;
  }

  static async start(asked: Asked): Promise<Metrics> {
    return new Metrics(await Service.start("prometheus", asked));
  }

  /** @param query as PromQL has it, blanks included */
  query(query: string, answer: readonly Series[] | Reply): void {
    const found = Array.isArray(answer)
      ? success({ resultType: "vector", result: (answer as readonly Series[]).map(vectorOf) })
      : (answer as Reply);
    const parameters = new URLSearchParams({ query, timeout: "10000ms" }).toString();
    this.service.on(`GET /api/v1/query?${parameters}`, found, `query ${query}`);
  }

  /** Rules, each with the names of the instances that fire. */
  alerts(rules: Readonly<Record<string, readonly string[]>>): void {
    const all = Object.entries(rules).map(([name, firing]) => ({
      type: "alerting",
      name,
      state: firing.length === 0 ? "inactive" : "firing",
      health: "ok",
      alerts: firing.map((instance) => ({
        state: "firing",
        activeAt: "2026-11-30T06:00:00Z",
        labels: { alertname: name, instance },
        annotations: { summary: `${instance} needs somebody` },
        value: "1e+00",
      })),
    }));
    this.service.on(
      "GET /api/v1/rules?type=alert",
      success({ groups: [{ name: "adaf", file: "adaf.yml", rules: all }] }),
    );
  }
}

const success = (data: object): Reply => ({ json: { status: "success", data } });

function vectorOf({ labels = {}, value }: Series): object {
  return { metric: labels, value: [1_780_000_000.123, String(value)] };
}
