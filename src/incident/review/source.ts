import type { Placed } from "../order.ts";

/** How a record came to be: a person stated it, the tool measured or did it, or a provider reported it. */
export type Source = "typed" | "measured" | "reported";

export function sourceOf({ read, record }: Placed): Source {
  switch (read?.type) {
    case undefined:
      return record.type.startsWith("incident.") ? "typed" : "measured";
    case "incident.fact":
      return read.data.how === "measured" ? "measured" : "typed";
    case "incident.answer":
      return read.data.provider === undefined ? "typed" : "reported";
    case "message.result":
      return read.data.code === undefined && read.data.provider_id === undefined ? "measured" : "reported";
    case "incident.declared":
    case "incident.severity":
    case "incident.affects":
    case "incident.security":
    case "incident.role":
    case "incident.handoff":
    case "incident.note":
    case "incident.correct":
    case "incident.resolved":
    case "incident.reopened":
    case "incident.cancelled":
    case "incident.action":
    case "incident.review":
      return "typed";
    case "incident.joined":
    case "message.queued":
    case "message.attempt":
    case "clock.fired":
    case "desk.clock":
    case "desk.head":
      return "measured";
  }
}

/** `typed by ada`, `measured`, `reported by a provider`. */
export function sourceText(placed: Placed): string {
  const source = sourceOf(placed);
  switch (source) {
    case "typed":
      return `typed by ${placed.record.actor}`;
    case "measured":
      return "measured";
    case "reported":
      return "reported by the provider";
  }
}
