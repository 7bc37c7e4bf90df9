import { parseDuration } from "../../base/duration.ts";
import { ok, type Result } from "../../base/result.ts";
import { refusal, type Refusal } from "../../app/context/refusal.ts";

export interface PruneOptions {
  readonly olderThan?: string;
  readonly yes?: boolean;
}

/** What became of one that is old enough. */
export type PruneOutcome = "removed" | "would-remove" | "kept" | "failed";

export const pruneWords: Readonly<Record<PruneOutcome, string>> = {
  removed: "removed",
  "would-remove": "would remove",
  kept: "kept",
  failed: "kept",
};

/** Milliseconds of `--older-than`. */
export function olderThan({ olderThan: given }: PruneOptions): Result<number, Refusal> {
  const limit = given === undefined ? undefined : parseDuration(given);
  if (limit !== undefined) return ok(limit);
  const not = given === undefined ? "" : `, not ${given}`;
  return refusal(`prune needs --older-than with a duration, such as 90d${not}`);
}

export interface Pruning<T> {
  readonly mayGo: (one: T) => boolean;
  /** @returns whether it is gone. */
  readonly remove: (one: T) => Promise<boolean>;
  readonly tell: (one: T, outcome: PruneOutcome) => void;
}

/**
 * Removes what may go, where `--yes` says so; without it each is only named.
 * @returns 0, 1 where one could not be removed, 3 where consent is missing.
 */
export async function pruneEach<T>(
  old: readonly T[],
  { yes = false }: PruneOptions,
  { mayGo, remove, tell }: Pruning<T>,
): Promise<number> {
  let code = 0;
  for (const one of old) {
    if (!mayGo(one)) tell(one, "kept");
    else if (!yes) {
      tell(one, "would-remove");
      code = 3;
    } else {
      const removed = await remove(one);
      tell(one, removed ? "removed" : "failed");
      if (!removed) code = 1;
    }
  }
  return code;
}
