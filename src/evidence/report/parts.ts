import type { CollectorRow, SnapshotRow } from "../bundle/rows.ts";
import type { Fact } from "../capture/collector.ts";

type Told = SnapshotRow["facts"][number];
type Measure = Extract<Fact, { type: "measure" }>;

/** The worst first: so they are read. */
const states = ["no answer", "wrong", "not measured", "partly measured", "ok", "nothing there"] as const;
export type PartState = (typeof states)[number];

/** A service, a store or the engine, as the snapshot found it. */
export interface Part {
  readonly name: string;
  readonly state: PartState;
  /** Why, or what was measured. */
  readonly says: readonly string[];
}

/** What the platform consists of, by the sets of the collectors that ask it; each service by itself. */
const asked = new Set(["http", "postgres", "kafka", "redis", "docker", "halts"]);

/** How each part of the platform was when it was asked, the worst first. */
export function partsOf(rows: readonly CollectorRow[], facts: readonly Told[]): readonly Part[] {
  const groups = new Map<string, CollectorRow[]>();
  for (const row of rows) {
    const name = partName(row.id);
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const parts = [...groups].map(([name, own]) =>
    partOf(
      name,
      own,
      facts.filter(({ collector }) => partName(collector) === name),
    ),
  );
  return parts.toSorted((a, b) => states.indexOf(a.state) - states.indexOf(b.state));
}

/** The part that a collector asks; undefined for one that asks none. */
export function partName(collector: string): string | undefined {
  const [set = "", ...rest] = collector.split(".");
  if (!asked.has(set)) return undefined;
  return set === "http" ? rest.join(".") : set;
}

function partOf(name: string, rows: readonly CollectorRow[], facts: readonly Told[]): Part {
  const findings = facts.flatMap((fact) => (fact.type === "finding" ? [fact.text] : []));
  if (findings.length > 0) return { name, state: "wrong", says: findings };
  const whyOf = (...wanted: readonly CollectorRow["status"][]): readonly string[] =>
    rows.flatMap(({ status, why }) => (wanted.includes(status) ? [why ?? status] : []));
  const taken = rows.filter(({ status }) => status === "ok" || status === "partial");
  const silent = whyOf("error", "timeout");
  if (taken.length === 0 && silent.length > 0) return { name, state: "no answer", says: silent };
  const refused = whyOf("denied");
  if (taken.length === 0)
    return refused.length > 0
      ? { name, state: "not measured", says: refused }
      : { name, state: "nothing there", says: whyOf("skipped") };
  const gaps = [...silent, ...refused, ...whyOf("partial")];
  if (gaps.length > 0) return { name, state: "partly measured", says: gaps };
  const measures = facts.filter((fact) => fact.type === "measure" && Number.isFinite(fact.value));
  return { name, state: "ok", says: largest(measures as readonly Measure[]) };
}

/** Of each chart the largest figure. */
function largest(measures: readonly Measure[]): readonly string[] {
  const charts = new Set(measures.map(({ chart }) => chart));
  return [...charts].flatMap((chart) => {
    const top = measures.filter((one) => one.chart === chart).toSorted((a, b) => b.value - a.value)[0];
    return top === undefined ? [] : [`${top.chart} at most ${top.value} ${top.unit}`.trimEnd()];
  });
}
