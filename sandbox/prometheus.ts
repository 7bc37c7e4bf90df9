import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startHttpProgram, type HttpProcess } from "./http-server.ts";

export interface PrometheusOptions {
  /** Its configuration, as it stands in the file. */
  readonly config?: string;
  /** Files beside it, by their names: rules. */
  readonly files?: Readonly<Record<string, string>>;
  /** `web.yml`: logins and TLS. */
  readonly web?: string;
}

/** A Prometheus without anything in it. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<HttpProcess> {
  const { config = "global: { scrape_interval: 1s }\n", files = {}, web } = options;
  const written = { ...files, "prometheus.yml": config, ...(web === undefined ? {} : { "web.yml": web }) };
  return await startHttpProgram({
    name: "prometheus",
    package: "prometheus",
    variable: "LAV_TEST_PROMETHEUS",
    ready: /Server is ready to receive web requests/,
    prepare: (folder, port) => {
      for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), text);
      return [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...(web === undefined ? [] : [`--web.config.file=${join(folder, "web.yml")}`]),
      ];
    },
  });
}
