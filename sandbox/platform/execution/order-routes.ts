import type { Route } from "../shared/http.ts";
import { knownQuery, milliseconds, wholeQuery } from "../shared/input.ts";
import type { Pool } from "../shared/postgres.ts";
import { badRequest, notFound, ok } from "../shared/reply.ts";

const statuses = ["pending", "open", "filled", "cancelled", "failed", "rejected"];

/** Orders, fills and the fill rate, over all instances: what PostgreSQL has. */
export function orderRoutes(pool: Pool): Route[] {
  return [
    {
      method: "GET",
      path: "/api/orders",
      async handle({ query }) {
        knownQuery(query, ["status", "limit", "since", "executioner"]);
        const status = query.get("status");
        if (status !== null && !statuses.includes(status))
          throw badRequest(`status is one of ${statuses.join(", ")}`);
        const limit = wholeQuery(query, "limit", 1, 1000, 100);
        const since = timeOf(query.get("since"));
        return ok(
          await pool.rows(
            `SELECT * FROM orders WHERE ($1::text IS NULL OR status = $1) AND ($2::timestamptz IS NULL OR placed_at >= $2)
             AND ($4::text IS NULL OR executioner = $4) ORDER BY placed_at DESC, id LIMIT $3`,
            [status, since, limit, query.get("executioner")],
          ),
        );
      },
    },
    {
      method: "GET",
      path: "/api/orders/:id",
      async handle({ params }) {
        const [row] = await pool.rows("SELECT * FROM orders WHERE id = $1", [params["id"]]);
        if (row === undefined) throw notFound(`there is no order ${params["id"]}`);
        return ok(row);
      },
    },
    {
      method: "GET",
      path: "/api/fills",
      async handle({ query }) {
        knownQuery(query, ["limit", "since"]);
        const limit = wholeQuery(query, "limit", 1, 1000, 100);
        const since = timeOf(query.get("since"));
        return ok(
          await pool.rows(
            "SELECT * FROM fills WHERE ($1::timestamptz IS NULL OR at >= $1) ORDER BY at DESC, id LIMIT $2",
            [since, limit],
          ),
        );
      },
    },
    {
      method: "GET",
      path: "/api/fill-rate",
      async handle({ query }) {
        knownQuery(query, ["window"]);
        const seconds = milliseconds(query.get("window") ?? "10m", "window") / 1000;
        const rows = await pool.rows(
          `SELECT venue, count(*) FILTER (WHERE status = 'filled') AS filled,
                  count(*) FILTER (WHERE status = 'failed') AS failed,
                  count(*) FILTER (WHERE status = 'failed' AND reason ILIKE '%timeout%') AS timeouts
           FROM orders WHERE updated_at >= now() - make_interval(secs => $1) AND status IN ('filled', 'failed')
           GROUP BY venue ORDER BY venue`,
          [seconds],
        );
        const [slip] = await pool.rows(
          "SELECT avg(slippage_bps) AS bps FROM fills WHERE at >= now() - make_interval(secs => $1)",
          [seconds],
        );
        const venues = rows.map(({ venue, filled, failed }) => ({
          venue,
          filled,
          failed,
          fill_rate: rate(Number(filled), Number(failed)),
        }));
        const total = (name: string): number => rows.reduce((sum, row) => sum + Number(row[name]), 0);
        const [filled, failed] = [total("filled"), total("failed")];
        return ok({
          window_seconds: seconds,
          orders: filled + failed,
          filled,
          failed,
          timeouts: total("timeouts"),
          // Null: without an order there is no rate, and it is not 100 %.
          fill_rate: rate(filled, failed),
          slippage_bps: slip?.["bps"] ?? null,
          venues,
        });
      },
    },
    { method: "GET", path: "/api/db/pool-status", handle: () => ok(pool.status()) },
  ];
}

function rate(filled: number, failed: number): number | null {
  return filled + failed === 0 ? null : filled / (filled + failed);
}

function timeOf(text: string | null): string | null {
  if (text === null) return null;
  if (Number.isNaN(Date.parse(text))) throw badRequest("since is a time such as 2026-01-01T00:00:00Z");
  return text;
}
