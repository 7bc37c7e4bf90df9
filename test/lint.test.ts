import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// What the linter is set to refuse in src/ beside its own rules; the order of the rooms is rooms.test.ts.
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lav-ir-lint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imported = 'import { pid } from "node:process";\nexport const own = pid;\n';
const global = "export const own = process.pid;\n";

test("only the files that need the process itself may touch it", () => {
  const refused = { "src/cli/x.ts": imported, "src/run/x.ts": imported, "src/app/run/x.ts": global };
  const allowed = { "src/cli/process.ts": imported, "src/store/lock.ts": global };
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [path, text] of Object.entries({ ...refused, ...allowed })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const oxlint = join(root, "node_modules", ".bin", "oxlint");
  const { stdout } = spawnSync(oxlint, ["--format", "json"], { cwd: folder, encoding: "utf8" });
  const found = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const files = found.diagnostics.filter(({ code }) => code.includes("no-restricted"));
  expect(new Set(files.map(({ filename }) => filename))).toEqual(new Set(Object.keys(refused)));
});
