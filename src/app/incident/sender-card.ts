// What a living sender says of itself beside its lock, so that a command can see whether it would send with what the
// command has: the secrets of the environment are those of whoever started it, and so is the platform file as it was.
import { createHash, createHmac } from "node:crypto";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import { secretNameIn } from "../../platform/secret-ref.ts";
import { senderCardFile } from "../../store/layout.ts";
import { tokenKey } from "../../store/redaction-key.ts";
import { createState, readStateSync, removeState } from "../../store/state-file.ts";
import { secretFile } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";

export interface SenderCard {
  readonly version: string;
  /** Digest of what the platform file says of incidents. */
  readonly plan: string;
  /** By name, a keyed digest of each secret that this process has in its environment; of a file, of its path. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Bytes of the file. */
const longest = 65_536;

export function cardOf(world: Pick<World, "env" | "version">, plan: IncidentPlan, state: string): SenderCard {
  const key = tokenKey(state, undefined);
  const digest = (text: string): string => createHmac("sha256", key).update(text).digest("hex").slice(0, 32);
  const secrets = secretNamesOf(plan).flatMap((name): readonly (readonly [string, string])[] => {
    const file = secretFile(world.env, name);
    const value = file === undefined ? world.env[name] : `file ${file}`;
    return value === undefined || value.trim() === "" ? [] : [[name, digest(`${name} ${value}`)]];
  });
  const sha256 = createHash("sha256").update(JSON.stringify(plan)).digest("hex");
  return { version: world.version, plan: sha256, secrets: Object.fromEntries(secrets) };
}

/** Names of the secrets that the channels of a platform file have. */
export function secretNamesOf({ channels }: Pick<IncidentPlan, "channels">): readonly string[] {
  const written = Object.values(channels).flatMap(({ provider, drill }) => [
    ...Object.values(provider).flat(),
    drill,
  ]);
  const names = written.flatMap((text) => (typeof text === "string" ? (secretNameIn(text) ?? []) : []));
  return [...new Set(names)];
}

/** Written by whoever holds the sender's lock. */
export function leaveCard(state: string, pid: number, card: SenderCard): void {
  const path = senderCardFile(state);
  try {
    removeState(path);
    createState(path, `${JSON.stringify({ pid, ...card })}\n`, { root: state });
  } catch {
    // Without it nobody replaces this one; it sends all the same.
  }
}

/** That of the process with this number; undefined where it left none. */
export function readCard(state: string, pid: number): SenderCard | undefined {
  try {
    const text = readStateSync(senderCardFile(state), longest, { root: state })?.toString("utf8") ?? "{}";
    const card = JSON.parse(text) as Partial<SenderCard & { pid: number }> | null;
    const { version, plan, secrets } = card ?? {};
    if (card?.pid !== pid || version === undefined || plan === undefined || secrets === undefined)
      return undefined;
    return { version, plan, secrets };
  } catch {
    return undefined;
  }
}

/** Why this process is to send instead of the living one; undefined where that one is as good. */
export function whyReplace(own: SenderCard, living: SenderCard): string | undefined {
  if (isNewer(own.version, living.version)) return `it runs version ${living.version}`;
  // Somebody with an older program must not undo that.
  if (isNewer(living.version, own.version)) return undefined;
  const other = Object.entries(own.secrets).find(([name, value]) => living.secrets[name] !== value)?.[0];
  if (other !== undefined) return `its ${other} differs or is missing`;
  return own.plan === living.plan ? undefined : "it started with another platform file";
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split(/[.-]/, 3).map(Number));
  for (let at = 0; at < 3; at += 1) {
    const [left = 0, right = 0] = [a?.[at], b?.[at]];
    if (left !== right) return left > right;
  }
  return false;
}
