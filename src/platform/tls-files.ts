import { resolve } from "node:path";
import type { ServerTls } from "./platform.ts";

/** The files of TLS, from the folder of the platform file. */
export function filesOf(names: ServerTls["files"], folder: string): ServerTls["files"] {
  return Object.fromEntries(Object.entries(names).map(([name, file]) => [name, resolve(folder, file)]));
}
