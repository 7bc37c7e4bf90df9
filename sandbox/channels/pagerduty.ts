import type { ChannelFaults } from "./faults.ts";
import { json, parsed, standIn, type Answer, type Asked, type Provider, type StandIn } from "./stand-in.ts";

/** An incident at PagerDuty: what one key of one rotation came to. */
export interface PagerDutyIncident {
  readonly id: string;
  readonly routing_key: string;
  readonly key: string;
  readonly summary: string;
  readonly severity: string;
  status: "triggered" | "acknowledged" | "resolved";
  /** People who were notified: once an incident, however often it is triggered. */
  notified: number;
  readonly log: LogEntry[];
}

interface LogEntry {
  readonly id: string;
  readonly type: "trigger_log_entry" | "acknowledge_log_entry" | "resolve_log_entry";
  readonly created_at: string;
  readonly agent: { readonly id: string; readonly type: string };
}

export interface PagerDutySettings {
  readonly routingKeys: readonly string[];
  readonly token: string;
  /** What its clock says, milliseconds since 1970. */
  readonly now: () => number;
}

export interface PagerDutyStandIn extends StandIn {
  readonly incidents: readonly PagerDutyIncident[];
  /** A person acknowledges. */
  acknowledge(key: string, person: string): void;
}

const usual: PagerDutySettings = {
  routingKeys: ["R0UTINGKEY0000000000000000000001"],
  token: "u+stand-in-token",
  now: Date.now,
};

/** PagerDuty: Events v2, and the reading of incidents and their log entries. */
export async function pagerDutyStandIn(
  given: Partial<PagerDutySettings> = {},
  port?: number,
): Promise<PagerDutyStandIn> {
  const settings = { ...usual, ...given };
  const provider = new PagerDuty(settings);
  const server = await standIn(provider, port, settings.now);
  return Object.assign(server, {
    incidents: provider.incidents,
    acknowledge: (key: string, person: string) => provider.act(key, "acknowledge", person),
  });
}

const severities = ["critical", "error", "warning", "info"];
const ofEvent = [
  "routing_key",
  "event_action",
  "dedup_key",
  "payload",
  "client",
  "client_url",
  "links",
  "images",
];
const ofPayload = [
  "summary",
  "source",
  "severity",
  "timestamp",
  "component",
  "group",
  "class",
  "custom_details",
];

class PagerDuty implements Provider {
  readonly name = "pagerduty";
  readonly incidents: PagerDutyIncident[] = [];
  private readonly settings: PagerDutySettings;
  private made = 0;

  constructor(settings: PagerDutySettings) {
    this.settings = settings;
  }

  answer(asked: Asked, faults: ChannelFaults): Answer {
    if (asked.path === "/v2/enqueue") return this.enqueue(asked);
    if (asked.headers.authorization !== `Token token=${this.settings.token}`) return unauthorized();
    if (faults.meet(asked.path, ["expired-token"]) !== undefined) return unauthorized();
    if (asked.headers.accept !== "application/vnd.pagerduty+json;version=2")
      return json(406, { error: { message: "Accept header is required", code: 2002 } });
    if (asked.method !== "GET") return json(405, { error: { message: "Method not allowed" } });
    const log = /^\/incidents\/(\w+)\/log_entries$/.exec(asked.path)?.[1];
    if (log !== undefined) return this.entries(log);
    return asked.path === "/incidents"
      ? this.list(asked.query)
      : json(404, { error: { message: "Not Found" } });
  }

  limited(seconds: number): Answer {
    const body = {
      status: "throttle exceeded",
      message: "Requests for this service are arriving too quickly.",
    };
    return json(429, body, { "retry-after": String(seconds), "ratelimit-reset": String(seconds) });
  }

  act(key: string, action: "trigger" | "acknowledge" | "resolve", agent: string): void {
    const open = this.incidents.filter((one) => one.key === key && one.status !== "resolved");
    for (const incident of open) {
      const type = `${action}_log_entry` as const;
      const by = { id: agent, type: agent === "events" ? "service_reference" : "user_reference" };
      incident.log.push({
        id: this.id("L"),
        type,
        created_at: new Date(this.settings.now()).toISOString(),
        agent: by,
      });
      if (action === "acknowledge") incident.status = "acknowledged";
      if (action === "resolve") incident.status = "resolved";
    }
  }

  private id(letter: string): string {
    return `${letter}${String(++this.made).padStart(6, "0")}`;
  }

  private enqueue({ method, type, body }: Asked): Answer {
    if (method !== "POST") return json(405, { status: "error", message: "Method Not Allowed" });
    const event = type === "application/json" ? parsed(body) : undefined;
    const errors =
      event === undefined ? ["the body is not JSON"] : problemsOf(event, this.settings.routingKeys);
    if (event === undefined || errors.length > 0)
      return json(400, { status: "invalid event", message: "Event object is invalid", errors });
    const key = typeof event["dedup_key"] === "string" ? event["dedup_key"] : this.id("srv");
    const routing = String(event["routing_key"]);
    if (event["event_action"] === "trigger") this.trigger(routing, key, event["payload"] as Payload);
    else this.act(key, event["event_action"] as "acknowledge" | "resolve", "events");
    return json(202, { status: "success", message: "Event processed", dedup_key: key });
  }

  private trigger(routing: string, key: string, { summary, severity }: Payload): void {
    const open = this.incidents.find(
      (one) => one.key === key && one.routing_key === routing && one.status !== "resolved",
    );
    // A trigger on an open or acknowledged key notifies nobody again.
    if (open === undefined) {
      const id = this.id("P");
      const made = { id, routing_key: routing, key, summary, severity, notified: 1, log: [] };
      this.incidents.push({ ...made, status: "triggered" });
    }
    this.act(key, "trigger", "events");
  }

  private list(query: URLSearchParams): Answer {
    const key = query.get("incident_key");
    const incidents = this.incidents
      .filter((one) => key === null || one.key === key)
      .map((one) => {
        const { id, key: incident_key, status, summary } = one;
        const last = one.log.at(-1);
        const acknowledgements =
          status === "acknowledged" ? [{ at: last?.created_at, acknowledger: last?.agent }] : [];
        return { id, type: "incident", incident_key, status, title: summary, acknowledgements };
      });
    return json(200, { incidents, limit: 25, offset: 0, more: false });
  }

  private entries(id: string): Answer {
    const incident = this.incidents.find((one) => one.id === id);
    if (incident === undefined) return json(404, { error: { message: "Not Found" } });
    return json(200, { log_entries: incident.log.toReversed(), limit: 25, offset: 0, more: false });
  }
}

interface Payload {
  readonly summary: string;
  readonly severity: string;
}

function problemsOf(event: Record<string, unknown>, routingKeys: readonly string[]): readonly string[] {
  const { routing_key: routing, event_action: action, dedup_key: dedup, payload } = event;
  const problems = unknownOf(event, ofEvent).map((key) => `'${key}' is not a field of an event`);
  if (typeof routing !== "string" || !routingKeys.includes(routing))
    problems.push("'routing_key' is invalid");
  if (!["trigger", "acknowledge", "resolve"].includes(String(action)))
    problems.push("'event_action' is invalid");
  if (dedup !== undefined && (typeof dedup !== "string" || Array.from(dedup).length > 255))
    problems.push("'dedup_key' is too long");
  if (action !== "trigger") {
    if (dedup === undefined) problems.push("'dedup_key' is missing or blank");
    return problems;
  }
  if (typeof payload !== "object" || payload === null) return [...problems, "'payload' is missing or blank"];
  const { summary, source, severity } = payload as Record<string, unknown>;
  problems.push(
    ...unknownOf(payload, ofPayload).map((key) => `'payload.${key}' is not a field of a payload`),
  );
  if (typeof summary !== "string" || summary === "") problems.push("'payload.summary' is missing or blank");
  else if (Array.from(summary).length > 1024) problems.push("'payload.summary' is too long");
  if (typeof source !== "string" || source === "") problems.push("'payload.source' is missing or blank");
  if (!severities.includes(String(severity))) problems.push("'payload.severity' is invalid");
  return problems;
}

function unknownOf(value: object, known: readonly string[]): string[] {
  return Object.keys(value).filter((key) => !known.includes(key));
}

function unauthorized(): Answer {
  return json(401, { error: { message: "Account not found", code: 2006 } });
}
