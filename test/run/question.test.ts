// The question before a change: what it shows, and what each answer comes to.
import { describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import { engine } from "./engine.ts";
import { Counters } from "./fakes.ts";

const line = (at: number): string => `session ${at}`;
const sessions = Array.from({ length: 23 }, (_none, at) => line(at + 1));

function counting(confirm: string): {
  readonly world: Counters;
  readonly kind: ReturnType<Counters["kind"]>;
} {
  const world = new Counters();
  const preview = async (): Promise<ReturnType<typeof ok>> =>
    await Promise.resolve(
      ok({ lines: sessions.slice(0, 3), details: sessions.slice(3), binding: null, counters: {}, confirm }),
    );
  return { world, kind: world.kind({ effect: "destructive", preview: preview as never }) };
}

const book = "steps: [{ count.up: a }]";

describe("details", () => {
  test("d pages through all of it, ten lines at a time, and begins again", async () => {
    const { kind, world } = counting("23");
    const { end, questions } = await engine(book, [kind], { answers: ["d", "D", "d", "23"] });
    expect(end.outcome).toBe("completed");
    expect(world.of("a")).toBe(1);
    const shown = questions.map((question) => question.match(/session \d+$/gm) ?? []);
    expect(shown).toEqual([
      sessions.slice(0, 10),
      sessions.slice(10, 20),
      sessions.slice(20),
      sessions.slice(0, 10),
    ]);
    expect(questions[1]).toContain("lines 11 to 20 of 23");
  });

  test("are not offered where there is no more", async () => {
    const world = new Counters();
    const { questions } = await engine(book, [world.kind()], { answers: ["d", "n"] });
    expect(questions[0]).not.toContain("d details");
    expect(questions).toHaveLength(2);
  });
});

test.each(["q", "S", "no", "r", "d"])(
  "a thing that is called %s is not agreed to by that key",
  async (name) => {
    const { kind, world } = counting(name);
    const { end, questions } = await engine(book, [kind], { answers: [name, "q"] });
    expect(questions[0]).toMatch(/Type [0-9a-f]{8} to do it:$/);
    expect([end.outcome, world.of("a")]).toEqual(["declined", 0]);
  },
);

describe("a list", () => {
  const list = "steps: [{ id: all, foreach: [a, b, c], count.up: '${item}' }, { count.up: d }]";

  test("is skipped as one, and what follows is asked for", async () => {
    const world = new Counters();
    const { end, events } = await engine(list, [world.kind()], { answers: ["s", "y"] });
    expect([...world.counts]).toEqual([["d", 1]]);
    expect(end).toMatchObject({ outcome: "declined" });
    expect(events.filter(({ type }) => type === "approval")).toMatchObject([
      { decision: "declined", how: "prompt", message: "skipped by the operator" },
      { decision: "granted" },
    ]);
  });
});

test("r is no answer where there is no rung", async () => {
  const world = new Counters();
  const { questions } = await engine(book, [world.kind()], { answers: ["r", "y"] });
  expect(questions[0]).not.toContain("next rung");
  expect(questions[1]).toContain("r is none of the answers");
  expect(world.of("a")).toBe(1);
});
