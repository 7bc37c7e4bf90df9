import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enter } from "../cli/screen.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { Pair } from "./pair.ts";

let stack: Stack;
let pair: Pair;

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  pair = new Pair(stack);
  // New orders would open again what is closed.
  await stack.quiet();
});
afterEach(async () => await pair[Symbol.asyncDispose]());

const get = async (service: string, path: string): Promise<unknown> =>
  await (await fetch(`${stack.url(service)}${path}`)).json();

async function positions(): Promise<readonly string[]> {
  return ((await get("risk-warden", "/api/positions")) as { id: string }[]).map(({ id }) => id);
}

describe("rungs that take two people", () => {
  it("closes the three riskiest positions by one signature for all and a word for each", async () => {
    await stack.admin("risk-warden", "/admin/alerts", { n: 1 });
    const ranked = (await get("risk-warden", "/api/positions/risk-ranked")) as { id: string }[];
    const [first = "", second = "", third = ""] = ranked.map(({ id }) => id);
    expect(await positions()).toEqual(expect.arrayContaining([first, second, third]));
    const book = pair.copy("risk-warden-alert-storm", { "wait: ${params.window}": "wait: 1s" });
    const args = ["run", book, "--rung", "close-positions", "--param", "most=0"];
    const run = pair.screen(pair.alice, ...args);
    await run.shows(`Type ${first} to do it`);
    run.type(`${first}${enter}`);
    await run.shows("Paste the line it prints");
    expect(await positions()).toContain(first);
    run.type(`${await pair.signedByBob(`close_second: `, `close_third: `, second, third)}${enter}`);
    for (const id of [second, third]) {
      await run.shows(`Type ${id} to do it`);
      run.type(`${id}${enter}`);
    }
    // The window passes, with the alert in it.
    await stack.admin("risk-warden", "/admin/age", { seconds: 301 });
    const { code, text } = await run.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("resolved by rung close-positions")]);
    await stack.settled();
    const left = await positions();
    for (const id of [first, second, third]) expect(left).not.toContain(id);
    expect(pair.seconded()).toEqual(["close_first", "close_second", "close_third"]);
  });

  it("places orders by hand when another has signed which; the checklist is on record", async () => {
    await stack.age(601);
    await stack.admin("gateway", "/admin/orders", { n: 5, outcome: "failed" });
    const args = ["run", "executioner-fill-rate-drop", "--rung", "manual-execution"];
    const run = pair.screen(pair.alice, ...args);
    await run.shows("Type their ids");
    run.type(`ORD-1 and ORD-2${enter}`);
    await run.shows("Is every order allowed?");
    run.type(`y${enter}`);
    await run.shows("Do it?");
    run.type(`y${enter}`);
    await run.shows("Paste the line it prints");
    run.type(`${await pair.signedByBob("Place ORD-1 and ORD-2 one by one")}${enter}`);
    await run.shows("type the venue's order id of each");
    run.type(`V-77 and V-78${enter}`);
    await run.shows("Do the positions agree?");
    run.type(`y${enter}`);
    const { text } = await run.ended;
    expect(text).toContain("0 of 5 orders filled in 10m, 5 failed");
    expect(text).toContain("manual-execution");
    expect(pair.seconded()).toEqual(["placed"]);
    const journal = JSON.stringify(pair.journal());
    for (const said of ["ORD-1 and ORD-2", "V-77 and V-78"]) expect(journal).toContain(said);
  });
});
