import { venueNames } from "../venue/seed.ts";
import { announce, type Desk, type Underway } from "./work.ts";

/** Once a second: fills that came later, and orders that rest no more, from each venue's own books. */
export function startReconciling(desk: Desk, { unanswered }: Underway): void {
  const seen = new Map<string, { boot: string; after: number }>();
  const one = async (venue: string): Promise<void> => {
    const place = seen.get(venue);
    let reply = await desk.client.fills(venue, place?.after ?? 0);
    // A venue that began anew counts from one again.
    if (place !== undefined && reply.boot !== place.boot) reply = await desk.client.fills(venue, 0);
    for (const fill of reply.fills) if (await desk.store.fill(fill)) await announce(desk.bus, fill);
    const after = reply.fills.at(-1)?.sequence ?? (place?.boot === reply.boot ? place.after : 0);
    seen.set(venue, { boot: reply.boot, after });
    const doubtful = [...unanswered].filter(([, at]) => at === venue).map(([id]) => id);
    const open = await desk.client.openOrders(venue);
    const ids = open.map(({ client_order_id: id }) => id);
    await desk.store.found(ids);
    await desk.store.cancelled(venue, ids);
    // What the venue was unsure of before this look, its books have told.
    for (const id of doubtful) unanswered.delete(id);
  };
  const all = async (): Promise<void> => {
    const results = await Promise.allSettled(venueNames.map(one));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  desk.context.every(1000, "reconciling", all);
}
