import { expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { figuresOf, type Figure, type FigureName } from "../../src/incident/figures.ts";
import { at, declared, Desks, minute, policy } from "./chains.ts";

const objectives = { rpo: 15 * minute, mttr: 120 * minute, stakeholders: 30 * minute };
const opens = (more: Parameters<typeof declared>[0] = {}) =>
  declared({ policy: { ...policy, objectives }, ...more });

function figure(desks: Desks, name: FigureName): Figure {
  return figuresOf(foldIncident(desks.records))[name];
}

function fact(desks: Desks, written: number, name: string, was: number, value?: string): string {
  const data = { name, at: { at: at(was) }, how: "typed" as const };
  return desks.write("ny1", written, "incident.fact", value === undefined ? data : { ...data, value });
}

test("each is the time between two records, against what was laid down when it was declared", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens({ started: { at: at(-11) } }));
  desks.write("ny1", 3.2, "incident.answer", { person: "bob", by: "pagerduty" });
  fact(desks, 80, "recovery-point", -20);
  fact(desks, 80, "mitigated", 60, "routed");
  expect(figuresOf(foldIncident(desks.records))).toMatchObject({
    response: { is: "known", ms: 3.2 * minute, limit: 15 * minute, refs: ["ny1-1", "ny1-2"] },
    mttr: { is: "known", ms: 71 * minute, limit: 120 * minute, refs: ["ny1-1", "ny1-4"] },
    rto: { is: "unknown", missing: ["recovered"], limit: 240 * minute },
    rpo: { is: "known", ms: 9 * minute, limit: 15 * minute, refs: ["ny1-3", "ny1-1"] },
    stakeholders: { is: "unknown", missing: ["stakeholders"], limit: 30 * minute },
  });
  fact(desks, 90, "recovered", 74);
  fact(desks, 90, "stakeholders", 25);
  expect(figure(desks, "mttr")).toMatchObject({ ms: 85 * minute, refs: ["ny1-1", "ny1-5"] });
  expect(figure(desks, "rto")).toMatchObject({ ms: 85 * minute });
  expect(figure(desks, "stakeholders")).toMatchObject({ ms: 25 * minute });
});

test("a start that nobody stated is a bound, and no figure is made of nothing", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens());
  expect(figure(desks, "mttr")).toMatchObject({ is: "unknown", missing: ["recovered or mitigated"] });
  expect(figure(desks, "response")).toMatchObject({ is: "unknown", missing: ["answered"] });
  fact(desks, 5, "recovered", 4);
  fact(desks, 5, "recovery-point", -7);
  expect(figure(desks, "mttr")).toMatchObject({ ms: 4 * minute, bound: "at least" });
  expect(figure(desks, "rpo")).toMatchObject({ ms: 7 * minute, bound: "at most" });
  expect(figuresOf(foldIncident([]))).toMatchObject({
    response: { is: "unknown", missing: ["declared", "answered"] },
    rpo: { is: "unknown", missing: ["recovery-point", "started"] },
  });
});

test("a corrected fact moves the figure; one that is stated as not known takes it away", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens({ started: { at: at(-10) } }));
  const recovered = fact(desks, 60, "recovered", 50);
  expect(figure(desks, "mttr")).toMatchObject({ ms: 60 * minute });
  desks.write("ny1", 61, "incident.correct", {
    record: recovered,
    field: "at",
    value: { at: at(40) },
    why: "the other log",
  });
  expect(figure(desks, "mttr")).toMatchObject({ ms: 50 * minute, refs: ["ny1-1", recovered] });
  fact(desks, 62, "recovered", 62, "not known");
  expect(figure(desks, "rto")).toMatchObject({ is: "unknown", missing: ["recovered"] });
});

test("what was recovered is not, once the incident is opened again", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens({ started: { at: at(-10) } }));
  fact(desks, 20, "recovered", 20);
  desks.write("ny1", 21, "incident.resolved", { message: "x" });
  desks.write("ny1", 30, "incident.reopened", { why: "it was not" });
  expect(figure(desks, "mttr")).toMatchObject({ is: "unknown" });
  fact(desks, 50, "recovered", 45);
  expect(figure(desks, "mttr")).toMatchObject({ ms: 55 * minute });
});

test("records that lie the wrong way round give no figure, and are named", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens({ started: { at: at(-10) } }));
  const ref = fact(desks, 20, "recovered", -30);
  expect(figure(desks, "mttr")).toEqual({
    is: "unknown",
    missing: [],
    reversed: ["ny1-1", ref],
    limit: 120 * minute,
  });
  // A point behind the start loses nothing.
  fact(desks, 21, "recovery-point", -5);
  expect(figure(desks, "rpo")).toMatchObject({ ms: 0 });
});

test("a severity that was raised is answered anew, with its own limit", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", opens({ severity: "P1" }));
  desks.write("ny1", 2, "incident.answer", { person: "bob", by: "slack" });
  expect(figure(desks, "response")).toMatchObject({ ms: 2 * minute, limit: 60 * minute });
  desks.write("ny1", 10, "incident.severity", { from: "P1", to: "P0", why: "all venues" });
  expect(figure(desks, "response")).toMatchObject({ is: "unknown", limit: 15 * minute });
  desks.write("ny1", 13, "incident.answer", { person: "bob", by: "slack" });
  expect(figure(desks, "response")).toMatchObject({ ms: 3 * minute });
});
