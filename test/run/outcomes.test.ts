import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/base/failure.ts";
import { fail, ok, type Result } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine } from "./engine.ts";
import { fakeKind } from "./fakes.ts";
import { VirtualClock } from "./virtual-clock.ts";

// docs/outcomes.md is the table, and this runs it: the two cannot differ.

const values = {
  findings: ["all ok", "unknown", "failed", "failed, unknown"],
  consent: ["absent", "--yes", "agreed", "declined"],
  instrument: ["answers", "silent", "lost"],
  afterwards: ["all hold", "decisive hold", "persist", "come back"],
} as const;
type Column = keyof typeof values;
type Combination = { readonly [K in Column]: (typeof values)[K][number] };
type Row = Readonly<Record<Column | "outcome" | "exit" | "sentence", string>>;

const text = readFileSync(new URL("../../docs/outcomes.md", import.meta.url), "utf8");
const rows: readonly Row[] = [...text.matchAll(/^\| (.*) \|$/gm)]
  .map(([, cells = ""]) => cells.split(" | "))
  .filter((cells) => cells.length === 7 && cells[0] !== "findings")
  .map(
    ([
      findings = "",
      consent = "",
      instrument = "",
      afterwards = "",
      outcome = "",
      exit = "",
      sentence = "",
    ]) => ({
      findings,
      consent,
      instrument,
      afterwards,
      outcome,
      exit,
      sentence,
    }),
  );

const combinations: readonly Combination[] = values.findings.flatMap((findings) =>
  values.consent.flatMap((consent) =>
    values.instrument.flatMap((instrument) =>
      values.afterwards.map((afterwards) => ({ findings, consent, instrument, afterwards })),
    ),
  ),
);

const matching = (combination: Combination): readonly Row[] =>
  rows.filter((row) =>
    (Object.keys(values) as Column[]).every(
      (column) => row[column] === "any" || row[column] === combination[column],
    ),
  );

const hold = 30_000;
const denied: Failure = { type: "denied", target: "data", message: "wrong password" };
const silence: Failure = {
  type: "unreachable",
  target: "engine",
  cause: "absent",
  message: "no such socket",
};
const lost: Failure = { type: "timeout", target: "engine", after: 1, doing: "acting", effect: "unknown" };

/** What two findings are, by the seconds since somebody at least tried to change something. */
function measure(
  name: string,
  { findings, afterwards }: Combination,
  since: number | undefined,
): Result<bigint> {
  const decides = name === "health";
  if (since === undefined) {
    const bad = decides ? findings.startsWith("failed") : findings.endsWith("unknown");
    if (!bad) return ok(1n);
    return decides ? ok(0n) : fail(denied);
  }
  switch (afterwards) {
    case "all hold":
      return ok(1n);
    case "decisive hold":
      return ok(decides ? 1n : 0n);
    case "persist":
      return measure(name, { findings, afterwards } as Combination, undefined);
    case "come back":
      return ok(decides && since >= hold / 2 ? 0n : 1n);
  }
}

function kindsFor(combination: Combination, clock: VirtualClock): readonly Kind[] {
  let tried: number | undefined;
  const { instrument } = combination;
  const look = fakeKind({
    name: "look",
    execute: async ({ name }) => {
      await Promise.resolve();
      const count = measure(name, combination, tried === undefined ? undefined : clock.at - tried);
      return count.ok ? ok({ count: count.value }) : count;
    },
  });
  const act = fakeKind({
    name: "act",
    effect: "change",
    preview: async () => {
      await Promise.resolve();
      if (instrument !== "silent") return ok({ lines: [], binding: null, counters: {}, confirm: "yes" });
      tried ??= clock.at;
      return fail(silence);
    },
    execute: async () => {
      await Promise.resolve();
      tried ??= clock.at;
      return instrument === "lost" ? fail(lost) : ok({ count: 1n });
    },
  });
  return [look, act];
}

const runbook = `
diagnose:
  - { id: health, look: health, expect: count == 1 }
  - { id: data, look: data, expect: count == 1 }
resolve:
  - rung: act
    steps: [{ id: act, title: Act, act: it }]
    verify: { findings: [health], within: 5s, hold: ${hold}ms }
`;

/** The first question of a run with unknowns alone is whether to climb all the same. */
function answersOf({ findings, consent }: Combination): readonly (boolean | string)[] | undefined {
  if (consent !== "agreed" && consent !== "declined") return undefined;
  return findings === "unknown" ? ["nothing"] : [consent === "agreed"];
}

const sentence = (written: string): RegExp =>
  new RegExp(
    `^${written
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

describe("docs/outcomes.md", () => {
  test("has one row for each combination, and none without one", () => {
    expect(combinations.filter((one) => matching(one).length !== 1)).toEqual([]);
    const used = new Set(combinations.flatMap(matching));
    expect(rows.filter((row) => !used.has(row))).toEqual([]);
  });

  test.each(combinations)("$findings; $consent; $instrument; $afterwards", async (combination) => {
    const clock = new VirtualClock();
    const answers = answersOf(combination);
    const { end, events } = await engine(runbook, kindsFor(combination, clock), {
      clock,
      consent: { yes: combination.consent === "--yes" },
      ...(answers === undefined ? {} : { answers }),
    });
    const finished = events.find((event) => event.type === "run.finished");
    const [row] = matching(combination);
    expect([end.outcome, String(end.exitCode)]).toEqual([row?.outcome, row?.exit]);
    expect(finished?.type === "run.finished" ? finished.message : "").toMatch(sentence(row?.sentence ?? ""));
  });
});
