import { expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { actionOf, byHandOf } from "../../src/plan/plan.ts";
import { planText } from "../../src/plan/print.ts";
import { linted } from "../runbook/lint.ts";
import { plannedText } from "./planned.ts";

/** The message of each problem and its hint, with their place. */
async function said(text: string): Promise<string> {
  const made = await plannedText(`runbook: r\n${text}`, {}, "several");
  return made.ok ? "" : made.failure.map((one) => short(diagnosticText(one))).join("\n");
}

function short(text: string): string {
  const lines = text.split("\n");
  return [(lines[0] ?? "").replace("r.yaml:", ""), ...lines.slice(3)].join("\n");
}

test.each([
  [
    "a store that there is not",
    "diagnose:\n  - sql.query: SELECT 1\n    at: standby\n",
    "4:9: this platform has no postgres called standby; it has main, replica",
  ],
  [
    "one that is nearly there",
    "diagnose:\n  - sql.query: SELECT 1\n    at: replcia\n",
    "4:9: this platform has no postgres called replcia; it has main, replica\n  Did you mean replica?",
  ],
  [
    "none, where no store is the main one",
    "diagnose:\n  - redis.ping:\n",
    "3:5: this platform has no redis called main; it has blue, green\n  Name one: at: blue.",
  ],
  [
    "one of a list",
    "diagnose:\n  - foreach: [blue, red]\n    redis.ping:\n    at: ${item}\n",
    "5:9: this platform has no redis called red; it has blue, green",
  ],
  [
    "one that only the run knows",
    "diagnose:\n  - { id: a, sql.query: SELECT 1, expect: count == 1 }\n  - foreach: steps.a.rows\n    needs: a\n    redis.ping:\n    at: ${item}\n",
    "7:9: at must be known before anything runs\n  Write the store's name, or ${item} of a foreach over a list that is written out.",
  ],
  [
    "the ones there are",
    "diagnose:\n  - sql.query: SELECT 1\n    at: main\n  - foreach: [blue, green]\n    redis.ping:\n    at: ${item}\n",
    "",
  ],
])("a step names %s", async (_what, text, expected) => {
  expect(await said(text)).toBe(expected);
});

test.each([
  [
    "another tool's word for it",
    "sql.query: SELECT 1\n    on: replica",
    "4:5: on is not a key of a step\n  at: replica names the store.",
  ],
  [
    "at, of a kind that speaks to none",
    "http.get: http://h/\n    at: replica",
    "4:5: http.get speaks to no store, so at has nothing to name\n  It is for steps that speak to PostgreSQL, Redis or Kafka.",
  ],
  [
    "a name that only the run knows",
    "sql.query: SELECT 1\n    at: ${platform.name}",
    "4:11: at must be known before anything runs\n  Write the store's name, or ${item} of a foreach over a list that is written out.",
  ],
])("%s is refused", async (_what, step, expected) => {
  expect(short(await linted(`runbook: r\nsteps:\n  - ${step}\n`))).toBe(expected);
});

test("a plan has the address of the store that is named, and the command by hand too", async () => {
  const text = "runbook: r\nsteps:\n  - sql.query: SELECT 1\n    at: replica\n";
  const made = await plannedText(text, {}, "several");
  const plan = made.ok ? made.value : undefined;
  const [step] = plan?.runbook.steps ?? [];
  if (plan === undefined || step?.type !== "step") throw new Error("there is no plan");
  expect(actionOf(step, plan)).toBe("sql.query: SELECT 1 on PostgreSQL at db2:5432/lav");
  expect(byHandOf(step, plan)).toContain("psql postgres://lav@db2:5432/lav");
  expect(planText(plan).split("\n").slice(1, 4)).toEqual([
    "platform lav-adaf, environment several, from /lav/platform.yaml",
    "postgres main db1:5432/lav (/lav/platform.yaml), replica db2:5432/lav (/lav/platform.yaml)",
    "redis blue blue:6379/0 (/lav/platform.yaml), green green:6379/0 (/lav/platform.yaml)",
  ]);
});
