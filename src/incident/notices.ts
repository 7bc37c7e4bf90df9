import type { Head, IncidentRecord, Ref } from "../events/incident-record.ts";
import type { IncidentPlan } from "../platform/incident-plan.ts";
import type { IncidentFold } from "./fold.ts";
import type { MessageFold } from "./messages.ts";
import type { IncidentStatus } from "./status.ts";

/** Where the end of an incident is told. */
export interface NoticeTarget {
  readonly channel: string;
  readonly person?: string;
  /** Of a pager, whose key it resolves; the severity elsewhere. */
  readonly level: string;
  /** Of a pager: what that key begins with, where it is not the incident's number. */
  readonly sentAs?: string;
}

/**
 * Whoever a message may have reached hears of the end: a person or a room once, and a pager for each of its keys,
 * which stay open until then. A security incident's end is told on private channels alone.
 */
export function noticeTargets(
  fold: IncidentFold,
  { channels }: Pick<IncidentPlan, "channels">,
  { severity = "P3", security }: Pick<IncidentStatus, "severity" | "security">,
): readonly NoticeTarget[] {
  const targets: NoticeTarget[] = [];
  for (const message of fold.messages.values()) {
    const { channel, person, level, kind, sent_as: sentAs } = message.queued.data;
    const planned = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
    const pager = planned?.provider.type === "pagerduty";
    if (kind === "notice" || !(pager ? mayBeOpen(message) : mayHaveArrived(message))) continue;
    if (security && planned?.private !== true) continue;
    targets.push({
      channel,
      ...(person === undefined ? {} : { person }),
      level: pager ? level : severity,
      ...(pager && sentAs !== undefined ? { sentAs } : {}),
    });
  }
  return eachOnce(targets);
}

/** Without those that are there twice. */
export function eachOnce<T>(targets: readonly T[]): readonly T[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()];
}

/** Rooms and people of the targets, each once: a pager has several keys. */
export function audienceOf(
  targets: readonly NoticeTarget[],
): readonly Omit<NoticeTarget, "level" | "sentAs">[] {
  return eachOnce(targets.map(({ level: _level, sentAs: _sentAs, ...way }) => way));
}

function mayHaveArrived({ attempts, state }: MessageFold): boolean {
  return attempts > 0 && state.state !== "failed" && state.state !== "queued";
}

/** Attempts at a pager may be on no record: its sender met a full disk, and was killed. */
function mayBeOpen({ state }: MessageFold): boolean {
  return state.state !== "failed" && !(state.state === "queued" && state.held !== undefined);
}

export interface Notice {
  readonly body: string;
  /** The record that it is about: part of the key. */
  readonly about: Ref;
  readonly head: Head;
}

/** One record a target. */
export function noticeRecords(
  targets: readonly NoticeTarget[],
  { body, about, head }: Notice,
): readonly IncidentRecord[] {
  return targets.map(({ channel, person, level, sentAs }) => {
    const whom = person === undefined ? {} : { person };
    const name = sentAs === undefined ? {} : { sent_as: sentAs };
    const key = ["notice", channel, ...Object.values(whom), level, ...Object.values(name), about].join("/");
    return {
      type: "message.queued",
      data: { key, kind: "notice", channel, ...whom, level, body, head, ...name },
    };
  });
}
