import { createHash } from "node:crypto";
import { conflict, type Reply } from "./reply.ts";
import type { State } from "./state.ts";

export interface Idempotency {
  /**
   * Runs `act` once for a key: again with the same request, the first answer is given with no second
   * effect; with another request, 409. Without a key it always runs.
   */
  once(key: string | undefined, request: string, act: () => Promise<Reply>): Promise<Reply>;
  clear(): void;
}

interface Kept {
  readonly request: string;
  readonly reply: Reply;
}

const most = 1000;

/** Answers are kept in the state folder, so that a restart between two sends makes no second effect. */
export function createIdempotency(state: State): Idempotency {
  let kept = new Map<string, Kept>();
  try {
    kept = new Map((state.read("idempotency") ?? []) as [string, Kept][]);
  } catch {
    state.remove("idempotency");
  }
  const running = new Map<string, { readonly request: string; readonly reply: Promise<Reply> }>();
  return {
    async once(key, request, act) {
      if (key === undefined) return await act();
      const digest = createHash("sha256").update(request).digest("hex");
      const before = kept.get(key) ?? running.get(key);
      if (before !== undefined) {
        if (before.request !== digest) {
          throw conflict("key_reused", "this Idempotency-Key was used for another request");
        }
        const reply = await before.reply;
        return { ...reply, headers: { ...reply.headers, "idempotent-replay": "true" } };
      }
      const reply = act();
      running.set(key, { request: digest, reply });
      try {
        kept.set(key, { request: digest, reply: await reply });
      } finally {
        running.delete(key);
      }
      const oldest = kept.keys().next().value;
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      try {
        state.write("idempotency", [...kept]);
      } catch {
        // A disk that is full does not undo what was done.
      }
      return await reply;
    },
    clear() {
      kept.clear();
      state.remove("idempotency");
    },
  };
}
