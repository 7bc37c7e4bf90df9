import { jsonText } from "../../base/json.ts";
import { ok } from "../../base/result.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Collector } from "../capture/collector.ts";

/** What the platform file said: which addresses everything else was read from. */
export function platformFile(platform: Platform): Collector {
  return {
    id: "host.platform",
    target: platform.path,
    summary: "the platform as its file describes it",
    volatile: false,
    order: 0,
    deadline: 1000,
    cap: 1_048_576,
    collect({ file }) {
      file("platform.json", { kind: "text", keep: "oldest" }).write(`${jsonText(platform)}\n`);
      return Promise.resolve(ok({}));
    },
  };
}
