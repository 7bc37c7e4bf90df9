import {
  boolean,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
  type ObjectShape,
} from "../language/shape.ts";

/**
 * What a halt's journal holds. The receipt's details are what the trading domain makes of answers from outside: they
 * are kept as they are, and only what says which halt and how it ended is typed.
 */

const receipt = {
  receipt: required(integer({ min: 1, max: 1 }), "The receipt's format."),
  outcome: required(oneOf("PROVEN", "PARTIAL", "UNKNOWN"), "Whether trading is known to be halted."),
  scope: required(text(), "What was halted."),
  halts: required(list(text()), "Ids that instances gave it."),
  incident: required(text(), "The incident, or the halt's own id where none was known."),
  operator: required(text(), "Who halted."),
  reason: required(text(), "Why."),
  started: required(text(), "When it was sent, in UTC."),
  sent: required(list(map(json())), "What each instance answered."),
  venues: required(list(map(json())), "What was cancelled at each venue."),
  doubts: required(list(text()), "What kept the answers from being enough."),
  proof: required(map(json()), "What the proof read, and what that showed."),
  interrupted: optional(boolean(), "The operator did not wait for the proof."),
};

export const haltData = {
  "halt.intent": object({
    incident: required(text(), "The incident, or the halt's own id."),
    operator: required(text(), "Who halts."),
    reason: required(text(), "Why."),
    scope: required(text(), "all, venue:NAME or strategy:NAME."),
    key: required(text(), "The same for every attempt at this halt."),
    platform: required(text(), "The platform's name."),
    instances: required(list(text()), "Where it is sent."),
  }),
  "halt.answer": object({
    url: required(text(), "Which instance."),
    found: required(oneOf("configured", "label"), "How it was found."),
    container: optional(text(), "Its name at the engine."),
    ms: required(number(), "How long it took."),
    answered: required(boolean(), "Whether it answered; its answer is beside this."),
    failure: optional(map(json()), "Why it did not."),
  }),
  "halt.doubt": object({ doubts: required(list(text()), "What kept the answers from being enough.") }),
  "halt.closed": object({
    venue: required(text(), "Which venue."),
    through: required(oneOf("instance", "venue"), "By which way."),
    closed: required(boolean(), "Whether it takes no orders; its answer is beside this."),
    failure: optional(map(json()), "Why not."),
  }),
  "halt.receipt": object({ halt: optional(text(), "Which halt, in an incident's journal."), ...receipt }),
  "halt.incident": object({ incident: required(text(), "The incident it turned out to belong to.") }),
} as const satisfies Readonly<Record<string, ObjectShape<object>>>;

export type HaltRecordType = keyof typeof haltData;

export type HaltData<T extends HaltRecordType> = Exclude<(typeof haltData)[T]["type"], undefined>;

export type HaltRecord = {
  readonly [T in HaltRecordType]: { readonly type: T; readonly data: HaltData<T> };
}[HaltRecordType];
