import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/base/failure.ts";
import { coloursFor } from "../../src/output/colour.ts";
import { plainLines } from "../../src/output/plain.ts";
import { fail, ok } from "../../src/base/result.ts";
import { engine, type Engine, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

// faults 0.4: nothing was tried, and it said that nothing helped.

const target = "Docker Engine at unix:///none";
const silence: Failure = { type: "unreachable", target, cause: "absent", message: "no such socket" };

const look = fakeKind({ name: "look", execute: async () => await Promise.resolve(ok({ count: 0n })) });
const dead = fakeKind({ name: "dead", execute: async () => await Promise.resolve(fail(silence)) });
/** A change that cannot even be previewed, because what it would act through is silent. */
const unreached = new Counters().kind({
  name: "unreached",
  capture: async () => await Promise.resolve(fail(silence)),
  preview: async () => await Promise.resolve(fail(silence)),
});

const failing = 'diagnose: [{ id: health, look: x, expect: "count > 0" }]';
const rungs = (...steps: readonly string[]): string =>
  `${failing}\nresolve:\n${steps.map((step, index) => `  - { rung: r${index + 1}, steps: [${step}], verify: { within: 10ms, every: 10ms } }`).join("\n")}\n`;

const statuses = ({ events }: Engine): unknown =>
  events.flatMap((event) => (event.type === "rung.finished" ? [[event.rung, event.status]] : []));
const message = ({ events }: Engine): string =>
  events.flatMap((event) => (event.type === "run.finished" ? [event.message] : [])).join("");

async function climb(text: string, options: EngineOptions = {}): Promise<Engine> {
  const act = new Counters().kind({ name: "act" });
  const ruin = new Counters().kind({ name: "ruin", effect: "destructive" });
  const person = fakeKind({ name: "person", asks: true });
  return await engine(text, [look, dead, unreached, act, ruin, person], options);
}

describe("nobody is there to consent, and no flag does", () => {
  test.each<[string, readonly string[]]>([
    ["everything can be reached", ["act: x", "act: y"]],
    ["the engine is silent", ["unreached: x", "unreached: y"]],
    ["a look before the change fails", ["{ look: x, expect: count > 0 }, { act: x }", "act: y"]],
    ["a look before the change is unknown", ["{ dead: x }, { act: x }", "act: y"]],
    [
      "what the change needs was not measured",
      ["{ id: a, dead: x }, { act: '${string(steps.a.count)}' }", "act: y"],
    ],
  ])("%s: exit 3, a line for each rung, and nothing is called not enough", async (_, steps) => {
    const ended = await climb(rungs(...steps));
    expect(ended.end).toEqual({ outcome: "approval-needed", exitCode: 3 });
    expect(statuses(ended)).toEqual([
      ["r1", "not-attempted"],
      ["r2", "not-attempted"],
    ]);
    expect(message(ended)).toMatch(/needs consent, and there is no terminal to ask at; pass --yes.*r2$/);
    expect(ended.records.some(({ type }) => type === "step.intent")).toBe(false);
  });

  test("each line says how consent to that rung is given", async () => {
    const ended = await climb(rungs("act: x", "{ id: gone, ruin: x }", "person: x"));
    const lines = ended.events.flatMap((event) => (event.type === "rung.finished" ? [event.message] : []));
    expect(lines).toEqual([
      expect.stringMatching(/pass --yes$/),
      "gone: needs consent, and there is no terminal to ask at; pass --approve CODE; lav-ir run book --dry-run --live prints it",
      expect.stringMatching(/only a person at a terminal can answer it$/),
    ]);
  });

  test("a rung that does not apply is not among them", async () => {
    const text = `${failing}\nresolve:\n  - { rung: r1, when: "1 > 2", steps: [{ act: x }] }\n  - { rung: r2, steps: [{ act: y }] }\n`;
    const ended = await climb(text);
    expect(statuses(ended)).toEqual([
      ["r1", "skipped"],
      ["r2", "not-attempted"],
    ]);
  });

  test("--yes is no consent to what destroys: it is asked first, whatever can be reached", async () => {
    const text = rungs("{ dead: x }, { id: gone, ruin: x }", "act: y");
    const ended = await climb(text, { consent: { yes: true } });
    expect(ended.end).toEqual({ outcome: "approval-needed", exitCode: 3 });
    expect(statuses(ended)).toEqual([
      ["r1", "not-attempted"],
      ["r2", "skipped"],
    ]);
  });

  test("a change that --yes made does not make the rung a declined one, where nobody could be asked for the rest", async () => {
    const ended = await climb(rungs("{ act: x }, { id: gone, ruin: x }", "act: y"), {
      consent: { yes: true },
    });
    expect(ended.end).toEqual({ outcome: "approval-needed", exitCode: 3 });
    expect(statuses(ended)).toEqual([["r1", "not-attempted"]]);
  });

  test("the step is marked as not attempted, and not as failed", async () => {
    const ended = await climb(rungs("act: x"));
    const lines = ended.events.flatMap((event) => plainLines(event, coloursFor({}, {}, false)));
    const said = lines.filter((line) => line.includes("needs consent"));
    expect(said.map((line) => line.slice(0, 24))).toEqual([
      "not attempted act: act: ",
      "rung     r1 not-attempte",
    ]);
  });

  test("a rung that only reads is climbed", async () => {
    const ended = await climb(rungs("look: x", "act: y"));
    expect(statuses(ended)).toMatchObject([
      ["r1", expect.stringMatching("persist")],
      ["r2", "not-attempted"],
    ]);
    expect(ended.end.exitCode).toBe(3);
  });
});

describe("with consent, what could not be done was attempted", () => {
  test("and no rung is called not enough that never took place", async () => {
    const ended = await climb(rungs("unreached: x", "unreached: y"), { consent: { yes: true } });
    expect(ended.end).toEqual({ outcome: "exhausted", exitCode: 1 });
    expect(message(ended)).toBe("every rung failed: health still not ok");
  });
});

describe("a rung's condition that cannot be evaluated is not one that is false", () => {
  const text = `diagnose:\n  - { id: health, look: x, expect: "count > 0" }\n  - { id: pool, dead: x, expect: "count > 0" }\nresolve:\n  - { rung: r1, when: "steps.pool.count > 0", steps: [{ act: x }] }\n  - { rung: r2, steps: [{ act: y }] }\n`;

  test("without a person and with consent the run ends unknown", async () => {
    const ended = await climb(text, { consent: { yes: true } });
    expect(ended.end).toEqual({ outcome: "unknown", exitCode: 4 });
    expect(message(ended)).toMatch(/^cannot evaluate steps\.pool\.count > 0: /);
  });

  test("without consent it is 3 all the same", async () => {
    expect((await climb(text)).end.exitCode).toBe(3);
  });

  test("a person says: stop, and nothing is changed", async () => {
    const ended = await climb(text, { answers: ["stop"] });
    expect(ended.end).toEqual({ outcome: "declined", exitCode: 3 });
    expect(ended.questions).toHaveLength(1);
  });

  test("a person says: the next one", async () => {
    const ended = await climb(text, { answers: ["skip to the next rung", false] });
    expect(statuses(ended)).toEqual([
      ["r1", "skipped"],
      ["r2", "declined"],
    ]);
  });
});
