import { describe, expect, test } from "vitest";
import type { Answer, Clock, Prompt } from "../../../src/ports/ports.ts";
import { ask } from "../../../src/kinds/basic/ask.ts";
import { args, context, where } from "../context.ts";

const at = new Date("2026-01-02T03:04:05Z");
const clock: Clock = { now: () => at, monotonic: () => 0, sleep: async () => {} };

/** A person who gives these answers, one after the other. */
function person(...answers: readonly Answer<unknown>[]) {
  const asked: string[] = [];
  const left = [...answers];
  const next = async (how: string): Promise<Answer<never>> => {
    asked.push(how);
    const answer = left.shift();
    if (answer === undefined) throw new Error("asked once more than there are answers");
    return answer as Answer<never>;
  };
  const prompt: Prompt = {
    available: true,
    person: "ana",
    confirm: async (question) => await next(`confirm ${question}`),
    text: async (question) => await next(`text ${question}`),
    paste: async (question) => await next(`paste ${question}`),
    choose: async (question, choices) => await next(`choose ${question} ${choices.join("/")}`),
  };
  return { prompt, asked };
}

const says = (value: unknown): Answer<unknown> => ({ answered: true, value });

async function run(given: Readonly<Record<string, unknown>>, ...answers: readonly Answer<unknown>[]) {
  const { prompt, asked } = person(...answers);
  const result = await ask.execute(args(ask, given), context({ prompt, clock }));
  return { result, asked };
}

describe("a person", () => {
  test("ticks it off, with name and time", async () => {
    const { result, asked } = await run({ question: "Call the desk" }, says(true));
    expect(result).toEqual({ ok: true, value: { answer: "done", by: "ana", at } });
    expect(asked).toEqual(["confirm Call the desk"]);
  });

  test("says no, which is a failure", async () => {
    const { result } = await run({ question: "Call the desk" }, says(false));
    expect(result).toMatchObject({ ok: false, failure: { type: "declined", effect: "none" } });
  });

  test("chooses", async () => {
    const { result, asked } = await run({ question: "Which?", choices: ["A", "B"] }, says("B"));
    expect(result).toMatchObject({ ok: true, value: { answer: "B" } });
    expect(asked).toEqual(["choose Which? A/B"]);
  });

  test("types, and is asked again when nothing was typed", async () => {
    const { result, asked } = await run({ question: "Venue", typed: true }, says(" "), says(" NYSE "));
    expect(result).toMatchObject({ ok: true, value: { answer: "NYSE" } });
    expect(asked).toHaveLength(2);
  });

  test("types nothing, again and again", async () => {
    const { result } = await run({ question: "Venue", typed: true }, says(""), says(""), says(""));
    expect(result).toMatchObject({ ok: false, failure: { type: "declined", message: "nothing was typed" } });
  });

  test("goes away", async () => {
    const { result } = await run({ question: "x" }, { answered: false, why: "cancelled" });
    expect(result).toMatchObject({ ok: false, failure: { type: "declined" } });
  });
});

test.each([{}, { typed: true }, { choices: ["a", "b"] }])(
  "without a terminal: approval needed (%j)",
  async (more) => {
    const { result } = await run(
      { question: "Call\n  the desk", ...more },
      { answered: false, why: "no-terminal" },
    );
    expect(result).toEqual({
      ok: false,
      failure: {
        type: "approval-needed",
        target: "ask",
        digest: "",
        message: '"Call the desk" needs a person\'s answer and there is no terminal to ask at',
        effect: "none",
      },
    });
  },
);

test("two ways to answer are refused in the plan", () => {
  expect(ask.check?.({ question: "x", choices: ["a", "b"], typed: true }, where)).toMatch(
    /give one of them$/,
  );
  expect(ask.check?.({ question: "x", choices: ["a", "b"], typed: false }, where)).toBeUndefined();
});

test("the only one that is left is asked for; of none that is said, and nobody is asked", async () => {
  const one = await run({ question: "Which?", choices: ["A"] }, says("A"));
  expect([one.result, one.asked]).toMatchObject([{ ok: true, value: { answer: "A" } }, ["choose Which? A"]]);
  const none = await run({ question: "Which?", choices: [] }, says("A"));
  const message = "there is nothing to choose from: choices is empty";
  expect([none.result, none.asked]).toMatchObject([{ ok: false, failure: { message, effect: "none" } }, []]);
  expect(ask.check?.({ question: "x", choices: [] }, where)).toBe(message);
  expect(ask.check?.({ question: "x", choices: "‹vars.fresh›" }, where)).toBeUndefined();
});

test("in words", () => {
  const given = {
    question: "Call the desk.\nRead out the orders.\n",
    choices: ["done", "no answer"],
    typed: false,
  };
  expect(ask.plan(given, where)).toBe("ask: Call the desk. Read out the orders. [done | no answer]");
  expect(ask.byHand(given, where)).toBe("# Call the desk.\n# Read out the orders.");
});
