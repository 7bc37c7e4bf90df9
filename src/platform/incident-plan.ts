import { nearest } from "../base/suggest.ts";
import type { Problems } from "../language/problems.ts";
import { boolean, map, object, optional, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { channelsOf, channelsShape, checkChannels, reachedBy, type ChannelSettings } from "./channels.ts";
import { checkClocks, clocksOf, clocksShape, usualResponse, type PlannedClock } from "./clocks.ts";
import { checkEscalation, escalationShape, type Escalation } from "./escalation.ts";
import {
  checkDesks,
  checkPeople,
  desksShape,
  peopleOf,
  peopleShape,
  teamsShape,
  type Desks,
  type Person,
  type Teams,
} from "./people.ts";
import { keyPlace, placeOf } from "./place.ts";
import { severities, type Severity, type SeverityNames } from "./severity.ts";
import { secretOrText } from "./secret-ref.ts";
import type { SecretSources } from "./secret-sources.ts";
import {
  checkSeverities,
  severitiesOf,
  severitiesShape,
  severityNamesOf,
  type SeverityPlan,
} from "./severities.ts";

/** Everything the platform file says of incidents: who, by which way, and how soon. */
export interface IncidentPlan {
  readonly people: Readonly<Record<string, Person>>;
  readonly teams: Teams;
  readonly desks: Desks;
  readonly settings: IncidentSettings;
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly severities: Readonly<Record<Severity, SeverityPlan>>;
  /** The severities by their names: the four, and those that the file gives them. */
  readonly severityNames: SeverityNames;
  readonly clocks: readonly PlannedClock[];
  readonly escalation: Escalation;
  readonly vendors: Vendors;
  /** Files of the installation's own texts, by the template's name; a relative path is one beside the platform file. */
  readonly templates: Readonly<Record<string, string>>;
  /** Where the channels' secrets come from, after the environment. */
  readonly secrets?: SecretSources;
  /** What figures over incidents are held against, in milliseconds. */
  readonly objectives: Omit<ObjectivesRead, "response">;
}

/** Numbers and addresses of others, by vendor and by what they are for. */
export type Vendors = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface IncidentSettings {
  /** Where desks exchange records: a PostgreSQL address, or `${secrets.NAME}`. */
  readonly store?: string;
  /** Records of a security incident may go to the store. */
  readonly storePrivate: boolean;
  /** Where the responders meet. */
  readonly bridge?: string;
  /** The zone that times are typed in. */
  readonly zone: string;
}

const line = text({ template: "none", instead: "Write it out." });
const meeting = text({
  template: "none",
  pattern: { test: /^https?:\/\/\S+$/, says: "an http or https address" },
});

export const incidentFields = {
  people: optional(
    peopleShape,
    "Who responds, by a short id: { name, logins, phone, slack, pagerduty, email }.",
  ),
  teams: optional(teamsShape, "People by what they are called for: `risk: [rosa]`."),
  desks: optional(
    desksShape,
    "Installations that may write into an incident, with the key of each: `lav-ir desk` prints it.",
  ),
  incident: optional(
    object({
      store: optional(
        secretOrText,
        "PostgreSQL in which desks exchange records; a secret where it has a password.",
      ),
      store_private: optional(boolean(), "true: records of a security incident may go there."),
      bridge: optional(meeting, "Where the responders meet."),
      zone: optional(line, "The zone that times are typed in, such as Europe/London; UTC by default."),
    }),
    "Where records are exchanged and responders meet, and the zone of typed times.",
  ),
  channels: optional(channelsShape, "Where messages go, by name."),
  severities: optional(
    severitiesShape,
    "What each severity means, who is paged, what is measured; any other key is another name for one of them, `SEV1: P0`.",
  ),
  clocks: optional(clocksShape, "How soon things must happen."),
  escalation: optional(escalationShape, "Who is paged after whom, by name of the level."),
  templates: optional(
    map(line),
    "Files with texts of your own, by template: `alert: texts/alert.txt`, beside this file.",
  ),
  vendors: optional(map(map(line)), "Numbers and addresses of others: `cloud: { support: … }`."),
} as const;

/** The keys of the platform file that are this part's. */
export const incidentKeys = Object.keys(incidentFields);

const objectFor = object(incidentFields);
type Read = NonNullable<(typeof objectFor)["type"]>;

export interface ObjectivesRead {
  readonly response?: Readonly<Partial<Record<Severity, number>>>;
  readonly rpo?: number;
  readonly mttr?: number;
  readonly stakeholders?: number;
}

/** @param given whose `response` is what older files have instead of the clock `answered` */
export function incidentPlanOf(read: Read, given: ObjectivesRead): IncidentPlan {
  const { response = usualResponse, ...objectives } = given;
  const { store, store_private: storePrivate = false, bridge, zone = "UTC" } = read.incident ?? {};
  return {
    people: peopleOf(read.people ?? {}),
    teams: read.teams ?? {},
    desks: read.desks ?? {},
    settings: {
      ...(store === undefined ? {} : { store }),
      storePrivate,
      ...(bridge === undefined ? {} : { bridge }),
      zone,
    },
    channels: channelsOf(read.channels ?? {}),
    severities: severitiesOf(read.severities ?? {}),
    severityNames: severityNamesOf(read.severities ?? {}),
    clocks: clocksOf(read.clocks ?? {}, response),
    escalation: read.escalation ?? {},
    vendors: read.vendors ?? {},
    templates: read.templates ?? {},
    objectives,
  };
}

const roles = ["commander", "scribe", "comms"];

/** What only shows when the sections are seen together: names, targets, numbers that are missing. */
export function checkIncidentPlan(
  read: Read,
  objectives: ObjectivesRead,
  root: Node,
  problems: Problems,
): void {
  const plan = incidentPlanOf(read, objectives);
  checkPeople(plan.people, plan.teams, root, problems);
  checkDesks(plan.desks, root, problems);
  checkChannels(read.channels ?? {}, root, problems);
  checkSeverities(read.severities ?? {}, root, problems);
  checkEscalation(plan.escalation, root, problems);
  const known = Object.keys({ ...plan.people, ...plan.teams, ...plan.channels });
  const levels = Object.keys(plan.escalation);
  const next = levels.length === 0 ? [] : ["next-level"];
  const whom = { page: [...next, ...levels, ...known], remind: [...roles, ...known] };
  checkClocks(read.clocks ?? {}, whom, root, problems);
  checkRecipients(plan, root, problems);
  checkZone(plan.settings.zone, root, problems);
  if (objectives.response !== undefined && read.clocks?.["answered"] !== undefined) {
    const place = keyPlace(root, ["objectives"], "response");
    problems.add(place, "objectives.response and clocks.answered mean the same", "Keep the clock.");
  }
}

/** Whom severities and levels name: a channel, and a team or a person that it can reach. */
function checkRecipients(plan: IncidentPlan, root: Node, problems: Problems): void {
  for (const severity of severities) {
    for (const [at, to] of plan.severities[severity].page.entries())
      checkRecipient(plan, to, ["severities", severity, "page", at], root, problems);
  }
  for (const [level, { to: recipients }] of Object.entries(plan.escalation)) {
    for (const [at, to] of recipients.entries())
      checkRecipient(plan, to, ["escalation", level, "to", at], root, problems);
  }
}

function checkRecipient(
  plan: IncidentPlan,
  written: string,
  path: readonly (string | number)[],
  root: Node,
  problems: Problems,
): void {
  const [name = "", target] = written.split(":");
  const place = placeOf(root, path);
  const channel = Object.hasOwn(plan.channels, name) ? plan.channels[name] : undefined;
  if (channel === undefined) {
    const near = nearest(name, Object.keys(plan.channels));
    const hint = near === undefined ? "Add it to channels." : `Did you mean ${near}?`;
    problems.add(place, `unknown channel ${name}`, hint);
    return;
  }
  const needs = reachedBy(channel);
  if (target === undefined) {
    const own = channel.provider.type === "email" && channel.provider.to !== undefined;
    if (needs !== undefined && !own)
      problems.add(
        place,
        `channel ${name} reaches people: say whom`,
        `Write ${name}:TEAM or ${name}:PERSON.`,
      );
    return;
  }
  const members = membersOf(plan, target);
  if (members === undefined) {
    const near = nearest(target, Object.keys({ ...plan.people, ...plan.teams }));
    const hint = near === undefined ? "Add it to teams." : `Did you mean ${near}?`;
    problems.add(place, `${target} is neither a team nor a person`, hint);
    return;
  }
  if (members.length === 0)
    problems.add(place, `${written} pages nobody: the team ${target} is empty`, "Add its members to teams.");
  for (const { id, name: called, [needs ?? "name"]: way } of members) {
    if (way !== undefined) continue;
    problems.add(
      place,
      `${written} cannot reach ${called}, who has no ${needs}`,
      `Add people.${id}.${needs}.`,
    );
  }
}

/** The people that a team's or a person's id stands for. */
export function membersOf(
  plan: Pick<IncidentPlan, "people" | "teams">,
  target: string,
): readonly Person[] | undefined {
  const ids = Object.hasOwn(plan.teams, target) ? (plan.teams[target] ?? []) : [target];
  const members = ids.flatMap((id) => (Object.hasOwn(plan.people, id) ? [plan.people[id]] : []));
  const found = members.filter((person) => person !== undefined);
  return found.length === 0 && !Object.hasOwn(plan.teams, target) ? undefined : found;
}

function checkZone(zone: string, root: Node, problems: Problems): void {
  // A formatter takes longer to make than the file to read. It knows other spellings than the list does.
  if (zone === "UTC" || Intl.supportedValuesOf("timeZone").includes(zone)) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    const place = placeOf(root, ["incident", "zone"]);
    problems.add(place, `${zone} is not a time zone`, "A name of the IANA database, such as Europe/London.");
  }
}
