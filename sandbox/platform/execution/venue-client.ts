import { callJson, errorOf, type ClientReply } from "../shared/client.ts";
import { listOption, type Faults } from "../shared/faults.ts";
import { messageOf } from "../shared/log.ts";
import type { BookFill, BookOrder, Cancelled, VenueOrder } from "../venue/book.ts";

/** How a venue did lately, as this instance saw it. */
export interface Reliability {
  readonly venue: string;
  readonly samples: number;
  /** Part of the last orders that were filled or rest; 1 without any. */
  readonly success_rate: number;
  readonly latency_ms: number | null;
  readonly last_error: string | null;
}

export interface VenueState {
  readonly venue: string;
  readonly market: "open" | "closed";
  readonly halted: boolean;
  readonly open_orders: number;
}

export interface CancelReport extends Cancelled {
  readonly venue: string;
  /** Set when the venue did not answer: then nothing is known of its orders. */
  readonly error?: string;
}

const kept = 40;
const patience = 2000;

/** The venue answered, and did not do it. */
export class VenueRefusal extends Error {
  readonly code: string;
  constructor(reply: ClientReply) {
    super(errorOf(reply));
    const { error } = reply.json as { error?: { code?: string } };
    this.code = error?.code ?? "";
  }
}

/** The venues as the executioner reaches them. The fault `venue-down` cuts the line to a venue. */
export function createVenueClient(base: string, faults: Faults) {
  const results = new Map<string, boolean[]>();
  const latencies = new Map<string, number>();
  const errors = new Map<string, string>();

  const call = async <T>(
    venue: string,
    path: string,
    options: { method?: "POST"; json?: unknown } = {},
  ): Promise<T> => {
    const begin = performance.now();
    try {
      const down = faults.active("venue-down");
      const which =
        down === undefined ? [] : (listOption(down, "venues") ?? listOption(down, "venue") ?? [venue]);
      if (which.includes(venue)) throw new Error(`${venue} is unreachable: connection refused`);
      const url = `${base}/venues/${encodeURIComponent(venue)}${path}`;
      const reply = await callJson(url, { ...options, within: patience });
      if (reply.status >= 300) throw new VenueRefusal(reply);
      latencies.set(venue, Math.round(performance.now() - begin));
      errors.delete(venue);
      return reply.json as T;
    } catch (error) {
      errors.set(venue, messageOf(error));
      throw error;
    }
  };
  const reported = async (venue: string, path: string, json: object): Promise<CancelReport> => {
    try {
      return { venue, ...(await call<Cancelled>(venue, path, { method: "POST", json })) };
    } catch (error) {
      return { venue, before: 0, cancelled: 0, refused: [], error: messageOf(error) };
    }
  };
  return {
    state: async (venue: string) => await call<VenueState>(venue, ""),
    place: async (venue: string, order: VenueOrder) =>
      await call<{ order: BookOrder; fills: BookFill[] }>(venue, "/orders", { method: "POST", json: order }),
    openOrders: async (venue: string) => (await call<{ orders: BookOrder[] }>(venue, "/orders")).orders,
    fills: async (venue: string, after: number) =>
      await call<{ boot: string; fills: BookFill[] }>(venue, `/fills?after=${after}`),
    cancelAll: async (venue: string, strategy?: string) =>
      await reported(venue, "/cancel-all", strategy === undefined ? {} : { strategy }),
    halt: async (venue: string) => await reported(venue, "/halt", {}),
    resume: async (venue: string) => await call<VenueState>(venue, "/resume", { method: "POST", json: {} }),
    record(venue: string, success: boolean): void {
      results.set(venue, [...(results.get(venue) ?? []), success].slice(-kept));
    },
    reliability(venue: string): Reliability {
      const samples = results.get(venue) ?? [];
      return {
        venue,
        samples: samples.length,
        success_rate: samples.length === 0 ? 1 : samples.filter(Boolean).length / samples.length,
        latency_ms: latencies.get(venue) ?? null,
        last_error: errors.get(venue) ?? null,
      };
    },
    forget: () => results.clear(),
  };
}
export type VenueClient = ReturnType<typeof createVenueClient>;
