import { expect, test } from "vitest";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { loadSource } from "../../src/runbook/load.ts";
import { loading } from "./lint.ts";

// A map whose keys the arguments say has no others; a map whose keys only the run knows is left to the run.

async function said(step: string): Promise<readonly (string | undefined)[]> {
  const text = `runbook: r\ndiagnose:\n  - id: a\n    ${step}\n`;
  const loaded = await loadSource({ path: "r.yaml", text }, { ...loading, kinds: kindsByName });
  if (loaded.ok || loaded.failure.type === "unreadable") return [];
  return loaded.failure.diagnostics.flatMap(({ message, hint }) => [message, hint]);
}

const scrape = "metrics.scrape: { url: http://x/metrics, select: { errors: up, all: up } }";

test.each([
  [
    "redis.info: memory\n    expect: info.memry.x < 5",
    "info of redis.info has no memry; it has memory",
    "memory",
  ],
  [
    `${scrape}\n    expect: sum.erors < 5`,
    "sum of metrics.scrape has no erors; it has errors, all",
    "errors",
  ],
  [
    `${scrape}\n  - { id: b, needs: a, redis.ping: {}, expect: "steps.a.series.al.size() > 1" }`,
    "series of metrics.scrape has no al; it has errors, all",
    "all",
  ],
])("%s", async (step, message, near) => {
  expect(await said(step)).toEqual([message, `Did you mean ${near}?`]);
});

test.each([
  "redis.info: memory\n    expect: info.memory.used_memory < 5",
  "redis.info: everything\n    expect: info.search_version.x == 1",
  "redis.info: search\n    expect: info.search_version.x == 1",
  "redis.info:\n    expect: info.anything.x == 1",
  `${scrape}\n    expect: sum.errors < sum["all"]`,
  `foreach: [x]\n    ${scrape}\n  - { id: b, needs: a, redis.ping: {}, expect: "steps.a.items.all(i, i.sum.x > 1)" }`,
])("nothing is said of %s", async (step) => {
  expect(await said(step)).toEqual([]);
});
