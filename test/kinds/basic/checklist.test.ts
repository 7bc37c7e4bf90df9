import { describe, expect, test } from "vitest";
import type { Answer, Clock, Prompt } from "../../../src/ports/ports.ts";
import { checklist } from "../../../src/kinds/basic/checklist.ts";
import type { Tick, TickBook } from "../../../src/kinds/kind.ts";
import { args, context, where } from "../context.ts";

const at = new Date("2026-01-02T03:04:05Z");
const clock: Clock = { now: () => at, monotonic: () => 0, sleep: async () => {} };
const again = "go through the open ones again";
const leave = "leave them open";
const list = { Venues: ["Routes are quoted", "Orders fill"], Compliance: ["Transactions are screened"] };
const tick = (heading: string, text: string, by = "ana"): Tick => ({ heading, tick: text, by, at });

/** A person who gives these answers, one after the other; without one left, whatever `then` is. */
function person(answers: readonly (boolean | string)[], then: "no-terminal" | "cancelled" = "cancelled") {
  const asked: string[] = [];
  const left = [...answers];
  const next = async (question: string): Promise<Answer<never>> => {
    asked.push(question);
    const value = left.shift();
    const answer = value === undefined ? { answered: false, why: then } : { answered: true, value };
    return await Promise.resolve(answer as Answer<never>);
  };
  const prompt: Prompt = {
    available: then === "cancelled",
    person: "ana",
    confirm: next,
    choose: next,
    text: () => Promise.reject(new Error("nothing is typed")),
    paste: () => Promise.reject(new Error("nothing is typed")),
  };
  return { prompt, asked };
}

/** A book in memory; a tick is on record once it is among those that are made. */
function book(...made: Tick[]): TickBook {
  return {
    made,
    earlier: [],
    left: false,
    make: async (one) => {
      made.push({ ...one, at });
      await Promise.resolve();
    },
  };
}

async function run(
  answers: readonly (boolean | string)[],
  ticks: TickBook = book(),
  then?: "no-terminal" | "cancelled",
) {
  const { prompt, asked } = person(answers, then);
  const given = args(checklist, { sections: list });
  const result = await checklist.execute(given, context({ prompt, clock }, { ticks }));
  return { result, asked, ticks };
}

describe("a person", () => {
  test("ticks one after the other, each with who and when", async () => {
    const { result, asked, ticks } = await run([true, true, true]);
    const done = [
      { section: "Venues", tick: "Routes are quoted", by: "ana", at },
      { section: "Venues", tick: "Orders fill", by: "ana", at },
      { section: "Compliance", tick: "Transactions are screened", by: "ana", at },
    ];
    expect(result).toEqual({ ok: true, value: { open: [], done } });
    expect(asked).toEqual([
      "0 of 3 ticked off; Enter leaves it open\nVenues: Routes are quoted. Done?",
      "1 of 3 ticked off; Enter leaves it open\nVenues: Orders fill. Done?",
      "2 of 3 ticked off; Enter leaves it open\nCompliance: Transactions are screened. Done?",
    ]);
    expect(ticks.made).toHaveLength(3);
    if (result.ok) expect(checklist.expects?.unmet?.(result.value)).toBeUndefined();
  });

  test("leaves some, which is said by name", async () => {
    const { result, asked } = await run([true, false, false, leave]);
    if (!result.ok) throw new Error("it ended");
    expect(result.value).toMatchObject({
      open: [
        { section: "Venues", tick: "Orders fill" },
        { section: "Compliance", tick: "Transactions are screened" },
      ],
      done: [{ tick: "Routes are quoted" }],
    });
    expect(asked.at(-1)).toBe(
      "  Venues: Orders fill\n  Compliance: Transactions are screened\n2 ticks open:",
    );
    expect(checklist.expects?.unmet?.(result.value)).toBe(
      "2 of 3 left open: Venues: Orders fill; Compliance: Transactions are screened",
    );
  });

  test("goes through the open ones again, in another order than they are written", async () => {
    const { result, asked } = await run([false, true, false, again, false, true, again, true]);
    expect(result).toMatchObject({ ok: true, value: { open: [] } });
    expect(asked.map((question) => question.split("\n").at(-1))).toEqual([
      "Venues: Routes are quoted. Done?",
      "Venues: Orders fill. Done?",
      "Compliance: Transactions are screened. Done?",
      "2 ticks open:",
      "Venues: Routes are quoted. Done?",
      "Compliance: Transactions are screened. Done?",
      "1 tick open:",
      "Venues: Routes are quoted. Done?",
    ]);
  });

  test("who takes a question back keeps the ticks that were made", async () => {
    const { result, ticks } = await run([true]);
    expect(result).toMatchObject({ failure: { type: "declined", effect: "none" } });
    expect(ticks.made).toEqual([tick("Venues", "Routes are quoted")]);
  });
});

test("what an earlier process has on record is not asked again, and keeps its person", async () => {
  const { result, asked } = await run(
    [true],
    book(tick("Venues", "Routes are quoted", "bob"), tick("Venues", "Orders fill", "bob")),
  );
  expect(asked).toEqual([
    "2 of 3 ticked off; Enter leaves it open\nCompliance: Transactions are screened. Done?",
  ]);
  expect(result).toMatchObject({ value: { done: [{ by: "bob" }, { by: "bob" }, { by: "ana" }] } });
});

test("measured again, nobody is asked again: what was left open stays so", async () => {
  const { ticks } = await run([true, true, false, leave]);
  const { result, asked } = await run([], ticks);
  expect(asked).toEqual([]);
  expect(result).toMatchObject({ value: { open: [{ tick: "Transactions are screened" }] } });
});

test("without a terminal nobody can answer; a list that is ticked off needs nobody", async () => {
  const { result } = await run([], book(), "no-terminal");
  expect(result).toEqual({
    ok: false,
    failure: {
      type: "approval-needed",
      target: "checklist",
      digest: "",
      message: '"Venues: Routes are quoted" needs a person\'s answer and there is no terminal to ask at',
      effect: "none",
    },
  });
  const all = Object.entries(list).flatMap(([heading, ticks]) => ticks.map((text) => tick(heading, text)));
  expect((await run([], book(...all), "no-terminal")).result.ok).toBe(true);
});

test("of many open ones a question names five: it fits a small screen", async () => {
  const { prompt, asked } = person([...Array.from({ length: 30 }, () => false), leave]);
  const sections = { Night: Array.from({ length: 30 }, (_, index) => `Check ${index + 1}`) };
  await checklist.execute({ sections }, context({ prompt, clock }, { ticks: book() }));
  expect(asked.at(-1)?.split("\n")).toEqual([
    ...[1, 2, 3, 4, 5].map((number) => `  Night: Check ${number}`),
    "  and 25 more",
    "30 ticks open:",
  ]);
});

test("in words", () => {
  const given = { sections: { ...list, Notes: ["Several\n  lines"] } };
  expect(checklist.plan(given, where)).toBe(
    "checklist: have a person tick off Venues (2), Compliance (1), Notes (1)",
  );
  expect(checklist.byHand(given, where)).toBe(
    [
      "# Venues",
      "# [ ] Routes are quoted",
      "# [ ] Orders fill",
      "# Compliance",
      "# [ ] Transactions are screened",
      "# Notes",
      "# [ ] Several lines",
    ].join("\n"),
  );
});

test.each([
  [{}, "there is nothing to tick off"],
  [{ A: ["x", "x"] }, "A: x is in the list twice"],
  [{ A: ["x"], B: ["x"] }, undefined],
])("%j in a plan: %s", (sections, says) => {
  expect(checklist.check?.({ sections }, where)).toBe(says);
});
