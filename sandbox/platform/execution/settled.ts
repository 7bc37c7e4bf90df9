import type { Pool } from "../shared/postgres.ts";
import { ordersUnderway } from "../trading/underway.ts";
import { venueNames } from "../venue/seed.ts";
import type { Desk, Underway } from "./work.ts";

/**
 * What is on its way: to a venue, or from a venue's books into the database. Of a venue that cannot be reached
 * nothing comes before it can be again.
 */
export async function unsettled(
  desk: Desk,
  { inFlight, unanswered }: Underway,
  pool: Pool,
): Promise<string[]> {
  const perVenue = await Promise.all(
    venueNames.map(async (venue) => ({ venue, missing: await unbooked(desk, pool, venue) })),
  );
  const reached = perVenue.filter(({ missing }) => missing !== undefined).map(({ venue }) => venue);
  const owed = [...unanswered.values()].filter((venue) => reached.includes(venue)).length;
  return [
    ...(await ordersUnderway(desk.bus, pool)),
    ...(inFlight.size === 0 ? [] : [`${inFlight.size} orders are on their way to a venue`]),
    ...(owed === 0 ? [] : [`a venue has not answered for ${owed} orders`]),
    ...perVenue.flatMap(({ missing = [] }) => missing),
  ];
}

/** Undefined when the venue cannot be reached. */
async function unbooked({ client }: Desk, pool: Pool, venue: string): Promise<string[] | undefined> {
  const told = await Promise.all([client.fills(venue, 0), client.openOrders(venue)]).catch(() => undefined);
  if (told === undefined) return undefined;
  const [{ fills }, open] = told;
  const ids = fills.map(({ fill_id: id }) => id);
  const [row] = await pool.rows(
    `SELECT (SELECT count(*) FROM fills WHERE id = ANY ($2)) AS booked,
            (SELECT count(*) FROM orders WHERE venue = $1 AND status = 'open' AND NOT (id = ANY ($3))) AS gone`,
    [venue, ids, open.map(({ client_order_id: id }) => id)],
  );
  const [left, gone] = [ids.length - Number(row?.["booked"]), Number(row?.["gone"])];
  return [
    ...(left === 0 ? [] : [`${left} fills of ${venue} are not booked`]),
    ...(gone === 0 ? [] : [`${gone} orders rest at ${venue} no more and are open in the database`]),
  ];
}
