import { expect, test } from "vitest";
import { reportHtml } from "../../src/evidence/report/page.ts";
import { example, exampleHtml } from "./report-example.ts";

test("every part is there", () => {
  const titles = [...exampleHtml.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title);
  expect(titles).toEqual([
    "Findings",
    "Missing, and why",
    "Timeline",
    "Clocks",
    "Kafka lag",
    "Connections",
    "Latency",
    "What was taken",
    "Redacted",
  ]);
  expect(exampleHtml).toContain("PARTIAL: 1 missing");
  expect(exampleHtml).toContain("‹secret:url:0aabadc7›");
  expect(exampleHtml).toContain("45 231 messages");
});

test("what a service says is text: no markup, no control characters", () => {
  expect(exampleHtml).not.toMatch(/<img|<script|onerror="/i);
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  expect(exampleHtml).not.toMatch(/[\u0000-\u0008\u001B\u202E]/);
  expect(exampleHtml).toContain("&lt;img src=&quot;http://evil.example/x&quot;");
});

test("nothing in it is fetched from anywhere: the only addresses are files of the bag", () => {
  const addresses = [...exampleHtml.matchAll(/<[^>]*?\s(?:href|src|action|data)="([^"]+)"/g)].map(
    ([, to]) => to,
  );
  expect(addresses).toEqual(["data/docker/a=b@c+d.log"]);
  expect(exampleHtml).not.toMatch(/url\(|@import/);
  expect(exampleHtml).toContain("default-src 'none'");
});

test("an empty snapshot says that nothing is missing, and has no empty parts", () => {
  const { snapshot } = example;
  const text = reportHtml({
    snapshot: { ...snapshot, verdict: "complete", missing: [], facts: [], clockStep: 0 },
    rows: [],
    redactions: [],
  });
  expect(text).toContain("Nothing that was to be taken.");
  expect(text).toContain("No secret was found.");
  expect(text).not.toMatch(/<h2>(?:Findings|Clocks|Kafka lag)/);
});

test("what was measured once is a bar, also where it says when; a line is of two points at least", () => {
  const at = new Date("2026-11-24T21:00:00Z");
  const lag = { type: "measure", collector: "kafka", chart: "lag", unit: "messages" } as const;
  const drawn = (values: readonly number[]): string =>
    reportHtml({
      ...example,
      snapshot: { ...example.snapshot, facts: values.map((value) => ({ ...lag, name: "group", value, at })) },
    });
  expect(drawn([1])).toMatch(/<rect[^>]*>/);
  expect(drawn([1])).toContain(">1 message<");
  expect(drawn([1])).not.toContain("<polyline");
  expect(drawn([1, 7])).toContain("<polyline");
});
