import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// The rooms and what each may import are settings of the linter; here they are seen to work.
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lav-ir-order-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refused: readonly (readonly [string, string])[] = [
  ["src/base/x.ts", "../kinds/shape.ts"],
  ["src/base/x.ts", "../drivers/ports.ts"],
  ["src/drivers/x.ts", "../kinds/kind.ts"],
  ["src/drivers/kafka/x.ts", "../../platform/platform.ts"],
  ["src/kinds/x.ts", "../drivers/kafka.ts"],
  ["src/kinds/x.ts", "../language/value.ts"],
  ["src/language/x.ts", "../kinds/kind.ts"],
  ["src/language/x.ts", "../runbook/runbook.ts"],
  ["src/platform/x.ts", "../runbook/runbook.ts"],
  ["src/runbook/x.ts", "../plan/plan.ts"],
  ["src/runbook/x.ts", "../kinds/index.ts"],
  ["src/plan/x.ts", "../run/event.ts"],
  ["src/plan/x.ts", "../incident/journal.ts"],
  ["src/run/x.ts", "../incident/journal.ts"],
  ["src/run/x.ts", "../drivers/clock.ts"],
  ["src/run/x.ts", "../sinks/plain.ts"],
  ["src/run/x.ts", "../kinds/index.ts"],
  ["src/incident/x.ts", "../run/step.ts"],
  ["src/incident/x.ts", "../kinds/kind.ts"],
  ["src/evidence/x.ts", "../runbook/runbook.ts"],
  ["src/sinks/x.ts", "../plan/plan.ts"],
  ["src/sinks/x.ts", "../run/step.ts"],
  ["src/cli/x.ts", "node:process"],
  ["src/run/x.ts", "node:process"],
];

const allowed: readonly (readonly [string, string])[] = [
  ["src/drivers/kafka/x.ts", "../../base/result.ts"],
  ["src/drivers/kafka/x.ts", "../ports.ts"],
  ["src/kinds/x.ts", "../drivers/ports.ts"],
  ["src/kinds/x.ts", "./shape.ts"],
  ["src/language/x.ts", "../kinds/shape.ts"],
  ["src/runbook/x.ts", "../kinds/kind.ts"],
  ["src/plan/x.ts", "../runbook/runbook.ts"],
  ["src/run/x.ts", "../plan/plan.ts"],
  ["src/run/x.ts", "../drivers/ports.ts"],
  ["src/incident/x.ts", "../run/event.ts"],
  ["src/sinks/x.ts", "../run/event.ts"],
  ["src/cli/x.ts", "../sinks/plain.ts"],
  ["src/cli/main.ts", "node:process"],
  ["src/incident/lock.ts", "node:process"],
];

/** The files that the linter refuses, each with one import of its own. */
function refusedBy(cases: readonly (readonly [string, string])[]): readonly string[] {
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  rmSync(join(folder, "src"), { recursive: true, force: true });
  const paths = cases.map(([file, source], index) => {
    // The excepted files keep their names, the others are told apart.
    const path = file.endsWith("/x.ts") ? file.replace(/x\.ts$/, `x${index}.ts`) : file;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `import { a } from "${source}";\nexport const b = a;\n`);
    return path;
  });
  const oxlint = join(root, "node_modules", ".bin", "oxlint");
  const { stdout } = spawnSync(oxlint, ["--format", "json"], { cwd: folder, encoding: "utf8" });
  const found = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const files = found.diagnostics
    .filter(({ code }) => code.includes("no-restricted-imports"))
    .map((one) => one.filename);
  return cases
    .filter((_case, index) => files.includes(paths[index] ?? ""))
    .map(([file, source]) => `${file} ← ${source}`);
}

test("the linter refuses every import against the order of the rooms", () => {
  expect(refusedBy(refused)).toEqual(refused.map(([file, source]) => `${file} ← ${source}`));
});

test("and lets those with it stand", () => {
  expect(refusedBy(allowed)).toEqual([]);
});

test("no kind imports another kind", () => {
  const kinds = new URL("../src/kinds/", import.meta.url);
  const importsOf = (file: string): readonly string[] =>
    [...readFileSync(new URL(file, kinds), "utf8").matchAll(/from "\.\/([\w-]+\.ts)"/g)].map(
      ([, name = ""]) => name,
    );
  const named = new Set(importsOf("index.ts").filter((file) => file !== "kind.ts"));
  const against = readdirSync(kinds)
    .filter((file) => file !== "index.ts")
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => named.has(name))
        .map((name) => `${file} ← ${name}`),
    );
  expect(against).toEqual([]);
});
