import type { Failure } from "../base/failure.ts";
import type { Result } from "../base/result.ts";

/** What a halt covers: `all`, `venue:ATLAS`, `strategy:carry`. */
export type HaltScope = "all" | `venue:${string}` | `strategy:${string}`;

export interface HaltRequest {
  readonly incident: string;
  readonly operator: string;
  readonly reason: string;
  readonly scope: HaltScope;
  readonly token: string;
  /** Sent as Idempotency-Key: the same for every attempt at the same halt. */
  readonly key: string;
}

/** One process that can send orders. */
export interface TradingInstance {
  /** Base URL of its API, without a trailing slash. */
  readonly url: string;
  /** `label`: the platform file does not know it; the runner of the services does. */
  readonly found: "configured" | "label";
  /** The runner's name for it, where it has been seen there. */
  readonly container: string | undefined;
}

/** Everything that can send orders, as far as it can be known. */
export interface TradingInstances {
  readonly running: readonly TradingInstance[];
  /** Instances that exist and do not run: they send nothing, and would once they are started. */
  readonly stopped: readonly { readonly name: string; readonly state: string }[];
  /** Why it is not known whether there are instances that the platform file does not have. */
  readonly unseen: Failure | undefined;
}

/** What a halt did at one venue, as the instance that was asked tells it. */
export interface VenueCancelled {
  readonly venue: string;
  readonly before: number;
  readonly cancelled: number;
  readonly refused: readonly { readonly order: string; readonly reason: string }[];
  /** The venue did not answer the instance: what was there is not known. */
  readonly error: string | undefined;
}

export interface HaltReply {
  /** As it names itself. */
  readonly instance: string;
  readonly haltId: string;
  /** When the halt began, by the instance's own clock. */
  readonly since: Date;
  /** It was halted as far as this before. */
  readonly repeated: boolean;
  /** False: a restart of the instance would forget the halt. */
  readonly persisted: boolean;
  readonly venues: readonly VenueCancelled[];
  /** Orders that were on their way, and that their venue never answered for. */
  readonly unanswered: readonly { readonly order: string; readonly venue: string }[];
  /** The instance's clock when it answered, in whole seconds; undefined when it does not tell. */
  readonly answeredAt: Date | undefined;
}

export interface HaltCovers {
  readonly all: boolean;
  readonly venues: readonly string[];
  readonly strategies: readonly string[];
}

/** What one instance says of itself. */
export interface InstanceState {
  readonly instance: string;
  readonly halted: boolean;
  /** `trading`, `halted`, or how far resuming has come: `reduce-only`, `venue`. */
  readonly stage: string;
  readonly haltId: string | undefined;
  readonly since: Date | undefined;
  readonly incident: string | undefined;
  readonly operator: string | undefined;
  readonly reason: string | undefined;
  readonly covers: HaltCovers;
  /** Venues at which trading is on again, in the stage `venue`. */
  readonly resumed: readonly string[];
  /** Venues that were told themselves to take no orders. */
  readonly killed: readonly string[];
  /** The instance's clock when it answered, in whole seconds; undefined when it does not tell. */
  readonly answeredAt: Date | undefined;
}

/** What a venue says of itself; no instance is asked. */
export interface VenueState {
  readonly venue: string;
  readonly market: "open" | "closed";
  /** It takes no orders: it was told so itself. */
  readonly halted: boolean;
  readonly openOrders: number;
  /** The venues' clock when they answered, in whole seconds; undefined when they do not tell. */
  readonly answeredAt: Date | undefined;
}

export interface VenueOrder {
  readonly order: string;
  /** The platform's own id. */
  readonly client: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: number;
  readonly timeInForce: string;
  readonly placedAt: Date;
}

export interface VenueFill {
  readonly venue: string;
  /** Grows with every fill, as long as `boot` is the same. */
  readonly sequence: number;
  readonly boot: string;
  readonly order: string;
  readonly client: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: number;
  readonly price: number;
  readonly at: Date;
}

export interface AcceptedOrder {
  readonly order: string;
  /** The instance that sent it, as it names itself. */
  readonly instance: string;
  readonly venue: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly status: string;
  /** By the instance's clock. */
  readonly acceptedAt: Date;
}

/** What the orders table shows. */
export interface OrdersSince {
  readonly accepted: readonly AcceptedOrder[];
  /** Orders that were refused because of a halt, by the halt's id. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Next offsets, summed over partitions: they grow with every order asked for and every fill told. */
export interface TradingOffsets {
  readonly orders: bigint;
  readonly fills: bigint;
}

/** What is held of a symbol at a venue; negative when it was sold short. */
export interface TradingPosition {
  readonly venue: string;
  readonly symbol: string;
  readonly quantity: number;
}

/** How far trading comes on again: orders that reduce a position, all orders at some venues, all orders. */
export const resumeStages = ["reduce-only", "venue", "all"] as const;
export type ResumeStage = (typeof resumeStages)[number];

export interface ResumeRequest {
  readonly haltId: string;
  readonly stage: ResumeStage;
  /** For the stage `venue`. */
  readonly venues: readonly string[];
  /** The two people who agreed. */
  readonly approvals: readonly [string, string];
  readonly token: string;
}

/**
 * Halting, and the channels by which anyone can see whether trading is halted: the instances' own word,
 * the venues' own APIs, the orders table, the topics. One that is down is a Failure and holds no other up.
 */
export interface Trading {
  /** For a plan: the service and its addresses. */
  readonly target: string;
  /** Milliseconds an instance has to answer. */
  readonly deadline: number;
  /** Milliseconds a proof looks at most, and between two of its reads. */
  readonly proof: { readonly window: number; readonly every: number };
  /** What an operator does to get a new token. */
  readonly tokenHelp: string;
  /** Whom to call when nothing answers: lines to read out. */
  readonly phones: readonly string[];
  /** Configured ones, and those that the runner of the services knows by label. */
  instances(signal: AbortSignal): Promise<TradingInstances>;
  halt(instance: TradingInstance, request: HaltRequest, signal: AbortSignal): Promise<Result<HaltReply>>;
  state(instance: TradingInstance, signal: AbortSignal): Promise<Result<InstanceState>>;
  /** Tells a venue to take no orders, through an instance, so that resuming there releases it. */
  haltVenue(
    instance: TradingInstance,
    venue: string,
    request: HaltRequest,
    signal: AbortSignal,
  ): Promise<Result<HaltReply>>;
  /** Tells a venue so itself, when no instance answers. */
  haltVenueItself(venue: string, signal: AbortSignal): Promise<Result<VenueCancelled>>;
  /** One stage further at one instance. @returns what it says of itself then. */
  resume(
    instance: TradingInstance,
    request: ResumeRequest,
    signal: AbortSignal,
  ): Promise<Result<InstanceState>>;
  /** What the platform believes it holds. */
  book(signal: AbortSignal): Promise<Result<readonly TradingPosition[]>>;
  /** What a venue says is held there. */
  positions(venue: string, signal: AbortSignal): Promise<Result<readonly TradingPosition[]>>;
  venues(signal: AbortSignal): Promise<Result<readonly VenueState[]>>;
  openOrders(venue: string, signal: AbortSignal): Promise<Result<readonly VenueOrder[]>>;
  fills(venue: string, after: number, signal: AbortSignal): Promise<Result<readonly VenueFill[]>>;
  ordersSince(since: Date, signal: AbortSignal): Promise<Result<OrdersSince>>;
  offsets(signal: AbortSignal): Promise<Result<TradingOffsets>>;
}

/** Conditions that a step may require before it changes anything. */
export interface Interlocks {
  check(name: string, signal: AbortSignal): Promise<InterlockState>;
}

export interface InterlockState {
  readonly holds: boolean;
  /** One sentence: why it holds, or why not. */
  readonly message: string;
  /** The command that would meet it. */
  readonly meets: string;
}

/** Whether a halt of an instance covers all of a scope. */
export function coversScope(covers: HaltCovers, scope: HaltScope): boolean {
  if (covers.all) return true;
  if (scope === "all") return false;
  const colon = scope.indexOf(":");
  const names = scope.startsWith("venue:") ? covers.venues : covers.strategies;
  return names.includes(scope.slice(colon + 1));
}
