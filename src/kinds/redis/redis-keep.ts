import { createHash } from "node:crypto";
import type { Json } from "../../base/json.ts";
import { formatDuration } from "../../base/duration.ts";
import { ok, type Result } from "../../base/result.ts";
import type { KindContext, WrittenStep } from "../kind.ts";

/** Bytes in the server's memory up to which a key is recorded before it is changed. */
const recorded = 16 * 1024 * 1024;

/** What is known of a key before it is changed, and what would bring it back. */
export interface Kept {
  readonly [name: string]: Json;
  readonly key: string;
  /** `none` when there is no such key. */
  readonly type: string;
  /** Bytes it takes in the server's memory. */
  readonly bytes: number;
  /** The server's own form of it (DUMP), in base64; null when there is none, or it is too large to record. */
  readonly dump: string | null;
  /** Milliseconds since 1970, by the server's clock; null when it does not expire. */
  readonly expires_at: number | null;
}

/** Records a key as DUMP has it, with the moment it expires. */
export async function keep(key: string, context: KindContext): Promise<Result<Kept>> {
  const ask = async (...command: string[]): Promise<Result<unknown>> =>
    await context.ports.redis.command(command, context.signal);
  const absent: Kept = { key, type: "none", bytes: 0, dump: null, expires_at: null };
  const type = await ask("TYPE", key);
  if (!type.ok) return type;
  if (type.value === "none") return ok(absent);
  const usage = await ask("MEMORY", "USAGE", key);
  if (!usage.ok) return usage;
  const expires = await expiry(ask, key);
  if (!expires.ok) return expires;
  if (expires.value === "gone" || usage.value === null) return ok(absent);
  const state = { key, type: String(type.value), bytes: Number(usage.value), expires_at: expires.value };
  if (state.bytes > recorded) return ok({ ...state, dump: null });
  const dump = await ask("DUMP", key);
  if (!dump.ok) return dump;
  if (dump.value instanceof Uint8Array)
    return ok({ ...state, dump: Buffer.from(dump.value).toString("base64") });
  // Bytes that happen to be UTF-8 come as text; none at all, when the key expired in between.
  return typeof dump.value === "string"
    ? ok({ ...state, dump: Buffer.from(dump.value).toString("base64") })
    : ok(absent);
}

/** PEXPIRETIME where the server has it (7.0); else what is left, counted from the server's own clock. */
async function expiry(
  ask: (...command: string[]) => Promise<Result<unknown>>,
  key: string,
): Promise<Result<number | null | "gone">> {
  const at = await ask("PEXPIRETIME", key);
  if (at.ok) return ok(at.value === -2 ? "gone" : at.value === -1 ? null : Number(at.value));
  if (at.failure.type !== "rejected" || !/unknown command/i.test(at.failure.message)) return at;
  const left = await ask("PTTL", key);
  if (!left.ok) return left;
  if (left.value === -2) return ok("gone");
  if (left.value === -1) return ok(null);
  const time = await ask("TIME");
  if (!time.ok) return time;
  const [seconds, micros] = Array.isArray(time.value) ? time.value.map(Number) : [];
  return ok(Math.round((seconds ?? 0) * 1000 + (micros ?? 0) / 1000 + Number(left.value)));
}

/**
 * What consent to destroying it binds to: the value itself, by its digest. One too large to be recorded is bound to by
 * its type alone; the question says that it cannot be brought back.
 */
export function boundTo({ key, type, dump }: Kept): Json {
  const value = dump === null ? null : createHash("sha256").update(dump).digest("hex");
  return { key, type, value };
}

/** Steps that bring back what `keep` recorded. */
export function bringBack(kept: readonly Kept[]): readonly WrittenStep[] {
  return kept.flatMap(({ key, type, dump, expires_at }): WrittenStep[] => {
    if (type === "none") return [{ "redis.del": { keys: [key] } }];
    if (dump === null) return [];
    return [{ "redis.restore": { key, dump, ...(expires_at === null ? {} : { expires_at }) } }];
  });
}

/** `cache:x: a string of 72 bytes, expires in 3m`. */
export function keptSentence({ key, type, bytes, dump, expires_at }: Kept, now: Date): string {
  if (type === "none") return `${key}: not there`;
  const end =
    expires_at === null
      ? "never expires"
      : `expires in ${formatDuration(Math.max(0, expires_at - now.getTime()))}`;
  const lost = dump === null ? "; too large to be recorded, so it cannot be brought back" : "";
  return `${key}: a ${type} of ${bytes} bytes, ${end}${lost}`;
}

/** What `keep` recorded, read back from the journal. */
export function keptIn(before: Json): readonly Kept[] {
  const list = Array.isArray(before) ? (before as readonly Json[]) : [before];
  return list.filter(
    (item): item is Kept => typeof item === "object" && item !== null && "key" in item && "dump" in item,
  );
}
