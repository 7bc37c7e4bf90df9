import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "./log.ts";
import type { Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";

/** A dependency: it throws, or does not answer in time, when it is not well. */
export type Check = () => void | Promise<void>;

/** Milliseconds: a busy machine takes its time, and a snapshot waits three seconds for the answer. */
const patience = 2500;

/** 200 when every check holds, else 503; a JSON with the state of each either way. */
export async function healthReply(
  settings: Settings,
  started: number,
  checks: Readonly<Record<string, Check>>,
): Promise<Reply> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await measured(check)] as const),
  );
  const healthy = results.every(([, { ok }]) => ok);
  return {
    status: healthy ? 200 : 503,
    body: {
      status: healthy ? "ok" : "unhealthy",
      service: settings.service,
      instance: settings.instance,
      started: new Date(started).toISOString(),
      uptime_seconds: Math.round((Date.now() - started) / 1000),
      checks: Object.fromEntries(results),
    },
  };
}

async function measured(check: Check): Promise<{ ok: boolean; ms: number; error?: string }> {
  const begin = performance.now();
  const late = new AbortController();
  try {
    await Promise.race([
      (async () => await check())(),
      wait(patience, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no answer within ${patience} ms`);
      }),
    ]);
    return { ok: true, ms: Math.round(performance.now() - begin) };
  } catch (error) {
    return { ok: false, ms: Math.round(performance.now() - begin), error: messageOf(error) };
  } finally {
    late.abort();
  }
}
