import { printable } from "../../base/printable.ts";
import type { World } from "../context/world.ts";

export function refuseHalt({ stderr }: World, message: string, code: 2 | 3 | 130 | 143 = 2): number {
  stderr.write(`${printable(message)}\nNothing was sent.\n`);
  return code;
}
