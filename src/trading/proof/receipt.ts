import { failureText } from "../../base/failure.ts";
import { formatDuration } from "../../base/duration.ts";
import type { HaltRequest } from "../../ports/trading.ts";
import { instanceName } from "./look.ts";
import type { Halted, HaltSent, VenueClosed } from "./halt-and-prove.ts";
import type { HaltOutcome, Proof } from "./judge.ts";

/** Everything that a halt did and that its proof rests on: kept with the journal, shown, part of every bag. */
export interface Receipt {
  readonly receipt: 1;
  readonly outcome: HaltOutcome;
  readonly scope: string;
  readonly halts: readonly string[];
  readonly incident: string;
  readonly operator: string;
  readonly reason: string;
  readonly started: Date;
  readonly sent: readonly ReceiptSent[];
  readonly venues: readonly ReceiptVenue[];
  readonly doubts: readonly string[];
  readonly proof: Proof;
  /** The operator did not wait for the proof. */
  readonly interrupted?: true;
}

interface ReceiptSent {
  readonly instance: string;
  readonly found: "configured" | "label";
  readonly ms: number;
  readonly halt_id?: string;
  readonly since?: Date;
  readonly repeated?: boolean;
  readonly persisted?: boolean;
  readonly failure?: string;
}

interface ReceiptVenue {
  readonly venue: string;
  readonly before: number;
  readonly cancelled: number;
  readonly refused: readonly { readonly order: string; readonly reason: string }[];
  /** Whether it was told itself to take no orders, and through whom. */
  readonly closed: "instance" | "venue" | "no" | "failed";
  readonly errors: readonly string[];
}

export function receiptOf(request: Omit<HaltRequest, "token">, started: Date, halted: Halted): Receipt {
  const { sent, closed, doubts, proof } = halted;
  return {
    receipt: 1,
    outcome: proof.outcome,
    scope: request.scope,
    halts: proof.halts,
    incident: request.incident,
    operator: request.operator,
    reason: request.reason,
    started,
    sent: sent.map(sentOf),
    venues: venuesOf(sent, closed),
    doubts,
    proof,
  };
}

function sentOf({ instance, reply, ms }: HaltSent): ReceiptSent {
  const base = { instance: instanceName(instance), found: instance.found, ms };
  if (!reply.ok) return { ...base, failure: failureText(reply.failure) };
  const { haltId, since, repeated, persisted } = reply.value;
  return { ...base, halt_id: haltId, since, repeated, persisted };
}

/** What the instances did at each venue, added up: each cancels what it finds, and none finds what is gone. */
function venuesOf(sent: readonly HaltSent[], closed: readonly VenueClosed[]): readonly ReceiptVenue[] {
  const reports = [
    ...sent.flatMap(({ reply }) => (reply.ok ? reply.value.venues : [])),
    ...closed.flatMap(({ reply }) => (reply.ok ? [reply.value] : [])),
  ];
  const names = [...new Set([...reports.map(({ venue }) => venue), ...closed.map(({ venue }) => venue)])];
  return names.map((venue): ReceiptVenue => {
    const own = reports.filter((report) => report.venue === venue);
    const cancelled = own.reduce((sum, report) => sum + report.cancelled, 0);
    const refused = [
      ...new Map(own.flatMap((report) => report.refused).map((one) => [one.order, one])).values(),
    ];
    const shut = closed.find((one) => one.venue === venue);
    const errors = [
      ...own.flatMap(({ error }) => error ?? []),
      ...(shut?.reply.ok === false ? [failureText(shut.reply.failure)] : []),
    ];
    const how = shut === undefined ? "no" : shut.reply.ok ? shut.through : "failed";
    return {
      venue,
      before: cancelled + refused.length,
      cancelled,
      refused,
      closed: how,
      errors: [...new Set(errors)],
    };
  });
}

/** The receipt as a person reads it, worst things first. */
export function receiptText(receipt: Receipt): string {
  const { outcome, scope, halts, incident, operator, reason, started, proof } = receipt;
  const says: Readonly<Record<HaltOutcome, string>> = {
    PROVEN: "trading is halted, and that is proven",
    PARTIAL: "trading is NOT halted everywhere",
    UNKNOWN: "it is NOT known whether trading is halted",
  };
  const lines = [
    `${outcome}: ${says[outcome]} (${scope})${receipt.interrupted === true ? "; the proof was interrupted before it had read everything" : ""}`,
    ...part("STILL TRADING", proof.trading),
    ...part("NOT KNOWN", proof.unknown),
    ...part("exceptions", proof.exceptions),
    "instances",
    ...new Set(receipt.sent.map((one) => `  ${sentText(one)}`)),
    ...proof.instances.flatMap(({ name, halted, refused }) =>
      halted === true && (refused ?? 0) > 0 ? [`  ${name} has refused ${refused} orders since`] : [],
    ),
    "venues",
    ...(receipt.venues.length === 0
      ? ["  nothing was cancelled"]
      : receipt.venues.map((one) => `  ${venueText(one)}`)),
    ...(proof.venues.length === 0
      ? ["open orders: no venue that the halt covers could be read"]
      : [`open orders, two reads ${formatDuration(proof.spacing)} apart`]),
    ...proof.venues.map(({ venue, open, closed }) => {
      const [first, second] = open.map((count) => count ?? "?");
      return `  ${venue}: ${first} and ${second}${closed ? ", and it refuses orders itself" : ""}`;
    }),
    `orders since the halts: ${proof.refused ?? "?"} refused, ${proof.refused === undefined ? "?" : proof.accepted.length} accepted; ${proof.asked ?? "?"} arrived during the proof`,
    ...proof.accepted
      .slice(0, 20)
      .map(
        (one) =>
          `  ${one.order} ${one.side} ${one.quantity} ${one.symbol} at ${one.venue} by ${one.instance}, ${one.acceptedAt.toISOString()}`,
      ),
    `fills after the halt: ${fillsText(proof)}`,
    ...proof.fills
      .slice(0, 20)
      .map(
        (one) =>
          `  ${one.venue} ${one.side} ${one.quantity} ${one.symbol} at ${one.price}, order ${one.client}, ${one.at.toISOString()}`,
      ),
    ...part("not heard", proof.unheard),
    ...part("clocks", proof.clocks),
    `halt ids: ${halts.length === 0 ? "none was read back" : halts.join(", ")}`,
    `by ${operator} for ${incident}: ${reason}`,
    `started ${started.toISOString()}, last read ${proof.at.toISOString()}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** None seen is none only where every venue's fills were read. */
function fillsText({ fills, venues, unknown }: Proof): string {
  if (fills.length > 0) return String(fills.length);
  const read = venues.length > 0 && !unknown.some((sentence) => sentence.startsWith("fills at "));
  return read ? "none" : "not known";
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...[...new Set(lines)].map((line) => `  ${line}`)];
}

function sentText({
  instance,
  found,
  ms,
  halt_id: id,
  since,
  repeated,
  persisted,
  failure,
}: ReceiptSent): string {
  const unlisted = found === "label" ? " (not in the platform file)" : "";
  if (failure !== undefined) return `${instance}${unlisted}: ${failure}`;
  const again = repeated === true ? "halted already" : "halted";
  const forgets = persisted === false ? "; a restart would lose the halt" : "";
  return `${instance}${unlisted}: ${again} since ${since?.toISOString() ?? "?"}, ${id ?? "?"}, answered after ${ms} ms${forgets}`;
}

function venueText({ venue, before, cancelled, refused, closed, errors }: ReceiptVenue): string {
  const kept = refused.map(({ order, reason }) => `; keeps ${order}: ${reason}`).join("");
  const shut = {
    instance: "; closed through an instance",
    venue: "; closed at the venue itself",
    no: "",
    failed: "; could NOT be closed",
  };
  const wrong = errors.map((error) => `; ${error}`).join("");
  return `${venue}: ${before} before, ${cancelled} cancelled, ${refused.length} refused${kept}${shut[closed]}${wrong}`;
}
