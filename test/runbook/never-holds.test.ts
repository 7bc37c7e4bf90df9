import { expect, test } from "vitest";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { loadSource } from "../../src/runbook/load.ts";
import { loading } from "./lint.ts";

// What is certain before anything runs, and was said by no lint.

async function said(text: string): Promise<string> {
  const loaded = await loadSource({ path: "r.yaml", text }, { ...loading, kinds: kindsByName });
  if (loaded.ok) return loaded.value.warnings.map(diagnosticText).join("\n");
  const { failure } = loaded;
  return failure.type === "unreadable" ? failure.message : failure.diagnostics.map(diagnosticText).join("\n");
}

const scrape = (more: string, expects: string): string =>
  `runbook: r\nsteps:\n  - id: m\n    metrics.scrape: { url: http://localhost/, select: { x: a }${more} }\n    expect: ${expects}\n`;

test("a rate of one scrape", async () => {
  expect(await said(scrape("", "rate.x < 3"))).toContain(
    "r.yaml:5:13: a rate takes two scrapes\n  5 |     expect: rate.x < 3\n    |             ^^^^^^\n  Write over: 10s.",
  );
  const later = "  - service.restart: x\n    when: steps.m.rate.x > 3\n";
  expect(await said(`${scrape("", "sum.x < 3")}${later}`)).toContain("a rate takes two scrapes");
  expect(await said(scrape(", over: 10s", "rate.x < 3"))).toBe("");
  expect(await said(scrape("", "sum.x < 3"))).toBe("");
  expect(await said(scrape("", "has(rate.x)"))).toBe("");
});

const ladder = (verify: string): string =>
  `runbook: r\ndiagnose: [{ redis.ping: }]\nresolve:\n  - rung: a\n    steps: [{ service.restart: x }]\n    verify: ${verify}\n`;

test("a verification whose second look is after its end", async () => {
  expect(await said(ladder("{ every: 2m, within: 30s, hold: 30s }"))).toContain(
    "r.yaml:6:22: warning: every is 2m, and within and hold are over after 1m",
  );
  expect(await said(ladder("{ every: 2m }"))).toContain("over after 1m");
  expect(await said(ladder("{ every: 1m, within: 30s, hold: 30s }"))).toBe("");
});

const finding = (text: string): string =>
  `runbook: r\nsteps:\n  - http.get: http://localhost/\n    finding: ${text}\n`;

test("a name without braces in a sentence", async () => {
  const text = await said(finding("it was $status"));
  expect(text).toContain("r.yaml:4:14: warning: $status is shown as it is written");
  expect(text).toContain("Write ${status}.");
  expect(await said(finding("$run.id had it"))).toContain("Write ${run.id}.");
  expect(await said(finding("it cost $5 of $HOME and ${status}"))).toBe("");
});
