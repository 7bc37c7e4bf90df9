import type { Platform } from "../../platform/platform.ts";
import type { Collector } from "../collector.ts";
import { machine } from "./machine.ts";
import { platformFile } from "./platform-file.ts";

/** Everything a snapshot of a platform takes. */
export function collectorsFor(platform: Platform): readonly Collector[] {
  return [machine(), platformFile(platform)];
}
