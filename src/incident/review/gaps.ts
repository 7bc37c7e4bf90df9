import type { Ref } from "../../events/incident-record.ts";
import { isFactName } from "../../platform/key-events.ts";
import type { Figure } from "../figures.ts";
import { commandText, type ReviewModel } from "./model.ts";
import { refText } from "./words.ts";

/** Something that the review needs and no record says, or that records say and cannot be. */
export interface Gap {
  readonly what: string;
  /** What fills it, as Markdown. */
  readonly fill: string;
}

/** What every review needs, and the command that puts it on record. */
const wanted: readonly (readonly [string, string, string])[] = [
  ["started", "when it started", "fact started --at …"],
  ["detected", "when it was detected", "fact detected --at …"],
  ["recovery-point", "the last good recovery point (RPO)", "fact recovery-point --at …"],
  ["users", "how many users were affected", "fact users …"],
  ["revenue", "what it cost in revenue", "fact revenue …"],
  ["resolved", "what resolved it", 'resolve "…"'],
];

/** What is not known; a person's "not known" on record is an answer, and no gap. */
export function gapsOf(model: ReviewModel): readonly Gap[] {
  const { events, notKnown, status } = model;
  const missing = wanted.flatMap(([name, what, command]) => {
    const event = events.get(name);
    if (name === "resolved" && status.state === "cancelled") return [];
    if (notKnown.has(name) || (event !== undefined && event.atLatest !== true)) return [];
    return [{ what, fill: commandText(model, command) }];
  });
  const ended = ["mitigated", "recovered"].some((name) => events.has(name) || notKnown.has(name));
  return [
    ...missing,
    ...(ended || status.state === "cancelled"
      ? []
      : [
          {
            what: "when the impact ended",
            fill: commandText(model, "fact recovered --at …"),
          },
        ]),
    // Once it is over nobody can take command any more: that nobody had it is what the review says, and no gap.
    ...(status.state !== "open" ||
    status.roles.some(({ role, holders }) => role === "commander" && holders.length > 0)
      ? []
      : [{ what: "who commands", fill: commandText(model, "role commander me") }]),
  ];
}

/** What fills a figure that is not known: nothing where it is known, or where a person said that it is not. */
export function figureFill(model: ReviewModel, figure: Figure): string | undefined {
  if (figure.is === "known" || figure.reversed !== undefined) return undefined;
  const [name] = figure.missing.map((one) => (one === "recovered or mitigated" ? "recovered" : one));
  if (name === undefined || model.notKnown.has(name) || !isFactName(name)) return undefined;
  return commandText(model, `fact ${name} --at …`);
}

/** Events each of which cannot lie before the one in front of it. */
const orders: readonly (readonly string[])[] = [
  ["started", "detected", "resolved"],
  ["started", "mitigated", "resolved"],
  ["started", "recovered"],
  ["declared", "answered"],
  ["declared", "resolved", "reviewed"],
];

export interface OutOfOrder {
  readonly first: string;
  readonly second: string;
  readonly refs: readonly [Ref, Ref];
}

/** Pairs of events of which the later one lies before the earlier, by more than either may be off. */
export function outOfOrder({ events }: Pick<ReviewModel, "events">): readonly OutOfOrder[] {
  const pairs = orders.flatMap((names) =>
    names.flatMap((second, at) => names.slice(0, at).map((first) => [first, second] as const)),
  );
  const found = pairs.flatMap(([first, second]) => {
    const [one, other] = [events.get(first), events.get(second)];
    if (one === undefined || other === undefined || one.atLatest === true) return [];
    const off = ((one.withinS ?? 0) + (other.withinS ?? 0)) * 1000;
    return other.at + off < one.at ? [{ first, second, refs: [one.ref, other.ref] as const }] : [];
  });
  return [...new Map(found.map((one) => [`${one.first} ${one.second}`, one])).values()];
}

/** What two desks said of one thing, neither knowing of the other. */
export function conflictsOf(model: ReviewModel): readonly Gap[] {
  return [...model.events].flatMap(([name, { conflict }]) =>
    conflict === undefined
      ? []
      : [
          {
            what: `desks disagree on the time of ${name}: ${conflict.map(({ ref }) => refText(ref)).join(", ")}`,
            fill: commandText(model, `fact ${name} --at …`),
          },
        ],
  );
}
