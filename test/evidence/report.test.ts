import { expect, test } from "vitest";
import { partsOf } from "../../src/evidence/report/parts.ts";
import { reportHtml } from "../../src/evidence/report/page.ts";
import { example, exampleHtml } from "./report-example.ts";

const textOf = (page: string): string => page.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

test("what is wrong and how each part is come first; how it was taken is folded, and last", () => {
  const titles = [...exampleHtml.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title);
  expect(titles).toEqual([
    "Beside the platform",
    "State",
    "Missing, and why",
    "Kafka lag",
    "Connections",
    "Latency",
    "Timeline",
    "How it was taken",
  ]);
  expect(exampleHtml.match(/<summary>[^<]+/g)).toEqual([
    "<summary>Raw findings: 2 findings",
    "<summary>Clocks: at most 420ms apart",
    "<summary>What was taken: 4 of 8 collectors complete",
    "<summary>Redacted: 1 place",
  ]);
  expect(exampleHtml).toContain("WRONG: executioner, postgres.");
  expect(exampleHtml).toContain("Not fully measured: kafka, docker");
  expect(exampleHtml).toContain("PARTIAL: 1 missing");
  expect(exampleHtml).toContain("‹secret:url:0aabadc7›");
  expect(exampleHtml).toContain("45 231 messages");
  expect(textOf(exampleHtml)).toContain("first error 2026-11-24 20:59:00 UTC: &lt;img");
});

test("each part of the platform has its state, the worst first; what could not be asked is not well", () => {
  const states = partsOf(example.rows, example.snapshot.facts).map(({ name, state }) => [name, state]);
  expect(states).toEqual([
    ["executioner", "no answer"],
    ["postgres", "wrong"],
    ["kafka", "not measured"],
    ["docker", "partly measured"],
    ["gateway", "ok"],
    ["redis", "ok"],
    ["halts", "nothing there"],
  ]);
});

test("a finding makes its part wrong, whatever else it says; one whose every instance is silent does not answer", () => {
  const [first] = example.rows;
  if (first === undefined) throw new Error("there is no row");
  const finding = { type: "finding", text: "gateway 1: health check returned 503" } as const;
  const at = (collector: string) => ({ ...finding, collector });
  const rows = [
    { ...first, id: "http.gateway", status: "partial", why: "gateway 2 refused" } as const,
    { ...first, id: "docker", status: "ok" } as const,
    { ...first, id: "docker.events", status: "timeout", why: "timed out" } as const,
  ];
  expect(partsOf(rows, [at("http.gateway"), at("host")])).toEqual([
    { name: "gateway", state: "wrong", says: [finding.text] },
    { name: "docker", state: "partly measured", says: ["timed out"] },
  ]);
});

test("the timeline says how bad each row is, and keeps what is bad where there is more than fits", () => {
  const rows = (page: string, of: string): number => page.split(`<tr class="${of}">`).length - 1;
  expect(["error", "warning", "plain"].map((of) => rows(exampleHtml, of))).toEqual([1, 1, 3]);
  const event = { type: "event", collector: "docker", source: "docker", text: "x" } as const;
  const at = (second: number): Date => new Date(Date.parse("2026-11-24T20:00:00Z") + second * 1000);
  const facts = [
    { ...event, time: at(0), severity: "error" as const },
    ...Array.from({ length: 600 }, (_, second) => ({ ...event, time: at(second + 1) })),
  ];
  const page = reportHtml({ ...example, snapshot: { ...example.snapshot, facts } });
  expect([rows(page, "error"), rows(page, "plain")]).toEqual([1, 499]);
  expect(page).toContain("the last 500 of 603");
});

test("a severity that no snapshot of ours has is none: it is a class of the page", () => {
  const severity = 'x" onclick="alert(1)' as "error";
  const event = { type: "event", collector: "docker", source: "docker", text: "x" } as const;
  const facts = [{ ...event, time: new Date("2026-11-24T20:00:00Z"), severity }];
  expect(reportHtml({ ...example, snapshot: { ...example.snapshot, facts } })).not.toContain("onclick");
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

test("an empty snapshot says that nothing wrong was found, and has no empty parts", () => {
  const { snapshot } = example;
  const text = reportHtml({
    snapshot: { ...snapshot, verdict: "complete", missing: [], facts: [], clockStep: 0 },
    rows: [],
    redactions: [],
  });
  expect(text).toContain("Nothing wrong was found.");
  expect(text).toContain('<span class="good">complete</span>');
  expect(text).toContain("No secret was found.");
  expect(text).not.toMatch(/<h2>(?:Beside|State|Missing|Kafka lag)/);
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
