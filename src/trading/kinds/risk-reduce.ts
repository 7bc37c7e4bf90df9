import { formatDuration } from "../../base/duration.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../../kinds/kind.ts";
import {
  dollars,
  grossOf,
  onValidData,
  positionsNow,
  validationNow,
  type BookPosition,
} from "./risk-book.ts";
import {
  apiFields,
  checkApi,
  curlGet,
  curlPost,
  replyFieldsOf,
  replyName,
  numberOf,
  readApi,
  refused,
  tellApi,
  unreadable,
  type Api,
} from "./service-api.ts";
import { defaulted, duration, number, object, required } from "../../language/shape.ts";
import { counted, shown } from "../../kinds/format.ts";

const path = "/api/emergency/reduce";
/** Milliseconds after the timeframe in which the last orders settle. */
const settles = 60_000;

interface Args extends Api {
  readonly part: number;
  readonly within: number;
  readonly tolerance: number;
}

interface Outputs {
  readonly reduction: string;
  readonly status: string;
  readonly exposure_before: number;
  readonly exposure_target: number;
  readonly exposure: number;
  readonly on_target: boolean;
  readonly above: readonly string[];
  readonly reconciled: boolean;
}

export const riskReduce: Kind = defineKind<Args, Outputs>({
  name: "risk.reduce",
  summary: "Reduce every position by a part, and wait until it is done",
  doc: [
    "`part` is a part and not a percentage: 0.5 halves. Refused while Risk Warden's data is not valid (stale, missing or jumping prices, positions that differ from the venues): what bad data makes look large may be small. Refused as well while another reduction runs.",
    "Sent once, under the step's Idempotency-Key, so that no repetition halves twice. It then waits for the end of the timeframe and of the last orders: give the step a `timeout` that is a minute longer than `within`, or it is refused before anything is sent.",
    "`on_target` is whether every position came down to what it was to come down to, and `reconciled` whether the positions agree with what the venues say; `expect` both. Exposure moves with prices as well, so the positions are what is held against the target.",
  ].join("\n\n"),
  effect: "destructive",
  args: object({
    ...apiFields,
    part: required(number({ min: 0.01, max: 1 }), "Part of each position to give up: 0.5 is a half"),
    within: required(duration({ min: 1000, max: 86_400_000 }), "Time allowed for the reduction"),
    tolerance: defaulted(
      number({ min: 0, max: 0.2 }),
      0.02,
      "How far above its target a position may end, as a part of what it was",
    ),
  }),
  outputs: {
    reduction: { type: "string", doc: "The reduction's id at Risk Warden" },
    status: { type: "string", doc: "`done`, or `short` when orders failed to bring it down" },
    exposure_before: { type: "double", doc: "Gross exposure before, in dollars" },
    exposure_target: {
      type: "double",
      doc: "Gross exposure it was to come down to, at the prices of before",
    },
    exposure: { type: "double", doc: "Gross exposure now, in dollars" },
    on_target: { type: "bool", doc: "Every position came down to its target, within the tolerance" },
    above: { type: "list<string>", doc: "Positions that did not" },
    reconciled: { type: "bool", doc: "The positions agree with what the venues hold" },
  },
  timeout: 600_000,
  did: ({ status, exposure_before, exposure }) =>
    `${status}: gross exposure ${dollars(exposure_before)} → ${dollars(exposure)}`,
  unreachable: "failed",
  retrySafe: "every attempt carries the same Idempotency-Key, and one key makes one reduction",
  undo: { how: "irreversible", why: "only a trader can buy back what was sold, at another price" },
  check: checkApi,
  plan: (args) =>
    `risk.reduce: reduce every position by ${partText(args["part"])} within ${timeText(args["within"])} at ${shown(args["url"])}`,
  byHand: (args, where) => {
    const { within, part } = args;
    const timeframe = typeof within === "number" ? within / 1000 : within;
    return [
      '# only when the first answers "ok":true',
      curlGet(args, "/api/data/validation", where),
      curlPost(args, path, { reduction_pct: part, timeframe }, where),
      curlGet(args, "/api/exposure", where),
    ].join("\n");
  },
  capture: async ({ url }, context) => {
    const positions = await positionsNow(url, context);
    if (!positions.ok) return positions;
    return ok(Object.fromEntries(positions.value.map(({ id, quantity }) => [id, quantity])));
  },
  preview: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const positions = found.value;
    const gross = grossOf(positions);
    const target = gross === undefined ? undefined : gross * (1 - args.part);
    const largest = positions.toSorted((a, b) => size(b) - size(a));
    const lines = [
      `reduces ${counted(positions.length, "position")} by ${partText(args.part)} within ${timeText(args.within)}: gross exposure ${dollars(gross)} → ${dollars(target)}`,
      ...largest.slice(0, 10).map((position) => lineOf(position, args.part)),
      ...(largest.length > 10 ? [`and ${largest.length - 10} more`] : []),
    ];
    const details = largest.map((position) => lineOf(position, args.part));
    return ok({
      lines,
      ...(largest.length > 10 ? { details } : {}),
      // While trading is on each order moves the positions; what they are worth together moves little.
      binding: { url: args.url },
      counters: gross === undefined ? {} : { gross },
      ...(gross === undefined ? {} : { moving: { gross } }),
      confirm: partText(args.part).replace(" ", ""),
    });
  },
  happened: async (args, before, _since, context) => {
    const positions = await positionsNow(args.url, context);
    const old = replyFieldsOf(before);
    if (!positions.ok || old === undefined) return "unknown";
    const now = new Map(positions.value.map(({ id, quantity }) => [id, quantity]));
    const down = Object.entries(old).every(([id, quantity]) =>
      isDown(numberOf(quantity) ?? 0, now.get(id) ?? 0, args),
    );
    // One that has only begun looks as one that never did.
    return down && Object.keys(old).length > 0 ? "yes" : "unknown";
  },
  execute: async (args, context) => {
    if (context.timeout < args.within + settles) {
      const message = `the step's timeout is ${formatDuration(context.timeout)}, but it needs ${formatDuration(args.within + settles)}; nothing was sent`;
      return fail({ type: "argument", target: "risk.reduce", message, effect: "none" });
    }
    const before = await consider(args, context);
    if (!before.ok) return before;
    const body = { reduction_pct: args.part, timeframe: args.within / 1000 };
    const told = await tellApi(args, path, body, context);
    if (!told.ok) return told;
    const id = replyName(replyFieldsOf(told.value)?.["reduction_id"]);
    if (id === undefined) {
      return fail({
        ...unreadable(args.url, path, "its reply has no id for the reduction"),
        effect: "unknown",
      });
    }
    const ended = await untilEnded(args, id, context);
    if (!ended.ok) return fail({ ...ended.failure, effect: "unknown" });
    return await outcome(args, id, ended.value, before.value, context);
  },
});

async function consider(args: Args, context: KindContext): Promise<Result<readonly BookPosition[]>> {
  const [valid, positions] = await Promise.all([
    onValidData(args.url, context),
    positionsNow(args.url, context),
  ]);
  if (!valid.ok) return valid;
  if (!positions.ok) return positions;
  if (positions.value.length > 0) return positions;
  return fail(refused(`positions of ${args.url}`, "NO_POSITIONS", "no position to reduce"));
}

interface Ended {
  readonly status: string;
  /** What each position was, by its id, when the reduction began. */
  readonly before: ReadonlyMap<string, number>;
  readonly gross: number;
  readonly target: number;
}

/** A reply that cannot be had in between is no end: the deadline is. */
async function untilEnded(args: Args, id: string, context: KindContext): Promise<Result<Ended>> {
  const { clock } = context.ports;
  const at = `${path}/${encodeURIComponent(id)}`;
  const until = clock.monotonic() + args.within + settles;
  for (;;) {
    const reply = await readApi(args.url, at, context);
    const fields = reply.ok ? replyFieldsOf(reply.value) : undefined;
    const status = replyName(fields?.["status"]);
    if (fields !== undefined && status !== undefined && status !== "running")
      return endOf(args, at, status, fields);
    if (context.signal.aborted || clock.monotonic() > until) {
      const message = `reduction ${id} has not finished; GET ${at} shows its progress`;
      return reply.ok ? fail(refused(`reduction ${id}`, "STILL_RUNNING", message)) : reply;
    }
    await clock.sleep(500, context.signal);
  }
}

function endOf(
  args: Args,
  at: string,
  status: string,
  fields: Readonly<Record<string, unknown>>,
): Result<Ended> {
  const before = new Map<string, number>();
  for (const one of Array.isArray(fields["positions"]) ? (fields["positions"] as readonly unknown[]) : []) {
    const position = replyFieldsOf(one);
    const [id, quantity] = [replyName(position?.["id"]), numberOf(position?.["before"])];
    if (id !== undefined && quantity !== undefined) before.set(id, quantity);
  }
  const [gross, target] = [numberOf(fields["exposure_before"]), numberOf(fields["exposure_target"])];
  if (gross === undefined || target === undefined || before.size === 0) {
    return fail(unreadable(args.url, at, "it does not say what the positions and the exposure were"));
  }
  return ok({ status, before, gross, target });
}

async function outcome(
  args: Args,
  reduction: string,
  ended: Ended,
  seen: readonly BookPosition[],
  context: KindContext,
): Promise<Result<Outputs>> {
  const [positions, valid] = await Promise.all([
    positionsNow(args.url, context),
    validationNow(args.url, context),
  ]);
  if (!positions.ok) return fail({ ...positions.failure, effect: "unknown" });
  const now = new Map(positions.value.map(({ id, quantity }) => [id, quantity]));
  const above = [...ended.before].filter(([id, quantity]) => !isDown(quantity, now.get(id) ?? 0, args));
  const name = (id: string): string => {
    const position = seen.find((one) => one.id === id);
    return position === undefined ? id : `${id} (${position.symbol} at ${position.venue})`;
  };
  return ok({
    reduction,
    status: ended.status,
    exposure_before: ended.gross,
    exposure_target: ended.target,
    exposure: grossOf(positions.value) ?? Number.NaN,
    on_target: above.length === 0,
    above: above.map(([id]) => name(id)),
    reconciled: valid.ok && valid.value.different === 0 && valid.value.unknown === 0,
  });
}

/** On the same side as before, or flat, and no larger than its target and the tolerance. */
function isDown(before: number, now: number, { part, tolerance }: Pick<Args, "part" | "tolerance">): boolean {
  const turned = now !== 0 && Math.sign(now) !== Math.sign(before);
  return !turned && Math.abs(now) <= Math.abs(before) * (1 - part + tolerance);
}

function size({ exposure }: BookPosition): number {
  return exposure === undefined ? Number.POSITIVE_INFINITY : Math.abs(exposure);
}

function lineOf({ symbol, venue, quantity, exposure }: BookPosition, part: number): string {
  return `${symbol} at ${venue}: ${quantity} → ${Number((quantity * (1 - part)).toPrecision(8))}, exposure ${dollars(exposure)}`;
}

function partText(part: unknown): string {
  return typeof part === "number" ? `${Number((part * 100).toPrecision(4))} %` : shown(part);
}

function timeText(time: unknown): string {
  return typeof time === "number" ? formatDuration(time) : shown(time);
}
