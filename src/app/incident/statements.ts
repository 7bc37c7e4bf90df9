import { ok, type Result } from "../../base/result.ts";
import { parseDuration } from "../../base/duration.ts";
import { nearest } from "../../base/suggest.ts";
import type { IncidentRecord, When } from "../../events/incident-record.ts";
import { nextLevel, repageLevel } from "../../incident/escalation.ts";
import { audienceOf } from "../../incident/notices.ts";
import {
  pageRecords,
  pageTargets,
  recipientsOf,
  severityCalled,
  type Recipients,
} from "../../incident/pages.ts";
import { isAtLeast } from "../../incident/severity.ts";
import { readTyped, shown } from "../../incident/typed-time.ts";
import { factNames, isFactName } from "../../platform/key-events.ts";
import { isSeverity, severityNamed } from "../../platform/severity.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Quoting } from "./chain.ts";
import { endNotices } from "./end-notices.ts";
import { unusedNotes } from "./own-texts.ts";
import { personNamed, type Scene } from "./scene.ts";
import { standardBody } from "./templated.ts";

/** What a command puts on record, and what it says of it. */
export interface Statement {
  readonly records: readonly IncidentRecord[];
  readonly quoting?: Quoting;
  /** Lines behind "on record". */
  readonly says: readonly string[];
  /** Whom only a telephone reaches. */
  readonly recipients?: Recipients;
  /** What is queued for them; pages where nothing is said. */
  readonly sends?: "updates" | "notices";
}

type Made = Result<Statement, Refusal>;

export interface AckOptions {
  readonly eta?: string;
  readonly for?: string;
}

export function ack(scene: Scene, typed: string | undefined, own: AckOptions): Made {
  const person = own.for === undefined ? ok(scene.me) : personNamed(scene, own.for);
  if (!person.ok) return person;
  const eta = own.eta === undefined ? undefined : parseDuration(own.eta);
  if (own.eta !== undefined && eta === undefined)
    return refusal(`--eta ${own.eta} is not a duration such as 10m`);
  const text = typed === undefined || typed.trim() === "" ? undefined : scene.text(typed, "the answer");
  if (text !== undefined && !text.ok) return refusal(text.failure);
  const told = person.value !== scene.me;
  const data = {
    person: person.value,
    by: told ? ("phone" as const) : ("desk" as const),
    ...(told ? { told_by: scene.me } : {}),
    ...(text === undefined ? {} : { text: text.value }),
    ...(eta === undefined ? {} : { eta_s: Math.round(eta / 1000) }),
  };
  return ok({ records: [{ type: "incident.answer", data }], says: [`${person.value} answered`] });
}

export function note(
  scene: Scene,
  typed: string,
  own: { readonly at?: string; readonly decision?: boolean },
): Made {
  const text = scene.text(typed, "the note");
  if (!text.ok) return refusal(text.failure);
  const at = timeOf(scene, own.at);
  if (!at.ok) return at;
  const data = {
    text: text.value,
    ...(at.value === undefined ? {} : { at: at.value }),
    ...(own.decision === true ? { decision: true } : {}),
  };
  return ok({ records: [{ type: "incident.note", data }], says: saysWhen(at.value) });
}

export function fact(
  scene: Scene,
  name: string,
  typed: string | undefined,
  own: { readonly at?: string; readonly measured?: boolean },
): Made {
  if (!isFactName(name)) {
    const near = nearest(name, factNames);
    const hint = near === undefined ? `facts: ${factNames.join(", ")}, reported-…` : `did you mean ${near}?`;
    return refusal(`unknown fact ${name} (${hint})`);
  }
  const value = typed === undefined ? undefined : scene.text(typed, "the value");
  if (value !== undefined && !value.ok) return refusal(value.failure);
  const at = timeOf(scene, own.at);
  if (!at.ok) return at;
  const when = at.value ?? { at: new Date(scene.now).toISOString() };
  const data = {
    name,
    at: when,
    ...(value === undefined ? {} : { value: value.value }),
    how: own.measured === true ? ("measured" as const) : ("typed" as const),
  };
  return ok({ records: [{ type: "incident.fact", data }], says: saysWhen(at.value) });
}

export function mitigated(scene: Scene, typed: string, own: { readonly at?: string } = {}): Made {
  const value = scene.text(typed, "what mitigated it");
  if (!value.ok) return refusal(value.failure);
  const when = timeOf(scene, own.at);
  if (!when.ok) return when;
  const at = when.value ?? { at: new Date(scene.now).toISOString() };
  const data = { name: "mitigated", at, value: value.value, how: "typed" as const };
  const open = scene.status.state === "open" ? "; it stays open until lav-ir resolve" : "";
  return ok({
    records: [{ type: "incident.fact", data }],
    says: [`mitigated${open}`, ...saysWhen(when.value)],
  });
}

export function affects(scene: Scene, names: readonly string[], drop: readonly string[]): Made {
  const clean = [...names, ...drop].map((name) => scene.text(name, "a name"));
  const bad = clean.find((name) => !name.ok);
  if (bad !== undefined && !bad.ok) return refusal(bad.failure);
  if (clean.length === 0) return refusal("affects needs a name, or --drop NAME");
  const unknown = drop.filter((name) => !scene.fold.affects.includes(name));
  if (unknown.length > 0)
    return refusal(`${unknown.join(", ")} is not affected; affected: ${scene.fold.affects.join(", ")}`);
  const all = clean.flatMap((name) => (name.ok ? [name.value] : []));
  const data = { add: all.slice(0, names.length), drop: all.slice(names.length) };
  return ok({ records: [{ type: "incident.affects", data }], says: [] });
}

export function role(scene: Scene, name: string, who: string): Made {
  const held = (["commander", "scribe", "comms"] as const).find((one) => one === name);
  if (held === undefined) return refusal(`unknown role ${name} (roles: commander, scribe, comms)`);
  const person = personNamed(scene, who);
  if (!person.ok) return person;
  const how = person.value === scene.me ? ("taken" as const) : ("given" as const);
  const data = { role: held, person: person.value, how };
  return ok({ records: [{ type: "incident.role", data }], says: [`${name}: ${person.value} (${how})`] });
}

export function cancel(scene: Scene, typed: string, own: { readonly sameAs?: string }): Made {
  const why = scene.text(typed, "the reason");
  if (!why.ok) return refusal(why.failure);
  const same = own.sameAs === undefined ? {} : { same_as: own.sameAs };
  const record: IncidentRecord = { type: "incident.cancelled", data: { why: why.value, ...same } };
  const { targets, quoting, records, says } = endNotices(scene, "cancellation", record, {
    given: { text: why.value },
  });
  return ok({
    records: [record, ...records],
    quoting,
    ...(targets.length === 0 ? {} : { recipients: { send: audienceOf(targets), call: [], left: [] } }),
    sends: "notices",
    says: ["cancelled", ...says],
  });
}

/** A raise pages whoever belongs to that severity: an answer to a lower one does not count for it. */
export function severity(scene: Scene, typed: string, reason: string): Made {
  const to = severityNamed(typed, scene.plan.severityNames);
  if (to === undefined)
    return refusal(`unknown severity ${typed} (${Object.keys(scene.plan.severityNames).join(", ")})`);
  const why = scene.text(reason, "the reason");
  if (!why.ok) return refusal(why.failure);
  const from = scene.status.severity ?? "P3";
  if (from === to) return refusal(`${scene.place.incident} is already ${to}`);
  const record: IncidentRecord = { type: "incident.severity", data: { from, to, why: why.value } };
  if (!isAtLeast(to, from)) return ok({ records: [record], says: [`${from} lowered to ${to}`] });
  const { page } = scene.plan.severities[to];
  const recipients = recipientsOf(scene.plan, page, scene.status);
  const raised = { ...scene, status: { ...scene.status, severity: to } };
  const quoting = pagesFor(scene, recipients, to, standardBody(raised, "alert"));
  const notes = unusedNotes(scene.own, "alert");
  const says = [`${from} raised to ${to}`, ...notes.says];
  return ok({ records: [record, ...notes.records], quoting, recipients, says });
}

export function page(scene: Scene, word: string, typed: string | undefined): Made {
  const who = severityCalled(scene.plan, word) ?? word;
  const frozen = frozenPlan(scene);
  const isLevel = Object.hasOwn(frozen.escalation, who);
  const targets = pageTargets(isLevel ? frozen : scene.plan, who);
  if (targets === undefined) {
    const { people, teams, channels } = scene.plan;
    const known = Object.keys({ ...people, ...teams, ...channels, ...frozen.escalation });
    const near = nearest(who, known);
    const hint = near === undefined ? `whom: ${known.join(", ")}` : `did you mean ${near}?`;
    return refusal(
      known.length === 0
        ? "nobody can be paged: the platform file names nobody"
        : `nobody is named ${who} (${hint})`,
    );
  }
  return paging(scene, targets, levelFor(scene, who), typed, `page ${who}`);
}

/** A level of the escalation is its own, and so is a severity that nobody was paged for yet. */
function levelFor(scene: Scene, who: string): string {
  const { status, fold } = scene;
  if (Object.hasOwn(frozenPlan(scene).escalation, who)) return who;
  const messages = [...fold.messages.values()];
  const first = isSeverity(who) && !messages.some(({ queued }) => queued.data.level === who);
  return first ? who : repageLevel(status.severity ?? "P3", messages);
}

/** The next level as the clocks have it, a level by its name, or a vendor's numbers. */
export function escalate(scene: Scene, typed: string | undefined): Made {
  const { vendors } = scene.plan;
  const { escalation } = frozenPlan(scene);
  const vendor = typed !== undefined && Object.hasOwn(vendors, typed) ? vendors[typed] : undefined;
  if (vendor !== undefined) {
    const says = Object.entries(vendor).map(([what, where]) => `${what}: ${where}`);
    const text = `escalated to the vendor ${typed}`;
    return ok({ records: [{ type: "incident.note", data: { text } }], says });
  }
  const level = typed ?? nextLevel(scene.fold, escalation);
  const to = level !== undefined && Object.hasOwn(escalation, level) ? escalation[level] : undefined;
  if (level === undefined || to === undefined) {
    const known = [...Object.keys(escalation), ...Object.keys(vendors)];
    if (known.length === 0) return refusal("the platform file defines no escalation");
    return refusal(
      typed === undefined
        ? `no next level; name one of ${known.join(", ")}`
        : `unknown level ${typed} (levels: ${known.join(", ")})`,
    );
  }
  return paging(scene, to.to, level, undefined, `escalate ${level}: ${to.who}`);
}

/** Levels and teams are those of the declaration, for a person as for a clock; channels and people are of today. */
function frozenPlan({ plan, fold }: Scene): Scene["plan"] {
  const policy = fold.declared?.data.policy;
  return policy === undefined ? plan : { ...plan, escalation: policy.escalation, teams: policy.teams };
}

/** What a level is today, where that is not what it was when the incident was declared. */
function changedSince(scene: Scene, level: string): readonly string[] {
  const frozen = frozenPlan(scene);
  const [was, is] = [frozen.escalation[level], scene.plan.escalation[level]];
  if (was === undefined || frozen === scene.plan) return [];
  const gone = was.to.filter((to) => !Object.hasOwn(scene.plan.channels, to.split(":")[0] ?? ""));
  const now = is === undefined ? "has no such level" : `says ${is.who}: ${is.to.join(", ")}`;
  const teams = was.to.flatMap((to) => to.split(":")[1] ?? []);
  const same =
    JSON.stringify([was.who, was.to]) === JSON.stringify([is?.who, is?.to]) &&
    teams.every((team) => JSON.stringify(frozen.teams[team]) === JSON.stringify(scene.plan.teams[team]));
  return [
    ...(same ? [] : [`${level} as it was declared; today's platform file ${now}`]),
    ...(gone.length === 0 ? [] : [`NOT PAGED, in no platform file any more: ${gone.join(", ")}`]),
  ];
}

function paging(
  scene: Scene,
  targets: readonly string[],
  level: string,
  typed: string | undefined,
  what: string,
): Made {
  const more = typed === undefined ? undefined : scene.text(typed, "the text");
  if (more !== undefined && !more.ok) return refusal(more.failure);
  const { status, plan } = scene;
  const isLevel = Object.hasOwn(frozenPlan(scene).escalation, level);
  const recipients = recipientsOf(isLevel ? frozenPlan(scene) : plan, targets, status);
  const text = more === undefined ? what : `${what}: ${more.value}`;
  const given = more === undefined ? {} : { text: more.value };
  const quoting = pagesFor(scene, recipients, level, standardBody(scene, "alert", given));
  const notes = unusedNotes(scene.own, "alert");
  const record: IncidentRecord = { type: "incident.note", data: { text } };
  const says = [what, ...(isLevel ? changedSince(scene, level) : []), ...notes.says];
  return ok({ records: [record, ...notes.records], quoting, recipients, says });
}

function pagesFor({ status, head }: Scene, recipients: Recipients, level: string, body: string): Quoting {
  return ([about = ""]) => pageRecords(recipients, { ...status, level, about, body, head });
}

export function timeOf(
  { status, now }: Pick<Scene, "status" | "now">,
  typed: string | undefined,
): Result<When | undefined, Refusal> {
  if (typed === undefined) return ok(undefined);
  const when = readTyped(typed, status.zone, now);
  return when.ok ? when : refusal(when.failure);
}

/** A typed time is echoed with its date and in UTC. */
export function saysWhen(when: When | undefined): readonly string[] {
  return when === undefined ? [] : [`at ${shown(Date.parse(when.at), when.zone ?? "UTC")}`];
}
