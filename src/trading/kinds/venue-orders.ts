import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext } from "../../kinds/kind.ts";
import {
  replyFieldsOf,
  replyName,
  numberOf,
  readApi,
  refused,
  tellApi,
  unreadable,
  type Api,
} from "./service-api.ts";
import { counted } from "../../kinds/format.ts";

export interface Emptied {
  /** Orders that were cancelled. */
  readonly cancelled: number;
}

/** Milliseconds between the two reads that must find nothing. */
const apart = 300;

/** Cancels what rests at a venue, and proves by two reads in a row that nothing does. */
export async function emptied(api: Api, venue: string, context: KindContext): Promise<Result<Emptied>> {
  const at = `/api/venues/${encodeURIComponent(venue)}`;
  const resting = await ordersAt(api, at, context);
  if (!resting.ok) return resting;
  const before = resting.value.length;
  let cancelled = 0;
  if (before > 0) {
    const told = await tellApi(api, `${at}/cancel-all`, {}, context);
    if (!told.ok) return told;
    const count = numberOf(replyFieldsOf(told.value)?.["cancelled"]);
    if (count === undefined) {
      return fail({
        ...unreadable(api.url, `${at}/cancel-all`, "it does not say how many it cancelled"),
        effect: "unknown",
      });
    }
    cancelled = count;
  }
  for (let read = 0; read < 2; read++) {
    if (read > 0) await context.ports.clock.sleep(apart, context.signal);
    const left = await ordersAt(api, at, context);
    if (!left.ok) return cancelled === 0 ? left : fail({ ...left.failure, effect: "unknown" });
    if (left.value.length > 0) {
      const names = `${left.value.slice(0, 5).join(", ")}${left.value.length > 5 ? ", …" : ""}`;
      const message = `${counted(left.value.length, "order")} of ${before} still rest at ${venue} (${names}); it is not disabled`;
      const failure = refused(`orders at ${venue}`, "STILL_RESTING", message);
      return fail(cancelled === 0 ? failure : { ...failure, effect: "unknown" });
    }
  }
  return ok({ cancelled });
}

async function ordersAt(api: Api, at: string, context: KindContext): Promise<Result<readonly string[]>> {
  const path = `${at}/orders`;
  const reply = await readApi(api.url, path, context);
  if (!reply.ok) return reply;
  if (!Array.isArray(reply.value)) return fail(unreadable(api.url, path, "it is no list of orders"));
  return ok(
    reply.value.map((one: unknown) => {
      const fields = replyFieldsOf(one);
      return (
        replyName(fields?.["client_order_id"]) ?? replyName(fields?.["order_id"]) ?? "one without a name"
      );
    }),
  );
}
