import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "./log.ts";
import { milliseconds } from "./input.ts";
import { badRequest, Refusal } from "./reply.ts";

/** Milliseconds that something has to come about when the request does not say; and what it may say at most. */
const usual = 60_000;
const most = 120_000;

/** `within` of a request for the stand-in, such as "5s"; its own when it says nothing. */
export function patience(value: unknown): number {
  if (value === undefined || value === null) return usual;
  const ms = milliseconds(value, "within");
  if (ms > most) throw badRequest(`within is at most ${most / 1000}s`);
  return ms;
}

/**
 * Looks until nothing is missing any more; each look says what is. A look that throws is missing what it says.
 * Throws a Refusal, 504 `not_so`, that says what the last look found missing.
 */
export async function untilSo(look: () => Promise<readonly string[]>, within: number): Promise<void> {
  const end = performance.now() + within;
  for (;;) {
    const missing = await look().catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      return [messageOf(error)];
    });
    if (missing.length === 0) return;
    if (performance.now() > end)
      throw new Refusal(504, "not_so", `not so within ${within / 1000} s: ${missing.join("; ")}`);
    await wait(40);
  }
}
