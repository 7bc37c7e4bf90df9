import type { Severity } from "../platform/severity.ts";
import type { ClockReading } from "./clocks.ts";
import { allClocksOf } from "./every-clock.ts";
import { endOf, type IncidentFold } from "./fold.ts";
import { eventOf, factOf, type EventTime } from "./key-events.ts";
import {
  answersOf,
  holderOf,
  outcomeOf,
  silentOf,
  type Answered,
  type RoleHolder,
  type Silent,
} from "./people.ts";
import { severityOf } from "./severity.ts";
import { tradingStateOf, type TradingState } from "./trading-state.ts";
import { keyEvents } from "../platform/key-events.ts";

/** All that the status of an incident shows, as data. Instants are milliseconds since 1970. */
export interface IncidentStatus {
  readonly number: string;
  /** Undefined for an incident of before there was `declare`. */
  readonly severity: Severity | undefined;
  readonly drill: boolean;
  readonly security: boolean;
  readonly impact: string | undefined;
  readonly affects: readonly string[];
  readonly bridge: string | undefined;
  readonly zone: string;
  readonly state: "open" | "resolved" | "cancelled";
  readonly declared: EventTime | undefined;
  readonly ended: number | undefined;
  readonly trading: TradingState;
  readonly events: Readonly<Record<string, EventTime>>;
  readonly clocks: readonly ClockReading[];
  readonly roles: readonly RoleHolder[];
  readonly answers: readonly Answered[];
  readonly silent: readonly Silent[];
  /** How many messages stand how. */
  readonly messages: Readonly<Record<string, number>>;
  readonly notes: number;
  /** Records of a newer version, which are not part of this. */
  readonly unknown: number;
  readonly incomplete: boolean;
}

/** @param number the incident's folder: what it is called where it was never declared */
export function statusOf(fold: IncidentFold, now: number, number: string): IncidentStatus {
  const { declared, affects, security, unknown, incomplete } = fold;
  const last = fold.ends.at(-1);
  const state = last === undefined || last.data.what === "reopened" ? "open" : last.data.what;
  const messages: Record<string, number> = {};
  for (const message of fold.messages.values()) {
    const outcome = outcomeOf(message);
    messages[outcome] = (messages[outcome] ?? 0) + 1;
  }
  const events = [...keyEvents, "recovery-point"].flatMap((name): readonly [string, EventTime][] => {
    const event = name === "recovery-point" ? factOf(fold, name) : eventOf(fold, name);
    return event === undefined ? [] : [[name, event]];
  });
  return {
    number: declared?.data.number ?? number,
    severity: severityOf(fold),
    drill: declared?.data.drill === true,
    security,
    impact: declared?.withdrawn === true ? undefined : (declared?.text ?? declared?.data.impact),
    affects,
    bridge: declared?.data.policy.bridge,
    zone: declared?.data.policy.zone ?? "UTC",
    state,
    declared: eventOf(fold, "declared"),
    ended: endOf(fold),
    trading: tradingStateOf(fold),
    events: Object.fromEntries(events),
    clocks: allClocksOf(fold, now),
    roles: (["commander", "scribe", "comms"] as const).map((role) => holderOf(fold, role)),
    answers: answersOf(fold),
    silent: silentOf(fold),
    messages,
    notes: fold.notes.length,
    unknown,
    incomplete,
  };
}
