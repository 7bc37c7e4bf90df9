import { createBook, type Book } from "./book.ts";

/** What each venue holds for the account at first: the positions of schema.sql. */
export const seedPositions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ATLAS: { "BTC-USD": 12, "ETH-USD": 180, SPX: 60 },
  BOREAL: { "BTC-USD": -4, "EUR-USD": 500_000 },
  CYGNUS: { "ETH-USD": 90, "XAU-USD": -40 },
  DRACO: { "SOL-USD": -600, "XAU-USD": 150 },
  ELARA: { "SOL-USD": 2400 },
  FORNAX: {},
};

export const venueNames: readonly string[] = Object.keys(seedPositions);

/** FORNAX is an exchange with hours, and they are over. */
export function seedBooks(): Map<string, Book> {
  return new Map(
    Object.entries(seedPositions).map(([venue, held]) => [
      venue,
      createBook(venue, venue !== "FORNAX", held),
    ]),
  );
}
