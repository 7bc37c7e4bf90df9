import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldIncident } from "../../../src/incident/fold.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { positionOf } from "../../../src/language/source.ts";
import { fieldNames } from "../../../src/incident/templates/fields.ts";
import {
  fillTemplate,
  longestSms,
  longestTemplate,
  readTemplate,
  type Filled,
} from "../../../src/incident/templates/template.ts";
import { at, declared, Desks, minute, policy, zero } from "../chains.ts";

const folder = new URL("../../../runbooks/templates/", import.meta.url);
const shipped = readdirSync(folder);

function filled(text: string, desks: Desks, given: Record<string, string> = {}): Filled {
  const fold = foldIncident(desks.records);
  const now = zero + 20 * minute;
  const from = { fold, status: statusOf(fold, now, "INC-2026-0042"), now, severityName: "CRITICAL" };
  return fillTemplate(readTemplate(text).template, from, given);
}

function opened(): Desks {
  const desks = new Desks();
  desks.write(
    "ny1",
    0,
    "incident.declared",
    declared({ started: { at: at(-11) }, policy: { ...policy, bridge: "https://meet.example/w" } }),
  );
  return desks;
}

describe("the shipped ones", () => {
  test("are those of the playbook, and more", () => {
    expect(shipped.toSorted()).toEqual([
      "alert.txt",
      "cancellation.txt",
      "counterparties.txt",
      "hand-over.txt",
      "nothing-new.txt",
      "regulator.txt",
      "reopening.txt",
      "resolution.txt",
      "stakeholders.txt",
      "status-update.txt",
      "update.txt",
    ]);
  });

  test.each(shipped)("%s has no problem, and nothing is left of its fields", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    expect(readTemplate(text).problems).toEqual([]);
    const made = filled(text, opened(), {
      text: "routed",
      next_steps: "wait",
      eta: "11:00",
      next_update: "10:15",
    });
    expect(made.text).not.toContain("${");
    for (const { field } of made.missing) expect(fieldNames).toContain(field);
  });

  test("the first alert says what the playbook's does", () => {
    const desks = opened();
    desks.put("ny1", 1.7, "halt.receipt", { halt: "HALT-1", outcome: "PROVEN" });
    desks.write("ny1", 2, "incident.role", { role: "commander", person: "ada", how: "taken" });
    const text = readFileSync(new URL("alert.txt", folder), "utf8");
    expect(filled(text, desks, { text: "please join" })).toEqual({
      missing: [],
      text: [
        "🚨 P0 INCIDENT - IMMEDIATE ATTENTION REQUIRED 🚨",
        "",
        "Incident ID: INC-2026-0042",
        "Start Time: 2026-11-30 09:31:00 Europe/London, 09:31:00 UTC",
        "Declared: 2026-11-30 09:42:00 Europe/London, 09:42:00 UTC",
        "Severity: P0 - CRITICAL",
        "Impact: Orders rejected",
        "",
        "Systems Affected: executioner",
        "Immediate Actions Taken: trading halted, proven 09:43 UTC",
        "",
        "Incident Commander: ada",
        "War Room: https://meet.example/w",
        "please join",
        "",
        "Status updates every 15 minutes until resolved.",
        'Answer: lav-ir ack, or "ack" in reply',
      ].join("\n"),
    });
  });

  test("the resolution notice counts what is open, and says what is not known yet", () => {
    const desks = opened();
    desks.write("ny1", 10, "incident.fact", { name: "recovered", at: { at: at(9) }, how: "typed" });
    desks.write("ny1", 12, "incident.resolved", { message: "the venue is back", review_on: at(60) });
    desks.write("ny1", 13, "incident.action", { id: "1", text: "x", kind: "alert", priority: "low" });
    const { text, missing } = filled(readFileSync(new URL("resolution.txt", folder), "utf8"), desks);
    expect(missing).toEqual([]);
    expect(text).toContain(
      "Duration: 20m\n\nRoot Cause: not known yet\nActions Taken: the venue is back; none on record yet",
    );
    expect(text).toContain(
      "Post-Incident Review: 2026-11-30 10:42:00 Europe/London, 10:42:00 UTC\nFollow-up Items: 1 open",
    );
  });
});

test("what no record says is missing with what fills it; what a person states goes before the records", () => {
  const made = filled("${commander} ${impact} ${eta} ${commander}", opened(), { impact: "none" });
  expect(made).toEqual({
    text: "NOT KNOWN none NOT KNOWN NOT KNOWN",
    missing: [
      { field: "commander", fill: "lav-ir role commander me" },
      { field: "eta", fill: '--set eta="…"' },
    ],
  });
});

test("a start that nobody stated is not known: nothing is invented", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  expect(filled("${started}", desks).missing).toHaveLength(1);
});

test("a value with a field in it is not filled again, and loops nowhere", () => {
  expect(filled("a ${text} b", opened(), { text: "${text} ${impact}" }).text).toBe("a ${text} ${impact} b");
});

test.each([
  [
    "an unknown field",
    "x\n  ${impakt}",
    { line: 2, column: 3, message: "unknown field impakt (did you mean impact?)" },
  ],
  [
    "one like none",
    "${zzzzzzzz}",
    { line: 1, column: 1, message: expect.stringContaining("(fields: incident, drill,") },
  ],
  ["a literal ${", "costs ${ 5", { line: 1, column: 7, message: "a ${ without a closing }" }],
  ["one at the line's end", "a ${impact\n}", { line: 1, column: 3, message: "a ${ without a closing }" }],
  [
    "a mention of Slack's",
    "<!channel> x",
    { line: 1, column: 1, message: expect.stringContaining("mentions everybody") },
  ],
  [
    "one as it is typed",
    "hi @channel: x",
    { line: 1, column: 4, message: expect.stringContaining("a security incident omits") },
  ],
  [
    "a text that no SMS takes",
    "x".repeat(longestSms + 1),
    { line: 1, column: 1, message: expect.stringContaining("an SMS takes 1600") },
  ],
  [
    "a megabyte",
    "x".repeat(1_048_576),
    { line: 1, column: 1, message: `larger than ${longestTemplate / 1024} KiB` },
  ],
  [
    "binary",
    "PNG\r\n\u001a\n\0",
    { line: 2, column: 1, message: expect.stringContaining("a character that is no text: ") },
  ],
  [
    "a text that turns round",
    "x \u202eabc",
    { line: 1, column: 3, message: expect.stringContaining("202e") },
  ],
  ["nothing", " \n", { line: 1, column: 1, message: "it is empty" }],
])("%s is a problem with its place", (_what, text, problem) => {
  const found = readTemplate(text).problems.map(({ span, message }) => ({
    ...positionOf({ path: "", text }, span.start),
    message,
  }));
  expect(found).toContainEqual(problem);
});

test("an address is no mention, and what looks like a field of something else is found", () => {
  expect(readTemplate("mail ops@here.example, $5 {impact} $impact").problems).toEqual([]);
});

test("whatever is read, it ends, and what is filled has every character that is no field", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", "impact", "x", "\n", "@here") }), (text) => {
      const { template, problems } = readTemplate(text);
      if (problems.length > 0) return;
      const fields = template.parts.filter((part) => typeof part !== "string").length;
      expect(text.split("${impact}")).toHaveLength(fields + 1);
    }),
  );
});
