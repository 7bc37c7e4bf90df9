import { venueNames } from "../venue/seed.ts";
import { announce, type Desk, type Underway } from "./work.ts";

/** Once a second: fills that came later, and orders that rest no more, from each venue's own books. */
export function startReconciling(desk: Desk, { unanswered }: Underway): void {
  const seen = new Map<string, { boot: string; after: number }>();
  /** Fills of a venue, and ids of what rests there. */
  const one = async (venue: string): Promise<{ venue: string; open: readonly string[] }> => {
    const place = seen.get(venue);
    let reply = await desk.client.fills(venue, place?.after ?? 0);
    // A venue that began anew counts from one again.
    if (place !== undefined && reply.boot !== place.boot) reply = await desk.client.fills(venue, 0);
    for (const fill of reply.fills) if (await desk.store.fill(fill)) await announce(desk.bus, fill);
    const after = reply.fills.at(-1)?.sequence ?? (place?.boot === reply.boot ? place.after : 0);
    seen.set(venue, { boot: reply.boot, after });
    const open = await desk.client.openOrders(venue);
    return { venue, open: open.map(({ client_order_id: id }) => id) };
  };
  const all = async (): Promise<void> => {
    const asked = new Date();
    const doubtful = [...unanswered];
    const results = await Promise.allSettled(venueNames.map(one));
    const told = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const venues = told.map(({ venue }) => venue);
    const ids = told.flatMap(({ open }) => open);
    if (ids.length > 0) await desk.store.found(ids);
    if (venues.length > 0) await desk.store.cancelled(venues, ids, asked);
    // What the venue was unsure of before this look, its books have told.
    for (const [id, at] of doubtful) if (venues.includes(at)) unanswered.delete(id);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  desk.context.every(1000, "reconciling", all);
}
