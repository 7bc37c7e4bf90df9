import type { Result } from "../../base/result.ts";
import type { HaltReply, HaltRequest, InstanceState, ResumeRequest } from "../../ports/trading.ts";
import type { HttpSettings } from "../../drivers/http/http.ts";
import { call, type Call } from "./call.ts";
import { readHalt, readInstanceState } from "./read.ts";

/** Asks one instance to halt; for `sent` see `Call`. */
export async function sendHalt(
  url: string,
  { incident, operator, reason, scope, token, key }: HaltRequest,
  signal: AbortSignal,
  wire: Pick<Call, "sent" | "http"> = {},
): Promise<Result<HaltReply>> {
  const json = { incident_id: incident, operator, reason, scope };
  const to = `${url}/api/emergency/halt-all`;
  const reply = await call({ method: "POST", url: to, token, key, json, signal, ...wire });
  return reply.ok ? readHalt(`POST ${to}`, reply.value) : reply;
}

export async function sendVenueHalt(
  url: string,
  venue: string,
  { incident, operator, reason, token, key }: HaltRequest,
  signal: AbortSignal,
  http: HttpSettings | undefined,
): Promise<Result<HaltReply>> {
  const json = { incident_id: incident, operator, reason };
  const to = `${url}/api/venues/${encodeURIComponent(venue)}/halt`;
  // Each venue is a request of its own, so it has a key of its own.
  const reply = await call({ method: "POST", url: to, token, key: `${key}-${venue}`, json, signal, http });
  return reply.ok ? readHalt(`POST ${to}`, reply.value) : reply;
}

export async function askState(
  url: string,
  signal: AbortSignal,
  http: HttpSettings | undefined,
): Promise<Result<InstanceState>> {
  const to = `${url}/api/emergency/status`;
  const reply = await call({ method: "GET", url: to, signal, http });
  return reply.ok ? readInstanceState(`GET ${to}`, reply.value) : reply;
}

/** One stage further; the instance checks the halt's id and the order of the stages itself. */
export async function sendResume(
  url: string,
  { haltId, stage, venues, approvals, token }: ResumeRequest,
  signal: AbortSignal,
  http: HttpSettings | undefined,
): Promise<Result<InstanceState>> {
  const json = { halt_id: haltId, stage, approvals, ...(stage === "venue" ? { venues } : {}) };
  const to = `${url}/api/emergency/resume`;
  const reply = await call({ method: "POST", url: to, token, json, signal, http });
  return reply.ok ? readInstanceState(`POST ${to}`, reply.value) : reply;
}
