import { randomBytes } from "node:crypto";
import { redactionKeyFile } from "./layout.ts";
import { createState, readStateSync } from "./state-file.ts";

/** Bytes of the key's file. */
const longest = 4096;

/**
 * The key that makes the digits of tokens: the same for every snapshot of an incident, so that two can be
 * compared, and never in one: who has it can try out what a token stood for.
 */
export function tokenKey(state: string, incident: string | undefined): Buffer {
  const path = redactionKeyFile(state, incident);
  try {
    createState(path, randomBytes(32).toString("hex"), { root: state, whole: true });
    const key = Buffer.from(
      readStateSync(path, longest, { root: state, links: 2 })?.toString("utf8").trim() ?? "",
      "hex",
    );
    if (key.length === 32) return key;
  } catch {
    // Nothing can be kept: a snapshot is worth more than its comparison.
  }
  return randomBytes(32);
}
