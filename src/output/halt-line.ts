import type { HaltLine } from "../events/halt-lines.ts";
import type { HaltReply, VenueFill } from "../ports/trading.ts";
import type { HaltSent, VenueClosed } from "../trading/proof/halt-and-prove.ts";
import type { HaltEvent } from "../trading/proof/halt-event.ts";
import type { Proof } from "../trading/proof/judge.ts";
import type { Receipt } from "../trading/proof/receipt.ts";
import { failureLine } from "./failure-line.ts";

/** A halt's event in the names and units of the lines; its receipt on the disk has names of its own. */
export function haltLine(event: HaltEvent): HaltLine {
  switch (event.type) {
    case "sent": {
      const { halt, request, instances } = event;
      return { type: "halt.sent", halt, ...request, instances };
    }
    case "answer":
      return answerLine(event.sent);
    case "doubt":
      return { type: "halt.doubt", doubts: event.doubts, closing: event.closing };
    case "closed":
      return closedLine(event.closed);
    case "finished": {
      const { receipt, exitCode: exit_code, fault: not_recorded } = event;
      return { type: "halt.finished", exit_code, ...receiptLine(receipt), not_recorded };
    }
  }
}

function answerLine({ instance, reply, ms: after_ms }: HaltSent): HaltLine {
  const { url, container, found } = instance;
  const about = { type: "halt.answer", url, container, found, after_ms } as const;
  return reply.ok
    ? { ...about, answered: true, ...replyOf(reply.value) }
    : { ...about, answered: false, failure: failureLine(reply.failure) };
}

function replyOf({ haltId: halt, answeredAt: answered_at, ...rest }: HaltReply) {
  return { ...rest, halt, answered_at };
}

function closedLine({ venue, through, reply }: VenueClosed): HaltLine {
  const about = { type: "halt.closed", venue, through } as const;
  return reply.ok
    ? { ...about, ...reply.value, closed: true }
    : { ...about, closed: false, failure: failureLine(reply.failure) };
}

function receiptLine({ receipt: _version, sent, proof, ...rest }: Receipt) {
  return {
    ...rest,
    sent: sent.map(({ ms: after_ms, halt_id: halt, ...one }) => ({ ...one, after_ms, halt })),
    proof: proofLine(proof),
  };
}

function proofLine(proof: Proof) {
  const { trading, unknown, exceptions, unheard, clocks, accepted, refused } = proof;
  return {
    trading,
    unknown,
    exceptions,
    unheard,
    clocks,
    instances: proof.instances.map(({ halt_id: halt, ...one }) => ({ ...one, halt })),
    venues: proof.venues.map(({ open: [open_first, open_last], ...one }) => ({
      ...one,
      open_first,
      open_last,
    })),
    fills: proof.fills.map(fillLine),
    accepted: accepted.map(({ acceptedAt: accepted_at, ...one }) => ({ ...one, accepted_at })),
    arrived: proof.asked,
    refused,
    spacing_ms: Math.round(proof.spacing),
    read_at: proof.at,
  };
}

function fillLine({ at: filled_at, boot: _boot, ...fill }: VenueFill) {
  return { ...fill, filled_at };
}
