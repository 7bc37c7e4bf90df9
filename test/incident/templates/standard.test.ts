import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { foldIncident } from "../../../src/incident/fold.ts";
import { statusOf } from "../../../src/incident/status.ts";
import type { FieldName } from "../../../src/incident/templates/fields.ts";
import {
  standardNames,
  standardText,
  standardTexts,
  type OwnTemplates,
  type StandardName,
} from "../../../src/incident/templates/standard.ts";
import { readTemplate } from "../../../src/incident/templates/template.ts";
import { at, declared, Desks, minute, policy, zero } from "../chains.ts";

function made(
  name: StandardName,
  desks: Desks,
  given: Readonly<Partial<Record<FieldName, string>>> = {},
  own?: OwnTemplates,
): string {
  const fold = foldIncident(desks.records);
  const now = zero + 20 * minute;
  const from = { fold, status: statusOf(fold, now, "INC-2026-0042"), now, severityName: "Critical" };
  return standardText(name, from, given, own);
}

function opened(more: Partial<Parameters<typeof declared>[0]> = {}): Desks {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared(more));
  return desks;
}

test.each(standardNames)(
  "%s is shipped as it stands in the program, and lint finds nothing in it",
  (name) => {
    const url = new URL(`../../../runbooks/templates/${name}.txt`, import.meta.url);
    expect(readFileSync(url, "utf8")).toBe(standardTexts[name]);
    expect(readTemplate(standardTexts[name]).problems).toEqual([]);
  },
);

test.each([
  [15 * minute, "every 15 minutes"],
  [minute, "every minute"],
  [20_000, "every 20s"],
  [1.5 * minute, "every 1m30s"],
])("updates are promised at the interval of their clock: %d ms", (every, text) => {
  const clocks = policy.clocks.map((clock) =>
    clock.name === "updates" ? { ...clock, every: { P0: every } } : clock,
  );
  expect(made("alert", opened({ policy: { ...policy, clocks } }))).toContain(
    `\nStatus updates ${text} until resolved.\n`,
  );
});

describe("what is not known", () => {
  test("reads as its field says, or its line is left out; no blank line is doubled by that", () => {
    const text = made("alert", opened({ affects: [], policy: { ...policy, clocks: [] } }));
    expect(text).toContain("\nStart Time: not known\nDeclared: 2026-11-30 ");
    expect(text).toContain("\n\nSystems Affected: not known yet\n");
    expect(text).toMatch(/\n\nIncident Commander: nobody yet\n\nAnswer: lav-ir ack, or "ack" in reply$/);
  });

  test("what a person adds to a page has a line of its own", () => {
    expect(made("alert", opened(), { text: "please join" })).toContain("\nplease join\n");
  });
});

test("an own template is used; a security incident uses none, and says nothing but that it is", () => {
  const own = { alert: readTemplate("${incident}: ${impact} ${text}\n${impact}").template };
  expect(made("alert", opened({ impact: "${text}" }), {}, own)).toBe("${text}");
  const secret = opened({ security: true, impact: "a key was stolen", affects: ["vault"] });
  for (const name of standardNames) {
    const text = made(name, secret, { text: "rotating keys" }, own);
    expect(text).toContain("INC-2026-0042");
    expect(text).not.toMatch(/key|vault|rotating|@|<!/);
  }
});

test("the end says what resolved it; an update what is known by then", () => {
  const desks = opened({ started: { at: at(-11) } });
  desks.put("ny1", 1.7, "halt.receipt", { halt: "HALT-1", outcome: "PROVEN" });
  expect(made("update", desks, { text: "half are back" })).toMatch(
    /^UPDATE INC-2026-0042 P0 \(open, trading halted\)\nhalf are back\nTrading halted, proven .*\nIncident Commander: nobody yet$/,
  );
  desks.write("ny1", 12, "incident.resolved", { message: "the venue is back" });
  expect(made("resolution", desks)).toContain(
    "Root Cause: not known yet\nActions Taken: the venue is back; trading halted, proven 09:43 UTC\n",
  );
  expect(made("cancellation", desks, { text: "false alarm" })).toBe(
    "CANCELLED INC-2026-0042 P0: false alarm",
  );
});
