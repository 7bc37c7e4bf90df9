import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, findProgram, onFreePort, startChild } from "./child.ts";

export interface PrometheusOptions {
  /** Its configuration, as it stands in the file. */
  readonly config?: string;
  /** Files beside it, by their names: rules. */
  readonly files?: Readonly<Record<string, string>>;
  /** `web.yml`: logins and TLS. */
  readonly web?: string;
}

export interface PrometheusServer {
  readonly port: number;
  readonly url: string;
  log(): string;
  stop(): Promise<void>;
}

/** A Prometheus of its own on a free port of 127.0.0.1, gone with this process. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const program = prometheusProgram();
  const folder = dataFolder("prometheus");
  const { config = "global: { scrape_interval: 1s }\n", files = {}, web } = options;
  for (const [name, text] of Object.entries({ ...files, "prometheus.yml": config })) {
    writeFileSync(join(folder, name), text);
  }
  if (web !== undefined) writeFileSync(join(folder, "web.yml"), web);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const onPort = async (port: number): Promise<PrometheusServer> => {
    const child = await startChild({
      command: [
        program,
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...(web === undefined ? [] : [`--web.config.file=${join(folder, "web.yml")}`]),
      ],
      cwd: folder,
      ready: /Server is ready to receive web requests/,
    });
    return {
      port,
      url: `http://127.0.0.1:${port}`,
      log: () => child.log(),
      async stop(): Promise<void> {
        await child.stop("SIGKILL");
        remove();
      },
    };
  };
  return await onFreePort(onPort, remove);
}

/** The program of Debian's `prometheus`, or the one that LAV_TEST_PROMETHEUS names. */
function prometheusProgram(): string {
  const named = process.env["LAV_TEST_PROMETHEUS"];
  const program = named ?? findProgram("prometheus", ["/usr/bin", "/usr/local/bin"]);
  if (program === undefined) {
    throw new Error(
      "prometheus is not here: install the package prometheus, or name the program in LAV_TEST_PROMETHEUS",
    );
  }
  return program;
}
