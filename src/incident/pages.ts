import type { Head, IncidentRecord, Ref } from "../events/incident-record.ts";
import { membersOf, type IncidentPlan } from "../platform/incident-plan.ts";
import type { Person } from "../platform/people.ts";
import type { Severity } from "../platform/severity.ts";

/** What goes out, by channel and person; and whom only a telephone reaches. */
export interface Recipients {
  readonly send: readonly { readonly channel: string; readonly person?: string }[];
  readonly call: readonly Person[];
  /** Channels that may not carry it: not private, or without an address for drills. */
  readonly left: readonly string[];
}

export interface Carries {
  readonly security: boolean;
  readonly drill: boolean;
}

/** Resolves `channel`, `channel:team` and `channel:person`; each once. */
export function recipientsOf(plan: IncidentPlan, written: readonly string[], carries: Carries): Recipients {
  const send = new Map<string, { readonly channel: string; readonly person?: string }>();
  const call = new Map<string, Person>();
  const left = new Set<string>();
  for (const one of written) {
    const [name = "", target] = one.split(":");
    const channel = Object.hasOwn(plan.channels, name) ? plan.channels[name] : undefined;
    if (channel === undefined) continue;
    const people = target === undefined ? [] : (membersOf(plan, target) ?? []);
    if (channel.provider.type === "call") {
      for (const person of people) call.set(person.id, person);
      continue;
    }
    if ((carries.security && !channel.private) || (carries.drill && channel.drill === undefined)) {
      left.add(name);
      continue;
    }
    if (target === undefined) send.set(name, { channel: name });
    for (const { id } of people) send.set(`${name}/${id}`, { channel: name, person: id });
  }
  return { send: [...send.values()], call: [...call.values()], left: [...left] };
}

/** The severity of exactly this name: a team or a person may have one that is nearly the same. */
export function severityCalled(
  { severityNames }: Pick<IncidentPlan, "severityNames">,
  who: string,
): Severity | undefined {
  return Object.hasOwn(severityNames, who) ? severityNames[who] : undefined;
}

/**
 * Where a word of the command line leads: whom a severity pages, a level of the escalation, a channel with or without
 * a target, a team or a person, by SMS or e-mail where the file has such a channel, and by telephone in any case.
 */
export function pageTargets(plan: IncidentPlan, who: string): readonly string[] | undefined {
  const severity = severityCalled(plan, who);
  if (severity !== undefined) return plan.severities[severity].page;
  const level = Object.hasOwn(plan.escalation, who) ? plan.escalation[who] : undefined;
  if (level !== undefined) return level.to;
  const [name = ""] = who.split(":");
  if (Object.hasOwn(plan.channels, name)) return [who];
  if (membersOf(plan, who) === undefined) return undefined;
  const reach = Object.values(plan.channels).filter(({ provider }) =>
    ["twilio", "email", "call"].includes(provider.type),
  );
  return reach.map((channel) => `${channel.name}:${who}`);
}

/** Channels of a severity's page that are rooms: whoever is there reads, and nobody is woken. */
export function roomsOf(plan: Pick<IncidentPlan, "channels">, page: readonly string[]): readonly string[] {
  return page.filter((to) => !to.includes(":") && plan.channels[to]?.provider.type !== "pagerduty");
}

export interface Page extends Carries {
  readonly kind?: "page" | "update";
  /** The severity, the level of the escalation, or the audience of an update. */
  readonly level: string;
  /** The record that it is about: part of the key. */
  readonly about: Ref;
  readonly body: string;
  readonly head: Head;
}

/** One record a message. */
export function pageRecords(
  recipients: Recipients,
  { kind = "page", level, about, body, head }: Page,
): readonly IncidentRecord[] {
  return recipients.send.map(({ channel, person }) => ({
    type: "message.queued",
    data: {
      key: [kind, channel, ...(person === undefined ? [] : [person]), about].join("/"),
      kind,
      channel,
      ...(person === undefined ? {} : { person }),
      level,
      body,
      head,
    },
  }));
}
