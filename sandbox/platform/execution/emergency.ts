import { setTimeout as wait } from "node:timers/promises";
import { checkBearer } from "../shared/bearer.ts";
import type { Request, Route } from "../shared/http.ts";
import { choiceField, fieldsOf, listField, textField } from "../shared/input.ts";
import { badRequest, conflict, ok, type Reply } from "../shared/reply.ts";
import { venueNames } from "../venue/seed.ts";
import { scopeOf, stages, type createHalts, type HaltRequest } from "./halt.ts";
import type { CancelReport } from "./venue-client.ts";
import type { Desk, Underway } from "./work.ts";

/** Milliseconds the answer waits for orders that are on their way to a venue. */
const settleMs = 2500;

export type Halts = ReturnType<typeof createHalts>;

/** Halting, its state, and starting again in stages. Nothing here needs the database, Kafka or Redis. */
export function createEmergency(desk: Desk, halts: Halts, underway: Underway) {
  const { settings, faults, log, idempotency } = desk.context;
  const { client } = desk;

  const cancel = async ({ scope, kill }: HaltRequest): Promise<CancelReport[]> => {
    const venues = scope.all || scope.strategies.length > 0 ? venueNames : scope.venues;
    const reports = venues.map(async (venue): Promise<CancelReport[]> => {
      // What was let through before is waited for, so that the cancelling finds it; one venue that
      // does not answer does not keep the others waiting.
      const here = [...underway.inFlight.values()].filter((each) => each.venue === venue);
      const answers = Promise.allSettled(here.map(({ answered }) => answered));
      await Promise.race([answers, wait(settleMs, undefined, { ref: false })]);
      if (kill.includes(venue)) return [await client.halt(venue)];
      if (scope.all || scope.venues.includes(venue)) return [await client.cancelAll(venue)];
      return await Promise.all(
        scope.strategies.map(async (strategy) => await client.cancelAll(venue, strategy)),
      );
    });
    return (await Promise.all(reports)).flat();
  };

  const halt = async (request: HaltRequest): Promise<Reply> => {
    const { halt: now, changed } = halts.halt(request, settings.instance);
    const answer = { halted: true, instance: settings.instance, halt_id: now.halt_id, since: now.since };
    const covers = {
      incident_id: now.incident_id,
      scope: now.scope,
      repeated: !changed,
      persisted: halts.persisted(),
    };
    if (faults.active("deaf") !== undefined)
      return ok({ ...answer, ...covers, ...totals([]), venues: [], unknown: [] });
    log("error", "trading halted", { halt: now.halt_id, reason: request.reason, operator: request.operator });
    if (!changed) return ok({ ...answer, ...covers, ...totals([]), venues: [], unknown: [] });
    const venues = await cancel(request);
    const unknown = [...underway.unanswered].map(([order_id, venue]) => ({ order_id, venue }));
    return ok({ ...answer, ...covers, ...totals(venues), venues, unknown });
  };

  const readRequest = ({ headers, body }: Request, allowed: readonly string[]) => {
    checkBearer(headers.authorization, settings.emergencyToken, Date.now());
    const fields = fieldsOf(headers["content-type"], body, ["incident_id", "operator", "reason", ...allowed]);
    const said = {
      incident_id: textField(fields, "incident_id"),
      operator: textField(fields, "operator"),
      reason: textField(fields, "reason"),
    };
    return { fields, said };
  };

  /** The first answer of a key is given again only while its halt lasts: later it would be a false proof. */
  const once = async (request: Request, act: () => Promise<Reply>): Promise<Reply> => {
    const reply = await idempotency.once(request.key, request.body, act);
    const { halt_id: id } = reply.body as { halt_id: string };
    if (halts.current()?.halt_id !== id) {
      throw conflict("halt_ended", `${id} of this Idempotency-Key has ended: halting again takes a new key`);
    }
    return reply;
  };

  const status = (): Reply => {
    const now = halts.current();
    const deaf = faults.active("deaf");
    const honest = deaf !== undefined && deaf.options["honest"] === true;
    const { instance } = settings;
    if (now === undefined || honest) return ok({ halted: false, halt_id: null, stage: "trading", instance });
    return ok({ halted: true, instance, ...now });
  };

  const resume = async ({ headers, body }: Request): Promise<Reply> => {
    checkBearer(headers.authorization, settings.emergencyToken, Date.now());
    const fields = fieldsOf(headers["content-type"], body, ["halt_id", "stage", "venues", "approvals"]);
    const stage = choiceField(fields, "stage", stages);
    const id = textField(fields, "halt_id");
    const venues = fields["venues"] === undefined ? [] : listField(fields, "venues");
    const unknown = venues.find((venue) => !venueNames.includes(venue));
    if (unknown !== undefined) throw badRequest(`there is no venue ${unknown}`);
    if (new Set(listField(fields, "approvals")).size < 2)
      throw badRequest("approvals name two different people");
    const killed = halts.current()?.killed ?? [];
    const left = halts.resume(id, stage, venues);
    const released = killed.filter((venue) => !(left?.killed ?? []).includes(venue));
    await Promise.allSettled(released.map(async (venue) => await client.resume(venue)));
    log("warn", "trading resumed", { halt: id, stage, venues });
    return status();
  };

  const routes: Route[] = [
    { method: "GET", path: "/api/emergency/status", handle: status },
    {
      method: "POST",
      path: "/api/emergency/halt-all",
      async handle(request) {
        const { fields, said } = readRequest(request, ["scope"]);
        const scope = scopeOf(fields["scope"], venueNames);
        return await once(request, async () => await halt({ ...said, scope, kill: [] }));
      },
    },
    {
      method: "POST",
      path: "/api/venues/:venue/halt",
      async handle(request) {
        const { said } = readRequest(request, []);
        const venue = request.params["venue"] ?? "";
        const scope = scopeOf({ venues: [venue] }, venueNames);
        return await once(request, async () => await halt({ ...said, scope, kill: [venue] }));
      },
    },
    { method: "POST", path: "/api/emergency/resume", handle: resume },
  ];
  return { routes };
}

function totals(reports: readonly CancelReport[]) {
  return {
    before: reports.reduce((sum, { before }) => sum + before, 0),
    cancelled: reports.reduce((sum, { cancelled }) => sum + cancelled, 0),
    refused: reports.reduce((sum, { refused }) => sum + refused.length, 0),
    complete: reports.every(({ error }) => error === undefined),
  };
}
