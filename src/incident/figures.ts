// The figures of one incident: how long it took to answer, to repair, to recover, and how much data was lost. Each is
// a pure function of its records, names the records that it comes from, and is unknown where one of them is missing:
// nothing else is put in its place.
import type { Ref } from "../events/incident-record.ts";
import type { IncidentFold } from "./fold.ts";
import { eventOf, factOf, type EventTime } from "./key-events.ts";
import { severityPeriods, stretchesOf, type Stretch } from "./severity.ts";

/** A time that something took, in milliseconds, or why it cannot be said. */
export type Figure = FigureLimit &
  (
    | {
        readonly is: "known";
        readonly ms: number;
        /** Between which records. */
        readonly refs: readonly [Ref, Ref];
        /** The incident began before anybody noticed, nobody said when: it took longer, or the loss was less. */
        readonly bound?: "at least" | "at most";
      }
    | {
        readonly is: "unknown";
        /** Key events and facts of which no record says when they were. */
        readonly missing: readonly string[];
        /** Both are on record, and the second lies before the first. */
        readonly reversed?: readonly [Ref, Ref];
      }
  );

interface FigureLimit {
  /** What it is held against, where that was laid down. */
  readonly limit?: number;
}

/**
 * `response`: declared to the first answer at the worst severity. `mttr`: started to recovered, or to mitigated where
 * nobody stated a recovery. `rto`: started to recovered. `rpo`: how far the last good recovery point lies before the
 * start. `stakeholders`: declared until they were told.
 */
export const figureNames = ["response", "mttr", "rto", "rpo", "stakeholders"] as const;
export type FigureName = (typeof figureNames)[number];
export type Figures = Readonly<Record<FigureName, Figure>>;

/** Time passes no figure: an event that is not on record is unknown, however long ago it was due. */
export function figuresOf(fold: IncidentFold): Figures {
  const objectives = fold.declared?.data.policy.objectives ?? {};
  const worst = worstOf(fold);
  const started = eventOf(fold, "started");
  const declared = eventOf(fold, "declared");
  const recovered = eventOf(fold, "recovered");
  const repaired = recovered ?? eventOf(fold, "mitigated");
  const told = eventOf(fold, "stakeholders");
  return {
    response: { ...responseOf(fold, worst, declared), ...held(limitOf(fold, worst, "answered")) },
    mttr: { ...between({ started }, { "recovered or mitigated": repaired }), ...held(objectives.mttr) },
    rto: { ...between({ started }, { recovered }), ...held(limitOf(fold, worst, "recovered")) },
    rpo: { ...lossOf(factOf(fold, "recovery-point"), started), ...held(objectives.rpo) },
    stakeholders: { ...between({ declared }, { stakeholders: told }), ...held(objectives.stakeholders) },
  };
}

/** The first stretch of the worst severity that the incident had. */
export function worstOf(fold: IncidentFold): Stretch | undefined {
  // In the order of severities.
  return stretchesOf(severityPeriods(fold))[0];
}

type Named = Readonly<Record<string, EventTime | undefined>>;

function between(first: Named, second: Named): Figure {
  const all = Object.entries({ ...first, ...second });
  const [from, to] = all.map(([, event]) => event);
  if (from === undefined || to === undefined)
    return { is: "unknown", missing: all.flatMap(([name, event]) => (event === undefined ? [name] : [])) };
  const refs = [from.ref, to.ref] as const;
  if (to.at < from.at) return { is: "unknown", missing: [], reversed: refs };
  const bound = from.atLatest === true && "started" in first ? ({ bound: "at least" } as const) : {};
  return { is: "known", ms: to.at - from.at, refs, ...bound };
}

/** Data of after the recovery point is lost; a point behind the start loses none. */
function lossOf(point: EventTime | undefined, started: EventTime | undefined): Figure {
  if (point === undefined || started === undefined) {
    const missing = [
      ...(point === undefined ? ["recovery-point"] : []),
      ...(started === undefined ? ["started"] : []),
    ];
    return { is: "unknown", missing };
  }
  const ms = Math.max(0, started.at - point.at);
  const bound = started.atLatest === true && ms > 0 ? ({ bound: "at most" } as const) : {};
  return { is: "known", ms, refs: [point.ref, started.ref], ...bound };
}

/** A severity that was raised wants an answer of its own, from that instant on. */
function responseOf(fold: IncidentFold, worst: Stretch | undefined, declared: EventTime | undefined): Figure {
  const since = worst?.from;
  const from = declared === undefined || since === undefined ? declared : { ...declared, at: since };
  return between({ declared: from }, { answered: eventOf(fold, "answered", since) });
}

/** What the rules in force gave it at that severity. */
function limitOf(fold: IncidentFold, worst: Stretch | undefined, until: string): number | undefined {
  const clocks = fold.declared?.data.policy.clocks ?? [];
  const clock = clocks.find((one) => one.on && one.until === until && one.when === undefined);
  return worst === undefined ? undefined : clock?.within[worst.severity];
}

function held(limit: number | undefined): FigureLimit {
  return limit === undefined ? {} : { limit };
}

/** Whether a figure kept its limit; undefined where it has none, or where a bound does not decide it. */
export function verdictOf(figure: Figure): "met" | "missed" | undefined {
  if (figure.is !== "known" || figure.limit === undefined) return undefined;
  if (figure.ms > figure.limit) return figure.bound === "at most" ? undefined : "missed";
  return figure.bound === "at least" ? undefined : "met";
}

/** Why a figure cannot be said; empty where it can. */
export function whyUnknown(figure: Figure): string {
  if (figure.is === "known") return "";
  if (figure.reversed !== undefined) return `out of order: ${figure.reversed.join(", ")}`;
  return `no record of ${figure.missing.join(" and ")}`;
}
