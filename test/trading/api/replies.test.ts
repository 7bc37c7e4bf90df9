import { describe, expect, test } from "vitest";
import { createTrading } from "../../../src/trading/api/trading.ts";
import type { Trading } from "../../../src/ports/trading.ts";
import { http } from "../../drivers/loopback.ts";
import { failure, value } from "../../drivers/results.ts";
import { soon } from "../../patience.ts";

/** What a proof and a book make of a reply with this body. */
async function replying<T>(body: string, ask: (trading: Trading, url: string) => Promise<T>): Promise<T> {
  await using server = await http((_request, reply) => void reply.end(body));
  const { url } = server;
  const stores = { postgres: undefined as never, kafka: undefined as never };
  const settings = {
    service: "executioner",
    venues: url,
    book: url,
    topics: { orders: "o", fills: "f" },
    deadline: 5000,
    proof: { window: 0 } as never,
    tokenHelp: "",
    phones: [],
    containers: undefined,
    port: 80,
    instances: [url],
  };
  return await ask(createTrading(settings, stores), url);
}
const book = async (quantity: string) =>
  await replying(
    `[{"venue":"NYSE","symbol":"BTC","quantity":${quantity}}]`,
    async (trading) => await trading.book(soon()),
  );

describe("a quantity", () => {
  test.each([
    ["7", 7],
    ["-0.25", -0.25],
    ['"12.5"', 12.5],
    ["9007199254740992", 9_007_199_254_740_992],
    ["1e3", 1000],
  ])("%s is that number", async (written, quantity) => {
    expect(value(await book(written))).toMatchObject([{ quantity }]);
  });

  test.each([
    "9007199254740993",
    "1e999",
    '""',
    '" "',
    '"seven"',
    '"0x10"',
    '"9007199254740993"',
    "true",
    "[]",
    "[5]",
    "null",
  ])("%s is none: no other number is taken for it", async (written) => {
    expect(failure(await book(written))).toMatchObject({
      type: "unreadable",
      message: "a position lacks its symbol or its quantity",
    });
  });
});

describe("a key twice", () => {
  const twice =
    '{"instance":"one","halted":false,"halt_id":"H1","since":"2026-01-31T10:00:00Z","halted":true}';

  test("in a state is no state, whichever comes last", async () => {
    const state = await replying(twice, async (trading, url) => {
      const at = { url, found: "configured", container: undefined } as const;
      return await trading.state(at, soon());
    });
    expect(failure(state)).toMatchObject({
      type: "unreadable",
      message: 'the key "halted" is there twice in its JSON, with different values (line 1, column 81)',
    });
  });
});
