import type { Chance } from "../shared/chance.ts";
import type { Keys } from "../shared/redis.ts";
import { venueNames } from "../venue/seed.ts";
import type { VenueClient } from "./venue-client.ts";

export const modes = ["NORMAL", "CONSERVATIVE", "AGGRESSIVE"] as const;
export type Mode = (typeof modes)[number];

interface Shared {
  readonly mode: Mode;
  readonly since: string;
  /** Epoch milliseconds at which the mode goes back to NORMAL by itself, and each venue is let in again. */
  readonly reverts: number | null;
  readonly disabled: Readonly<Record<string, number | null>>;
}

const key = "executioner:routing";
const initial: Shared = { mode: "NORMAL", since: new Date(0).toISOString(), reverts: null, disabled: {} };

export interface Choice {
  readonly venue: string | undefined;
  readonly why: string;
}

/**
 * Where orders go: round the venues in turn. Mode and disabled venues are shared by the instances through Redis, read a few times
 * a second; without Redis each goes on with what it knows. FORNAX is closed, so it is used only by name.
 */
export function createRouting(keys: Keys, client: VenueClient, chance: Chance) {
  let shared = initial;
  const decisions: { at: string; order: string; venue: string | null; why: string }[] = [];

  const load = async (): Promise<void> => {
    const text = await keys.get(key);
    shared = text === null ? initial : (JSON.parse(text) as Shared);
  };
  const change = async (next: Partial<Shared>): Promise<void> => {
    await load();
    shared = { ...shared, ...next };
    await keys.set(key, JSON.stringify(shared));
  };
  const mode = (): Mode => (shared.reverts !== null && shared.reverts <= Date.now() ? "NORMAL" : shared.mode);
  const disabledUntil = (venue: string): number | null | undefined => {
    const until = shared.disabled[venue];
    return until !== undefined && until !== null && until <= Date.now() ? undefined : until;
  };
  const isDisabled = (venue: string): boolean => disabledUntil(venue) !== undefined;

  return {
    load,
    mode: () => ({
      mode: mode(),
      since: shared.since,
      reverts_at:
        mode() === "NORMAL" || shared.reverts === null ? null : new Date(shared.reverts).toISOString(),
    }),
    async setMode(next: Mode, seconds: number | undefined): Promise<void> {
      const reverts = seconds === undefined ? null : Date.now() + seconds * 1000;
      await change({ mode: next, since: new Date().toISOString(), reverts });
    },
    async disable(venues: readonly string[], seconds: number | undefined): Promise<void> {
      const until = seconds === undefined ? null : Date.now() + seconds * 1000;
      await load();
      await change({
        disabled: { ...shared.disabled, ...Object.fromEntries(venues.map((venue) => [venue, until])) },
      });
    },
    async enable(venues: readonly string[]): Promise<void> {
      await load();
      const left = Object.entries(shared.disabled).filter(([venue]) => !venues.includes(venue));
      await change({ disabled: Object.fromEntries(left) });
    },
    isDisabled,
    disabledUntil,
    /**
     * A venue for an order: the one it names, else one that is enabled and passes `allowed`. CONSERVATIVE
     * keeps to venues that did 95 % of their last orders (the best two when none did).
     * @param before what was chosen for this order when it could not be written down: it takes no second turn
     */
    choose(
      order: { id: string; venue: string | null; reduce_only: boolean },
      allowed: (venue: string) => boolean,
      before?: string,
    ): Choice {
      let choice: Choice;
      if (order.venue !== null) {
        const refused = isDisabled(order.venue) && !order.reduce_only;
        choice = refused
          ? { venue: undefined, why: `${order.venue} is disabled` }
          : { venue: order.venue, why: "named" };
        if (!venueNames.includes(order.venue)) choice = { venue: undefined, why: `no venue ${order.venue}` };
      } else {
        const usable = venueNames.filter(
          (venue) => venue !== "FORNAX" && !isDisabled(venue) && allowed(venue),
        );
        choice = pick(mode(), usable, { client, chance, before });
      }
      decisions.push({
        at: new Date().toISOString(),
        order: order.id,
        venue: choice.venue ?? null,
        why: choice.why,
      });
      if (decisions.length > 20) decisions.shift();
      return choice;
    },
    decisions: () => decisions,
    /** As if so many seconds had passed. */
    async age(seconds: number): Promise<void> {
      await load();
      const earlier = (until: number | null): number | null =>
        until === null ? null : until - seconds * 1000;
      await change({
        since: new Date(Date.parse(shared.since) - seconds * 1000).toISOString(),
        reverts: earlier(shared.reverts),
        disabled: Object.fromEntries(
          Object.entries(shared.disabled).map(([venue, until]) => [venue, earlier(until)]),
        ),
      });
    },
    async reset(): Promise<void> {
      shared = initial;
      await keys.remove(key);
    },
  };
}
export type Routing = ReturnType<typeof createRouting>;

function pick(
  mode: Mode,
  usable: readonly string[],
  {
    client,
    chance,
    before,
  }: { readonly client: VenueClient; readonly chance: Chance; readonly before: string | undefined },
): Choice {
  const rated = usable
    .map((venue) => client.reliability(venue))
    .toSorted((a, b) => b.success_rate - a.success_rate);
  const good = rated.filter(({ success_rate: rate }) => rate >= 0.95);
  const among = mode === "CONSERVATIVE" ? (good.length > 0 ? good : rated.slice(0, 2)) : rated;
  // In the venues' own order, whoever was reliable of late.
  const open = usable.filter((name) => among.some((one) => one.venue === name));
  const venue = open.find((name) => name === before) ?? chance.pick("venue", open);
  return { venue, why: venue === undefined ? "no venue is open to this order" : mode.toLowerCase() };
}
