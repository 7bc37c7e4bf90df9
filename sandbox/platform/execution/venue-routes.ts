import { checkBearer } from "../shared/bearer.ts";
import type { Request, Route } from "../shared/http.ts";
import { choiceField, fieldsOf, knownQuery, listField, numberField } from "../shared/input.ts";
import { messageOf } from "../shared/log.ts";
import { badRequest, notFound, ok } from "../shared/reply.ts";
import { venueNames } from "../venue/seed.ts";
import { modes } from "./routing.ts";
import type { Desk } from "./work.ts";

const day = 86_400;

/** Venues and routing, as an operator sees and changes them. */
export function venueRoutes(desk: Desk): Route[] {
  const { client, routing, context } = desk;
  const { settings, log } = context;
  const known = (venue: string): string => {
    if (!venueNames.includes(venue)) throw notFound(`there is no venue ${venue}`);
    return venue;
  };
  const authorised = ({ headers }: Request): void =>
    checkBearer(headers.authorization, settings.emergencyToken, Date.now());
  const refresh = async (): Promise<void> => {
    await routing
      .load()
      .catch((error: unknown) => log("warn", "routing not read", { error: messageOf(error) }));
  };

  const stateOf = async (venue: string) => {
    const until = routing.disabledUntil(venue);
    const own = {
      venue,
      disabled: routing.isDisabled(venue),
      disabled_until: until === undefined || until === null ? null : new Date(until).toISOString(),
    };
    const { samples, success_rate: rate } = client.reliability(venue);
    try {
      const { market, halted, open_orders: open } = await client.state(venue);
      const status = samples >= 5 && rate < 0.9 ? "degraded" : "up";
      return { ...own, ...client.reliability(venue), status, market, halted, open_orders: open, error: null };
    } catch (error) {
      const unknown = { market: null, halted: null, open_orders: null, error: messageOf(error) };
      return { ...own, ...client.reliability(venue), status: "down", ...unknown };
    }
  };
  const states = async () => {
    await refresh();
    return await Promise.all(venueNames.map(stateOf));
  };
  const namesOf = (request: Request, allowed: readonly string[]) => {
    authorised(request);
    const fields = fieldsOf(request.headers["content-type"], request.body, ["venues", ...allowed]);
    const venues = listField(fields, "venues");
    const unknown = venues.find((venue) => !venueNames.includes(venue));
    if (unknown !== undefined) throw badRequest(`there is no venue ${unknown}`);
    return { fields, venues };
  };

  return [
    { method: "GET", path: "/api/venues", handle: async () => ok(await states()) },
    {
      method: "GET",
      path: "/api/venues/health",
      async handle() {
        const venues = await states();
        const up = venues.filter(({ status, disabled }) => status !== "down" && !disabled).length;
        return ok({
          total: venues.length,
          up,
          down: venues.filter(({ status }) => status === "down").length,
          venues,
        });
      },
    },
    {
      method: "POST",
      path: "/api/venues/disable",
      async handle(request) {
        const { fields, venues } = namesOf(request, ["duration"]);
        const seconds =
          fields["duration"] === undefined ? undefined : numberField(fields, "duration", 0, day);
        await routing.disable(venues, seconds);
        log("warn", "venues disabled", { venues, seconds });
        return ok(await states());
      },
    },
    {
      method: "POST",
      path: "/api/venues/enable",
      async handle(request) {
        const { venues } = namesOf(request, []);
        await routing.enable(venues);
        log("warn", "venues enabled", { venues });
        return ok(await states());
      },
    },
    {
      method: "GET",
      path: "/api/venues/:venue/orders",
      async handle({ params, query }) {
        knownQuery(query, []);
        return ok(await client.openOrders(known(params["venue"] ?? "")));
      },
    },
    {
      method: "POST",
      path: "/api/venues/:venue/cancel-all",
      async handle(request) {
        authorised(request);
        fieldsOf(request.headers["content-type"], request.body, []);
        const report = await client.cancelAll(known(request.params["venue"] ?? ""));
        return report.error === undefined ? ok(report) : { status: 502, body: report };
      },
    },
    {
      method: "GET",
      path: "/api/routing/mode",
      async handle() {
        await refresh();
        return ok(routing.mode());
      },
    },
    {
      method: "POST",
      path: "/api/routing/mode",
      async handle(request) {
        authorised(request);
        const fields = fieldsOf(request.headers["content-type"], request.body, ["mode", "timeout"]);
        const mode = choiceField(fields, "mode", modes);
        const seconds = fields["timeout"] === undefined ? undefined : numberField(fields, "timeout", 0, day);
        await routing.setMode(mode, seconds);
        log("warn", "routing mode", { mode, seconds });
        return ok(routing.mode());
      },
    },
    {
      method: "GET",
      path: "/api/routing/diagnostics",
      async handle() {
        await refresh();
        const venues = venueNames.map((venue) => ({
          ...client.reliability(venue),
          disabled: routing.isDisabled(venue),
        }));
        return ok({ ...routing.mode(), instance: settings.instance, venues, decisions: routing.decisions() });
      },
    },
  ];
}
