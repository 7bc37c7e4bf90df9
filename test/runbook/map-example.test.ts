import { expect, test } from "vitest";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { loadSource } from "../../src/runbook/load.ts";
import { loading } from "./lint.ts";

// What must be a map and is none is answered with how one looks, made from the shape of what stands there.
test.each([
  ["steps: [{ checklist: hello }]", "Such as checklist: { name: [text] }."],
  ["steps: [{ metrics.scrape: { url: http://x, select: up } }]", "Such as select: { name: text }."],
  ["steps: [{ wait: 1s, save: x }]", "Such as save: { total: count }."],
  ["params: x\nsteps: [{ wait: 1s }]", "Such as params: { minutes: { type: integer, default: 15 } }."],
])("%s", async (text, hint) => {
  const loaded = await loadSource(
    { path: "r.yaml", text: `runbook: r\n${text}\n` },
    { ...loading, kinds: kindsByName },
  );
  const problems = loaded.ok || loaded.failure.type === "unreadable" ? [] : loaded.failure.diagnostics;
  expect(problems.map((one) => one.hint)).toContain(hint);
});
