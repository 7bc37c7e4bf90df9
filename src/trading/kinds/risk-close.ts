import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../../kinds/kind.ts";
import { dollars, onValidData, positionsNow, validationNow, type BookPosition } from "./risk-book.ts";
import {
  apiFields,
  checkApi,
  curlGet,
  curlPost,
  replyFieldsOf,
  replyName,
  refused,
  tellApi,
  type Api,
} from "./service-api.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../../kinds/format.ts";

/** Milliseconds for the order to be filled and booked. */
const settles = 30_000;

interface Args extends Api {
  readonly position: string;
}

interface Outputs {
  readonly order: string;
  readonly symbol: string;
  readonly venue: string;
  readonly closed: number;
}

export const riskClose: Kind = defineKind<Args, Outputs>({
  name: "risk.close",
  summary: "Close one position, and prove that the venue holds none of it",
  doc: [
    "One position a step, each with a confirmation of its own: type its id. Refused while Risk Warden's data is not valid, and for a position that is flat already.",
    "Done when our books and the position's own venue both show nothing of it. Sent under the step's Idempotency-Key, so that no repetition opens the other side.",
  ].join("\n\n"),
  effect: "destructive",
  args: object({ ...apiFields, position: required(text(), "The position's id") }),
  outputs: {
    order: { type: "string", doc: "The order that closes it" },
    symbol: { type: "string", doc: "What was held" },
    venue: { type: "string", doc: "Where" },
    closed: { type: "double", doc: "How much was held, signed" },
  },
  timeout: 60_000,
  did: ({ order, symbol, venue }) => `order ${order} closes ${symbol} at ${venue}`,
  unreachable: "failed",
  retrySafe: "every attempt carries the same Idempotency-Key, and one key makes one order",
  undo: { how: "irreversible", why: "only a trader can reopen a closed position, at another price" },
  check: checkApi,
  plan: (args) => `risk.close: close position ${shown(args["position"])} at ${shown(args["url"])}`,
  byHand: (args, where) =>
    [
      '# only when the first answers "ok":true',
      curlGet(args, "/api/data/validation", where),
      curlPost(args, pathOf(shown(args["position"])), {}, where),
      curlGet(args, "/api/positions", where),
    ].join("\n"),
  capture: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { symbol, venue, quantity } = found.value;
    return ok({ symbol, venue, quantity });
  },
  preview: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { id, symbol, venue, quantity, exposure } = found.value;
    const side = quantity > 0 ? "sells" : "buys";
    return ok({
      lines: [
        `${side} ${Math.abs(quantity)} ${symbol} at ${venue} at the market, closing ${id}`,
        `exposure ${dollars(exposure)} → 0`,
      ],
      binding: { url: args.url, position: id, symbol, venue, side },
      counters: { quantity: Math.abs(quantity) },
      confirm: id,
    });
  },
  happened: async (args, _before, _since, context) => {
    const positions = await positionsNow(args.url, context);
    if (!positions.ok) return "unknown";
    const open = positions.value.find(({ id, quantity }) => id === args.position && quantity !== 0);
    // While it is open its order may still be on its way.
    return open === undefined ? "yes" : "unknown";
  },
  execute: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const told = await tellApi(args, pathOf(args.position), {}, context);
    if (!told.ok) return told;
    const { symbol, venue, quantity } = found.value;
    const order = replyName(replyFieldsOf(told.value)?.["order_id"]) ?? "an order without a name";
    const flat = await untilFlat(args, found.value, context);
    return flat.ok
      ? ok({ order, symbol, venue, closed: quantity })
      : fail({ ...flat.failure, effect: "unknown" });
  },
});

function pathOf(position: string): string {
  return `/api/positions/${encodeURIComponent(position)}/close`;
}

async function consider(args: Args, context: KindContext): Promise<Result<BookPosition>> {
  const [valid, positions] = await Promise.all([
    onValidData(args.url, context),
    positionsNow(args.url, context),
  ]);
  if (!valid.ok) return valid;
  if (!positions.ok) return positions;
  const found = positions.value.find(({ id }) => id === args.position);
  if (found !== undefined && found.quantity !== 0) return ok(found);
  const target = `position ${args.position}`;
  return fail(refused(target, "FLAT", "no open position has this id; nothing was sent"));
}

async function untilFlat(args: Args, position: BookPosition, context: KindContext): Promise<Result<void>> {
  const { clock } = context.ports;
  const { id, symbol, venue } = position;
  const until = clock.monotonic() + settles;
  for (;;) {
    const [positions, valid] = await Promise.all([
      positionsNow(args.url, context),
      validationNow(args.url, context),
    ]);
    const ours = positions.ok ? (positions.value.find((one) => one.id === id)?.quantity ?? 0) : undefined;
    const theirs = valid.ok ? valid.value.held(venue, symbol) : undefined;
    if (ours === 0 && theirs === 0) return ok(undefined);
    if (context.signal.aborted || clock.monotonic() > until) {
      const message = `not proven closed: our books show ${ours ?? "no answer"}, ${venue} shows ${theirs ?? "no answer"} of ${symbol}`;
      return fail(refused(`position ${id}`, "NOT_CLOSED", message));
    }
    await clock.sleep(300, context.signal);
  }
}
