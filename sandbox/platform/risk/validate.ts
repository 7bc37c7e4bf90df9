import { setTimeout as wait } from "node:timers/promises";
import { callJson, errorOf } from "../shared/client.ts";
import { messageOf } from "../shared/log.ts";
import type { Pool } from "../shared/postgres.ts";
import { symbols } from "../trading/order.ts";
import { venueNames } from "../venue/seed.ts";
import { readPositions } from "./book.ts";

/** Older than this a price is stale, seconds; moving more than this in one step it jumps. */
const staleSeconds = 60;
const jump = 0.1;

interface PriceCheck {
  readonly symbol: string;
  readonly status: "ok" | "stale" | "missing" | "jump";
  readonly price: number | null;
  readonly age_seconds: number | null;
  /** Largest step among the newest prices, as a part of the price before it. */
  readonly largest_step: number | null;
}

interface PositionCheck {
  readonly venue: string;
  readonly symbol: string;
  readonly status: "ok" | "different" | "unknown";
  readonly ours: number;
  readonly theirs: number | null;
  readonly error?: string;
}

/** Whether what the risk numbers are made of can be trusted. */
export async function validateData(pool: Pool, venuesUrl: string) {
  const prices = await checkPrices(pool);
  let positions = await checkPositions(pool, venuesUrl);
  // A fill on its way makes a difference that is gone a moment later.
  if (positions.some(({ status }) => status === "different")) {
    await wait(500);
    positions = await checkPositions(pool, venuesUrl);
  }
  const count = (status: string): number =>
    [...prices, ...positions].filter((check) => check.status === status).length;
  const problems = {
    stale: count("stale"),
    missing: count("missing"),
    jump: count("jump"),
    different: count("different"),
    unknown: count("unknown"),
  };
  const ok = Object.values(problems).every((number) => number === 0);
  return { ok, at: new Date().toISOString(), ...problems, prices, positions };
}

async function checkPrices(pool: Pool): Promise<PriceCheck[]> {
  const rows = await pool.rows(
    `WITH newest AS (
       SELECT symbol, price, at, row_number() OVER (PARTITION BY symbol ORDER BY at DESC) AS age FROM prices
     ), steps AS (
       SELECT symbol, price, at, age, lag(price) OVER (PARTITION BY symbol ORDER BY at) AS before
       FROM newest WHERE age <= 30
     )
     SELECT symbol, (array_agg(price ORDER BY at DESC))[1] AS price, extract(epoch FROM now() - max(at)) AS age,
            max(abs(price / nullif(before, 0) - 1)) AS step, bool_or(price <= 0) AS wrong FROM steps GROUP BY symbol`,
  );
  return Object.keys(symbols).map((symbol) => {
    const row = rows.find((each) => each["symbol"] === symbol);
    if (row === undefined)
      return { symbol, status: "missing", price: null, age_seconds: null, largest_step: null };
    const age = Number(row["age"]);
    const step = row["step"] === null ? null : Number(row["step"]);
    let status: PriceCheck["status"] = "ok";
    if (age > staleSeconds) status = "stale";
    else if (row["wrong"] === true || (step ?? 0) > jump) status = "jump";
    return { symbol, status, price: Number(row["price"]), age_seconds: age, largest_step: step };
  });
}

export async function checkPositions(pool: Pool, venuesUrl: string): Promise<PositionCheck[]> {
  const ours = await readPositions(pool);
  const perVenue = venueNames.map(async (venue): Promise<PositionCheck[]> => {
    const mine = new Map(
      ours.filter((each) => each.venue === venue).map(({ symbol, quantity }) => [symbol, quantity]),
    );
    let theirs: Map<string, number>;
    try {
      const reply = await callJson(`${venuesUrl}/venues/${venue}/positions`, { within: 2000 });
      if (reply.status !== 200) throw new Error(errorOf(reply));
      const { positions } = reply.json as { positions: { symbol: string; quantity: number }[] };
      theirs = new Map(positions.map(({ symbol, quantity }) => [symbol, quantity]));
    } catch (error) {
      const unknown = { venue, status: "unknown", theirs: null, error: messageOf(error) } as const;
      return [...mine].map(([symbol, quantity]) => ({ ...unknown, symbol, ours: quantity }));
    }
    return [...new Set([...mine.keys(), ...theirs.keys()])].map((symbol) => {
      const [own, other] = [mine.get(symbol) ?? 0, theirs.get(symbol) ?? 0];
      const same = Math.abs(own - other) <= 1e-6 * Math.max(1, Math.abs(own));
      return { venue, symbol, status: same ? "ok" : "different", ours: own, theirs: other };
    });
  });
  return (await Promise.all(perVenue)).flat();
}
