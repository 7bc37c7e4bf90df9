import { checkBearer } from "../shared/bearer.ts";
import type { Request, Route } from "../shared/http.ts";
import { fieldsOf, knownQuery, numberField, wholeQuery } from "../shared/input.ts";
import type { Pool } from "../shared/postgres.ts";
import { accepted, badRequest, conflict, notFound, ok } from "../shared/reply.ts";
import type { Context } from "../shared/service.ts";
import { orderFields, orderOf, symbols } from "../trading/order.ts";
import { byRisk, readPositions, totalsOf } from "./book.ts";
import { reducingOrder, reductionView, type createReductions } from "./reduce.ts";
import { validateData } from "./validate.ts";
import { readLimits } from "./watch.ts";

export function riskRoutes(
  context: Context,
  pool: Pool,
  reductions: ReturnType<typeof createReductions>,
): Route[] {
  const { settings, idempotency } = context;
  const authorised = ({ headers }: Request): void =>
    checkBearer(headers.authorization, settings.emergencyToken, Date.now());
  return [
    {
      method: "GET",
      path: "/api/violations",
      async handle({ query }) {
        knownQuery(query, ["limit", "since"]);
        const since = query.get("since");
        if (since !== null && Number.isNaN(Date.parse(since))) throw badRequest("since is a time");
        return ok(
          await pool.rows(
            "SELECT * FROM violations WHERE ($1::timestamptz IS NULL OR at >= $1) ORDER BY at DESC, id DESC LIMIT $2",
            [since, wholeQuery(query, "limit", 1, 1000, 100)],
          ),
        );
      },
    },
    {
      method: "GET",
      path: "/api/risk/attribution",
      async handle() {
        const positions = byRisk(await readPositions(pool));
        const totals = totalsOf(positions);
        const share = (risk: number | null): number | null =>
          risk === null || totals.value_at_risk === 0 ? null : risk / totals.value_at_risk;
        const limits = Object.fromEntries(await readLimits(pool));
        return ok({
          ...totals,
          limits,
          positions: positions.map((each) => ({ ...each, share: share(each.risk) })),
        });
      },
    },
    { method: "GET", path: "/api/positions", handle: async () => ok(await readPositions(pool)) },
    {
      method: "GET",
      path: "/api/positions/risk-ranked",
      handle: async () => ok(byRisk(await readPositions(pool))),
    },
    {
      method: "GET",
      path: "/api/exposure",
      handle: async () => ok({ at: new Date().toISOString(), ...totalsOf(await readPositions(pool)) }),
    },
    {
      method: "GET",
      path: "/api/data/validation",
      handle: async () => ok(await validateData(pool, settings.venuesUrl)),
    },
    {
      method: "POST",
      path: "/api/risk/check",
      async handle({ headers, body }) {
        const order = orderOf("check", fieldsOf(headers["content-type"], body, orderFields));
        const limit = (await readLimits(pool)).get("gross-exposure") ?? 0;
        const { gross } = totalsOf(await readPositions(pool));
        const after = gross + order.quantity * (symbols[order.symbol] ?? 0);
        const allowed = order.reduce_only || after <= limit;
        return ok({
          allowed,
          gross,
          limit,
          reason: allowed ? null : "gross exposure would be above its limit",
        });
      },
    },
    {
      method: "POST",
      path: "/api/emergency/reduce",
      async handle(request) {
        authorised(request);
        const fields = fieldsOf(request.headers["content-type"], request.body, [
          "reduction_pct",
          "timeframe",
        ]);
        const part = numberField(fields, "reduction_pct", 0, 1);
        const seconds = numberField(fields, "timeframe", 0, 86_400);
        const { row, again } = await reductions.begin(part, seconds, request.key);
        return { ...accepted(reductionView(row)), headers: again ? { "idempotent-replay": "true" } : {} };
      },
    },
    {
      method: "GET",
      path: "/api/emergency/reduce/:id",
      handle: async ({ params }) => ok(reductionView(await reductions.read(params["id"] ?? ""))),
    },
    {
      method: "POST",
      path: "/api/positions/:id/close",
      async handle(request) {
        authorised(request);
        fieldsOf(request.headers["content-type"], request.body, []);
        const id = request.params["id"] ?? "";
        return await idempotency.once(request.key, `close ${id}`, async () => {
          const [row] = await pool.rows("SELECT symbol, venue, quantity FROM positions WHERE id = $1", [id]);
          if (row === undefined) throw notFound(`there is no position ${id}`);
          const held = {
            symbol: String(row["symbol"]),
            venue: String(row["venue"]),
            quantity: Number(row["quantity"]),
          };
          if (held.quantity === 0) throw conflict("flat", `${id} is closed already`);
          const order = reducingOrder(
            `close-${crypto.randomUUID()}`,
            held,
            Math.abs(held.quantity),
            "emergency-close",
          );
          await reductions.send(order);
          return accepted({ position: id, order_id: order.id, ...held });
        });
      },
    },
    { method: "GET", path: "/api/db/pool-status", handle: () => ok(pool.status()) },
  ];
}
