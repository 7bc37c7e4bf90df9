import { bounded } from "../../base/bounded.ts";
import { failureText } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Ports } from "../../ports/ports.ts";
import type {
  HaltReply,
  HaltRequest,
  TradingInstance,
  TradingInstances,
  VenueCancelled,
} from "../../ports/trading.ts";
import { instanceName } from "./look.ts";
import type { Proof } from "./judge.ts";
import { prove } from "./prove.ts";

/** One request to halt, and what came of it. */
export interface HaltSent {
  readonly instance: TradingInstance;
  readonly reply: Result<HaltReply>;
  /** Milliseconds from the beginning of the halt to the answer. */
  readonly ms: number;
}

/** A venue that was told itself to take no orders. */
export interface VenueClosed {
  readonly venue: string;
  /** `instance`: resuming there opens it again. `venue`: whoever resumes has to open it. */
  readonly through: "instance" | "venue";
  readonly reply: Result<VenueCancelled>;
}

export interface Halted {
  readonly sent: readonly HaltSent[];
  readonly closed: readonly VenueClosed[];
  /** Why the instances' own word was not enough. */
  readonly doubts: readonly string[];
  readonly proof: Proof;
}

type TradingPorts = Pick<Ports, "trading" | "clock">;

export interface HaltRun {
  readonly request: HaltRequest;
  /** When halting began, by this machine's clock. */
  readonly since: Date;
  /** The same by its monotonic clock, in milliseconds. */
  readonly begun: number;
  /** What has been sent already. */
  readonly sent: readonly HaltSent[];
  /** Told as it happens, for whoever waits. */
  readonly tell: (told: Told) => Promise<void> | void;
}

export type Told =
  | { readonly type: "answer"; readonly sent: HaltSent }
  | {
      readonly type: "doubt";
      readonly doubts: readonly string[];
      /** The venues are told next. A venue has no strategies: closing it would stop what nobody asked to stop. */
      readonly closing: boolean;
    }
  | { readonly type: "closed"; readonly closed: VenueClosed };

/** How often halting begins anew with what the proof found: an instance that came back, one that was new. */
const rounds = 3;

/**
 * Halts what has not been told yet, closes the venues where an instance's word is not enough, and proves.
 * What the proof finds trading is halted again and the venues closed, until it holds or nothing is left to do.
 */
export async function haltAndProve(ports: TradingPorts, run: HaltRun, signal: AbortSignal): Promise<Halted> {
  const { request, since, tell } = run;
  const sent = [...run.sent];
  const closed: VenueClosed[] = [];
  const doubts: string[] = [];
  for (let round = 1; ; round++) {
    const instances = await ports.trading.instances(limited(ports, signal));
    const known = new Set(sent.map(({ instance }) => instance.url));
    const unheard = instances.running.filter(({ url }) => !known.has(url));
    sent.push(...(await sendAll(ports, run, keyOf(request, round), unheard, signal)));
    // Whoever is refused everywhere has no right to close a venue by another door.
    const denied = sent.length > 0 && sent.every(({ reply }) => !reply.ok && reply.failure.type === "denied");
    const nowhere = round === 1 && (await namesNoVenue(ports, request, sent, signal));
    const found = round === 1 && !denied ? doubtsOf(sent, instances, request) : [];
    if (found.length > 0) await doubt(found, !nowhere);
    // Looking for longer makes no venue of a name that none has.
    const window = nowhere ? { window: 0 } : {};
    const proof = await prove(
      ports,
      { scope: request.scope, since, begun: run.begun, replies: repliesOf(sent), ...window },
      signal,
    );
    if (proof.outcome === "PROVEN" || round === rounds || denied || nowhere || signal.aborted)
      return { sent, closed, doubts, proof };
    const again = instances.running.filter((instance) =>
      proof.instances.some(({ name, halted }) => halted === false && name === instanceName(instance)),
    );
    if (again.length === 0 && closed.length > 0) return { sent, closed, doubts, proof };
    sent.push(...(await sendAll(ports, run, keyOf(request, round + 1), again, signal)));
    if (closed.length === 0) await doubt([...proof.trading, ...proof.unknown], true);
  }

  async function doubt(found: readonly string[], close: boolean): Promise<void> {
    const closing = close && !request.scope.startsWith("strategy:");
    doubts.push(...found);
    await tell({ type: "doubt", doubts: found, closing });
    if (!closing) return;
    for (const one of await closeVenues(ports, request, sent, signal)) {
      closed.push(one);
      await tell({ type: "closed", closed: one });
    }
  }
}

/** Statuses that say that the request itself will not do; any other is a word on the moment. */
const refusals = new Set(["400", "404", "422"]);

/** Everyone who was told says that the request will not do, and the venues' own API answers and has none of that name: it was mistyped. */
async function namesNoVenue(
  ports: TradingPorts,
  { scope }: HaltRequest,
  sent: readonly HaltSent[],
  signal: AbortSignal,
): Promise<boolean> {
  if (!scope.startsWith("venue:") || sent.length === 0) return false;
  const refused = sent.every(
    ({ reply }) => !reply.ok && reply.failure.type === "rejected" && refusals.has(reply.failure.code ?? ""),
  );
  if (!refused) return false;
  const listed = await ports.trading.venues(limited(ports, signal));
  return listed.ok && !listed.value.some(({ venue }) => scope === `venue:${venue}`);
}

/** A key is for one attempt at all instances: one that forgot the halt must not answer from memory. */
function keyOf(request: HaltRequest, round: number): HaltRequest {
  return round === 1 ? request : { ...request, key: `${request.key}-${round}` };
}

function limited({ trading }: TradingPorts, signal: AbortSignal): AbortSignal {
  return bounded(signal, trading.deadline);
}

async function sendAll(
  ports: TradingPorts,
  run: HaltRun,
  request: HaltRequest,
  instances: readonly TradingInstance[],
  signal: AbortSignal,
): Promise<readonly HaltSent[]> {
  const within = limited(ports, signal);
  return await Promise.all(
    instances.map(async (instance) => {
      const reply = await ports.trading.halt(instance, request, within);
      const sent = { instance, reply, ms: Math.round(ports.clock.monotonic() - run.begun) };
      await run.tell({ type: "answer", sent });
      return sent;
    }),
  );
}

function repliesOf(sent: readonly HaltSent[]): readonly HaltReply[] {
  return sent.flatMap(({ reply }) => (reply.ok ? [reply.value] : []));
}

/** Why what the instances say is not enough to go by. */
function doubtsOf(
  sent: readonly HaltSent[],
  { stopped, unseen }: TradingInstances,
  { scope }: HaltRequest,
): readonly string[] {
  return [
    ...sent.flatMap(({ instance, reply }) => {
      if (!reply.ok) return [`${instanceName(instance)}: ${failureText(reply.failure)}`];
      const hollow =
        !reply.value.repeated && reply.value.venues.length === 0 && !scope.startsWith("strategy:");
      return hollow
        ? [`${instanceName(instance)} answers that it is halted, and has cancelled at no venue`]
        : [];
    }),
    ...stopped.map(
      ({ name, state }) => `${name} is not running (${state}), so the halt did not reach it; keep it stopped`,
    ),
    ...(unseen === undefined
      ? []
      : [`cannot look for other instances, which may be trading: ${failureText(unseen)}`]),
    ...(sent.length === 0 ? ["no instance is configured, and none was discovered"] : []),
  ];
}

/** Tells each venue to take no orders: through an instance that can be believed, else the venue itself. */
async function closeVenues(
  ports: TradingPorts,
  request: HaltRequest,
  sent: readonly HaltSent[],
  signal: AbortSignal,
): Promise<readonly VenueClosed[]> {
  const { scope } = request;
  const { trading } = ports;
  const within = limited(ports, signal);
  const listed = await trading.venues(within);
  const told = repliesOf(sent).flatMap(({ venues }) => venues.map(({ venue }) => venue));
  const names = scope.startsWith("venue:")
    ? [scope.slice("venue:".length)]
    : [...new Set([...(listed.ok ? listed.value.map(({ venue }) => venue) : []), ...told])];
  const speaker = sent.find(
    ({ reply }) => reply.ok && (reply.value.repeated || reply.value.venues.length > 0),
  );
  return await Promise.all(
    names.map(async (venue): Promise<VenueClosed> => {
      const asked =
        speaker === undefined ? undefined : await trading.haltVenue(speaker.instance, venue, request, within);
      const report = asked?.ok === true ? asked.value.venues.find((one) => one.venue === venue) : undefined;
      if (report !== undefined && report.error === undefined)
        return { venue, through: "instance", reply: { ok: true, value: report } };
      return { venue, through: "venue", reply: await trading.haltVenueItself(venue, limited(ports, signal)) };
    }),
  );
}
