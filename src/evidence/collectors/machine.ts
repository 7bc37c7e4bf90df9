import * as os from "node:os";
import { jsonText } from "../../base/json.ts";
import { ok } from "../../base/result.ts";
import type { Collector } from "../capture/collector.ts";

/** The machine that the snapshot is taken on. */
export function machine(): Collector {
  return {
    id: "host.machine",
    target: os.hostname(),
    summary: "system, uptime, load and memory",
    volatile: true,
    order: 0,
    deadline: 1000,
    cap: 65_536,
    collect({ file }) {
      const sink = file("machine.json", { kind: "text", keep: "oldest" });
      sink.write(
        `${jsonText({
          host: os.hostname(),
          system: os.type(),
          release: os.release(),
          architecture: os.arch(),
          processors: os.cpus().length,
          uptime_s: Math.round(os.uptime()),
          load: os.loadavg(),
          memory_bytes: os.totalmem(),
          free_bytes: os.freemem(),
        })}\n`,
      );
      return Promise.resolve(ok({}));
    },
  };
}
