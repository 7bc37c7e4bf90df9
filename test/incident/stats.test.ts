import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figureNames, figuresOf, type Figure } from "../../src/incident/figures.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import type { ChainRecord } from "../../src/incident/order.ts";
import { statsOf, type Told } from "../../src/incident/stats.ts";
import { at, zero } from "./chains.ts";
import { clockText, journalOf, written } from "./journals.ts";

function shown(figure: Figure): string {
  if (figure.is === "unknown") return figure.reversed === undefined ? "?" : "!";
  const bound = { "at least": ">", "at most": "<", exact: "" }[figure.bound ?? "exact"];
  return `${bound}${clockText(figure.ms)}`;
}

test.each(written)("%s: %s", (journal, wanted) => {
  const figures = figuresOf(foldIncident(journalOf(journal).records));
  expect(figureNames.map((name) => shown(figures[name])).join(" ")).toBe(wanted);
});

test("there are thirty of them", () => {
  expect(written).toHaveLength(30);
});

const told = (incident: string, journal: string): Told => ({
  incident,
  fold: foldIncident(journalOf(journal).records),
});
const three = [
  told("INC-1", "P0 s-10:00 a3:00 r20:00 x21:00"),
  told("INC-2", "P0 s0:00 a16:00 r150:00 x160:00"),
  told("INC-3", "P0 a2:00 m10:00"),
];

describe("over several", () => {
  test("a mean says over how many it is, which are a bound, and which kept their limit", () => {
    const { figures, counted } = statsOf(three);
    expect(counted).toEqual(["INC-1", "INC-2", "INC-3"]);
    expect(figures.find(({ name }) => name === "mttr")).toEqual({
      name: "mttr",
      known: ["INC-1", "INC-2"],
      bounded: ["INC-3"],
      open: [],
      unknown: [],
      mean: (30 + 150 + 10) * 20_000,
      median: 30 * 60_000,
      worst: { incident: "INC-2", ms: 150 * 60_000 },
      bound: "at least",
      objective: 120 * 60_000,
      met: ["INC-1"],
      missed: ["INC-2"],
    });
    expect(figures.find(({ name }) => name === "response")).toMatchObject({
      met: ["INC-1", "INC-3"],
      missed: ["INC-2"],
      mean: 7 * 60_000,
      median: 3 * 60_000,
    });
    expect(figures.find(({ name }) => name === "rto")).toMatchObject({
      known: ["INC-1", "INC-2"],
      open: ["INC-3"],
      unknown: [],
    });
    expect(figures.find(({ name }) => name === "rpo")).toMatchObject({
      open: ["INC-3"],
      unknown: [
        { incident: "INC-1", why: "no record of recovery-point" },
        { incident: "INC-2", why: "no record of recovery-point" },
      ],
    });
  });

  test("exercises and what was none count for nothing, and are named; what cannot be read is too", () => {
    const all: Told[] = [
      ...three,
      told("DRILL-1", "drillP0 s-10:00 r1:00 x2:00"),
      told("INC-4", "P0 s-600:00 r600:00 c601:00"),
      { incident: "INC-5", unreadable: "it has no journal" },
      { ...told("INC-6", "P0"), problem: "line 3 does not hold" } as Told,
    ];
    const stats = statsOf(all);
    expect(stats).toMatchObject({
      counted: ["INC-1", "INC-2", "INC-3", "INC-6"],
      drills: ["DRILL-1"],
      cancelled: ["INC-4"],
      unreadable: [{ incident: "INC-5", why: "it has no journal" }],
      damaged: [{ incident: "INC-6", why: "line 3 does not hold" }],
    });
    expect(stats.figures.map(({ mean }) => mean)).toEqual(statsOf(three).figures.map(({ mean }) => mean));
  });

  test("since when they were declared", () => {
    expect(statsOf(three, zero + 1).counted).toEqual([]);
    expect(statsOf(three, zero).counted).toHaveLength(3);
  });

  test("of none there is nothing to say", () => {
    expect(statsOf([]).figures.map(({ mean, known }) => [mean, known])).toEqual(
      figureNames.map(() => [undefined, []]),
    );
  });
});

test("a thousand journals that somebody damaged: no figure drops an incident, whatever it holds", () => {
  const records = written.map(([journal]) => journalOf(journal).records);
  const mutation = fc.record({
    journal: fc.nat(records.length - 1),
    line: fc.nat(12),
    what: fc.constantFrom(
      "drop",
      "twice",
      "swap",
      "type",
      "data",
      "time",
      "no time",
      "cut",
      "field",
      "desk",
      "seq",
    ),
    other: fc.nat(12),
    minutes: fc.integer({ min: -5000, max: 5000 }),
    value: fc.jsonValue(),
  });
  let journals = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
      const all = mutations.map((one, index): Told => {
        journals += 1;
        return { incident: `INC-${index}`, fold: foldIncident(mutated(records[one.journal] ?? [], one)) };
      });
      const stats = statsOf(all);
      const { counted, drills, cancelled } = stats;
      expect([...counted, ...drills, ...cancelled].toSorted()).toEqual(
        all.map(({ incident }) => incident).toSorted(),
      );
      for (const { known, bounded, open, unknown, met, missed, mean } of stats.figures) {
        const names = [...known, ...bounded, ...open, ...unknown.map(({ incident }) => incident)];
        expect(names.toSorted()).toEqual(counted.toSorted());
        expect(mean === undefined).toBe(known.length + bounded.length === 0);
        expect(mean === undefined || (Number.isFinite(mean) && mean >= 0)).toBe(true);
        expect([...met, ...missed].every((one) => known.includes(one) || bounded.includes(one))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
  expect(journals).toBeGreaterThan(1000);
});

interface Mutation {
  readonly line: number;
  readonly what: string;
  readonly other: number;
  readonly minutes: number;
  readonly value: unknown;
}

function mutated(
  records: readonly ChainRecord[],
  { line, what, other, minutes, value }: Mutation,
): readonly ChainRecord[] {
  const place = line % records.length;
  const one = records[place];
  const second = records[other % records.length];
  if (one === undefined || second === undefined) return records;
  const instead = (change: Partial<ChainRecord>): readonly ChainRecord[] =>
    records.with(place, { ...one, ...change });
  switch (what) {
    case "drop":
      return records.toSpliced(place, 1);
    case "twice":
      return [...records, { ...one, seq: records.length + 1 }];
    case "swap":
      return instead({ type: second.type, data: second.data });
    case "type":
      return instead({ type: `incident.${String(other)}` });
    case "data":
      return instead({ data: value as ChainRecord["data"] });
    case "time":
      return instead({ time: at(minutes) });
    case "no time":
      return instead({ data: { ...one.data, at: { at: "2026-99-99T99:99:99.999Z" } } });
    case "cut":
      return records.slice(0, place);
    case "desk":
      return instead({ desk: "ldn", seq: 1 });
    case "seq":
      return instead({ seq: other });
    default: {
      const [field = "x"] = Object.keys(one.data).slice(other % Object.keys(one.data).length);
      return instead({ data: { ...one.data, [field]: value } });
    }
  }
}
