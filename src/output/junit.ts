import type { PlanRow } from "../plan/rows.ts";
import type { GroupFinished, RunEvent, StepFinished } from "../events/run.ts";

/** One test suite of a JUnit file. Times are in milliseconds. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly className: string;
  readonly time: number;
  readonly result:
    | { readonly type: "passed" }
    | { readonly type: "failed" | "error" | "skipped"; readonly message: string; readonly details?: string };
}

/** JUnit XML as CI servers read it: a failed step is a failure, an unknown one an error. */
export function junitText(suites: readonly Suite[]): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"];
  for (const { name, cases } of suites) {
    const count = (type: string): number => cases.filter(({ result }) => result.type === type).length;
    const time = cases.reduce((sum, one) => sum + one.time, 0);
    lines.push(
      `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${count("failed")}" errors="${count("error")}" skipped="${count("skipped")}" time="${seconds(time)}">`,
      ...cases.map(caseText),
      "  </testsuite>",
    );
  }
  lines.push("</testsuites>", "");
  return lines.join("\n");
}

function caseText({ name, className, time, result }: Case): string {
  const open = `    <testcase name="${escape(name)}" classname="${escape(className)}" time="${seconds(time)}"`;
  switch (result.type) {
    case "passed":
      return `${open}/>`;
    case "skipped":
      return `${open}><skipped message="${escape(result.message)}"/></testcase>`;
    case "failed":
    case "error": {
      const tag = result.type === "failed" ? "failure" : "error";
      const details = escape(result.details ?? "");
      return `${open}><${tag} message="${escape(result.message)}">${details}</${tag}></testcase>`;
    }
  }
}

/** A dry run: each step that would run is a case that passed. */
export function plannedSuite(runbook: string, rows: readonly PlanRow[]): Suite {
  const cases = rows.map(({ step, title, ...place }): Case => {
    const className = classOf(runbook, place);
    return { name: `${step}: ${title}`, className, time: 0, result: { type: "passed" } };
  });
  return { name: runbook, cases };
}

/** Collects a run's steps as the cases of one suite. A step measured several times counts as it ended. */
export class RunSuite {
  private readonly cases = new Map<string, Case>();
  private name = "";

  hear(event: RunEvent): void {
    if (event.type === "run.started") this.name = event.runbook;
    if (event.type === "step.finished")
      this.cases.set(`${event.rung ?? ""}/${event.step}`, this.caseOf(event));
    // Left out, none of its steps says so.
    if (event.type === "group.finished" && event.status === "skipped")
      this.cases.set(`${event.rung ?? ""}/${event.group}/`, this.leftOut(event));
  }

  suite(): Suite {
    return { name: this.name, cases: [...this.cases.values()] };
  }

  private leftOut({ group, title, message, ...place }: GroupFinished): Case {
    const className = classOf(this.name, place);
    return { name: `${group}: ${title}`, className, time: 0, result: { type: "skipped", message } };
  }

  private caseOf(event: StepFinished): Case {
    const className = classOf(this.name, event);
    const message = event.message ?? event.title;
    const base = { name: `${event.step}: ${event.title}`, className, time: event.duration_ms };
    switch (event.status) {
      case "ok":
        return { ...base, result: { type: "passed" } };
      case "failed":
        return { ...base, result: { type: "failed", message } };
      case "unknown":
        return { ...base, result: { type: "error", message } };
      case "skipped":
        return { ...base, result: { type: "skipped", message } };
    }
  }
}

/** Where it stands: `runbook.section.group`. */
function classOf(
  runbook: string,
  { section, rung, groups = [] }: Pick<PlanRow, "section" | "rung" | "groups">,
): string {
  return [runbook, rung ?? section, ...groups].join(".");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function escape(text: string): string {
  return (
    text
      // XML 1.0 has no way at all to write most control characters.
      .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}
