import {
  boolean,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../language/shape.ts";
import { failureShape } from "./failure-line.ts";
import { instant, line, milliseconds, type LineOf } from "./line-shape.ts";

const instance = {
  url: required(text(), "Its API."),
  instance: optional(text(), "Its name for itself."),
  container: optional(text(), "Its container."),
  found: required(oneOf("configured", "label"), "label: the platform file does not name it."),
};
const venue = required(text(), "The venue.");
const order = object({
  order: required(text(), "The venue's id of the order."),
  reason: required(text(), "Why the venue keeps it."),
});
const cancelled = object({
  venue,
  before: required(integer({ min: 0 }), "Open orders before."),
  cancelled: required(integer({ min: 0 }), "Orders cancelled."),
  refused: required(list(order), "Orders that the venue keeps."),
  error: optional(text(), "Why the venue's state is not known."),
});

const witness = object({
  name: required(text(), "The instance's container, or its API."),
  instance: optional(text(), "Its name for itself."),
  halted: optional(boolean(), "It was read as halted; absent: it could not be read."),
  halt: optional(text(), "The id of the halt in force."),
  since: optional(instant, "When the halt began, by its own clock."),
  refused: optional(integer({ min: 0 }), "Orders it refused since."),
});
const readVenue = object({
  venue,
  market: required(text(), "open, closed or unknown."),
  closed: required(boolean(), "It takes no orders itself."),
  open_first: optional(integer({ min: 0 }), "Open orders in the first read."),
  open_last: optional(integer({ min: 0 }), "Open orders in the last read."),
});
const fill = object({
  venue,
  sequence: required(integer(), "Grows with every fill while the venue runs."),
  order: required(text(), "The venue's id of the order."),
  client: required(text(), "The platform's id of the order."),
  symbol: required(text(), "The instrument."),
  side: required(text(), "buy or sell."),
  quantity: required(number(), "How much."),
  price: required(number(), "At what price."),
  filled_at: required(instant, "By the venue's clock."),
});
const accepted = object({
  order: required(text(), "The order's id."),
  instance: required(text(), "The instance that sent it."),
  venue,
  strategy: required(text(), "Its strategy."),
  symbol: required(text(), "The instrument."),
  side: required(text(), "buy or sell."),
  quantity: required(text(), "How much, digit for digit."),
  status: required(text(), "Its status in the orders table."),
  accepted_at: required(instant, "By the instance's clock."),
});

/** What a halt tells. Nothing of it is waited for: a request leaves before any of it is written. */
export const haltLines = {
  "halt.sent": line("The halt was sent to every instance of the platform file.", {
    halt: required(text(), "Its id."),
    incident: required(text(), "The incident, or the halt's own id where none is open."),
    operator: required(text(), "Who halts."),
    reason: required(text(), "Why."),
    scope: required(text(), "all, venue:NAME or strategy:NAME."),
    instances: required(list(text()), "Whom it was sent to."),
  }),
  "halt.answer": line("An instance has answered, or has not.", {
    ...instance,
    after_ms: required(milliseconds, "From the beginning of the halt to its answer."),
    answered: required(boolean(), "It says that it is halted."),
    failure: optional(failureShape, "Why not."),
    halt: optional(text(), "The instance's id of the halt."),
    since: optional(instant, "When the halt began, by its own clock."),
    repeated: optional(boolean(), "It was halted as far as this before."),
    persisted: optional(boolean(), "false: a restart would forget the halt."),
    venues: optional(list(cancelled), "What it cancelled at which venue."),
    unanswered: optional(
      list(object({ order: required(text(), "The order's id."), venue })),
      "Orders on their way that a venue never answered for.",
    ),
    answered_at: optional(instant, "Its clock when it answered, in whole seconds."),
  }),
  "halt.doubt": line("The instances' answers are not enough.", {
    doubts: required(list(text()), "Why, a sentence each."),
    closing: required(boolean(), "The venues are closed next."),
  }),
  "halt.closed": line("A venue was closed: it takes no orders.", {
    venue,
    through: required(oneOf("instance", "venue"), "instance: resuming there opens it again."),
    closed: required(boolean(), "It is closed."),
    failure: optional(failureShape, "Why not."),
    before: optional(integer({ min: 0 }), "Open orders before."),
    cancelled: optional(integer({ min: 0 }), "Orders cancelled."),
    refused: optional(list(order), "Orders that it keeps."),
    error: optional(text(), "Why the venue's state is not known."),
  }),
  "halt.finished": line("The verdict, and all that it rests on.", {
    outcome: required(
      oneOf("PROVEN", "PARTIAL", "UNKNOWN"),
      "PARTIAL: something still trades. UNKNOWN: something that would have to be read could not be.",
    ),
    exit_code: required(integer({ min: 0 }), "The exit code of the process."),
    scope: required(text(), "all, venue:NAME or strategy:NAME."),
    halts: required(list(text()), "Ids of the halts in force."),
    incident: required(text(), "The incident, or the halt's own id."),
    operator: required(text(), "Who halted."),
    reason: required(text(), "Why."),
    started: required(instant, "When the halt began."),
    sent: required(
      list(
        object({
          instance: required(text(), "The instance's container, or its API."),
          found: required(oneOf("configured", "label"), "label: the platform file does not name it."),
          after_ms: required(milliseconds, "From the beginning of the halt to its answer."),
          halt: optional(text(), "The instance's id of the halt."),
          since: optional(instant, "When the halt began, by its own clock."),
          repeated: optional(boolean(), "It was halted as far as this before."),
          persisted: optional(boolean(), "false: a restart would forget the halt."),
          failure: optional(text(), "Why it did not halt, as a sentence."),
        }),
      ),
      "Each request, and its answer.",
    ),
    venues: required(
      list(
        object({
          venue,
          before: required(integer({ min: 0 }), "Open orders before."),
          cancelled: required(integer({ min: 0 }), "Orders cancelled."),
          refused: required(list(order), "Orders that it keeps."),
          closed: required(
            oneOf("instance", "venue", "no", "failed"),
            "Whether it was closed, and through whom.",
          ),
          errors: required(list(text()), "What went wrong there."),
        }),
      ),
      "What was cancelled at each venue.",
    ),
    doubts: required(list(text()), "Why the instances' answers were not enough."),
    proof: required(
      object({
        trading: required(list(text()), "What still trades: the reasons of PARTIAL."),
        unknown: required(list(text()), "What could not be read: the reasons of UNKNOWN."),
        exceptions: required(list(text()), "What is unusual, and is no trading."),
        unheard: required(list(text()), "Second witnesses that could not be read."),
        clocks: required(list(text()), "Clocks that differ, or were set during the proof."),
        instances: required(list(witness), "The instances, as they were read last."),
        venues: required(list(readVenue), "The venues, as they were read twice."),
        fills: required(list(fill), "Fills after the halt."),
        accepted: required(list(accepted), "Orders accepted after their instance was halted."),
        arrived: optional(integer({ min: 0 }), "Orders that arrived during the proof."),
        refused: optional(integer({ min: 0 }), "Orders refused because of the halts."),
        spacing_ms: required(milliseconds, "Between the two reads that the proof rests on."),
        read_at: required(instant, "When the last of them was."),
      }),
      "What the verdict rests on.",
    ),
    interrupted: optional(boolean(), "The operator did not wait for the proof."),
    not_recorded: optional(text(), "Why this is not on record."),
  }),
};
export type HaltLine = LineOf<typeof haltLines>;
