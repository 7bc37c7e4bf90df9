import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { byHandText } from "../../src/plan/by-hand.ts";
import { planText } from "../../src/plan/print.ts";
import { planned } from "../plan/planned.ts";

// Each runbook stands beside the plan it prints and its plain commands, to the character. After a change
// that was meant, GOLDEN=write writes them anew; read the difference before committing it.
const folder = fileURLToPath(new URL("golden/", import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

describe.each(names)("%s", (name) => {
  test.each([
    ["plan", planText],
    ["by-hand", byHandText],
  ] as const)("its %s text", async (kind, textOf) => {
    const plan = await planned(`${folder}${name}.yaml`);
    if (!plan.ok) throw new Error(plan.failure.map(diagnosticText).join("\n"));
    const text = textOf(plan.value).replaceAll(folder, "");
    const path = `${folder}${name}.${kind}.txt`;
    if (process.env["GOLDEN"] === "write") writeFileSync(path, text);
    expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
  });
});

test.each(names)("the commands of %s are commands to a shell", async (name) => {
  const plan = await planned(`${folder}${name}.yaml`);
  if (!plan.ok) throw new Error("it has no plan");
  const read = spawnSync("sh", ["-n"], { input: byHandText(plan.value), encoding: "utf8" });
  expect([read.status, read.stderr]).toEqual([0, ""]);
});

test("every kind has its step among them", () => {
  const text = readFileSync(`${folder}every-kind.yaml`, "utf8");
  const without = kinds.map((kind) => kind.name).filter((name) => !text.includes(`- ${name}:`));
  const todo = "give each a step in test/runbook/golden/every-kind.yaml, then GOLDEN=write";
  expect(without, todo).toEqual([]);
});
