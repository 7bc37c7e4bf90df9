import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../tools/count.mjs", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-ir-count-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns the last line, and the exit code */
function count(...args: readonly string[]): [string, number | null] {
  const { stdout, status } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return [stdout.trimEnd().split("\n").at(-1) ?? "", status];
}

function report(name: string, passed: number, failed: number, files: readonly object[] = []): string {
  const file = join(folder, `${name}.json`);
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ ...counts, testResults: files }));
  return file;
}

it("sums the reports, and succeeds when nothing failed", () => {
  expect(count(`${report("a", 3, 0)}=0`, `${report("b", 4, 0)}=0`, "lint=0")).toEqual([
    "7 passed, 0 failed",
    0,
  ]);
});

it("counts a failed check as one failure, and a failed test once", () => {
  expect(count(`${report("a", 3, 2)}=1`, "lint=1", "types=2")).toEqual(["3 passed, 4 failed", 1]);
});

it("counts a file that could not be loaded, and an error outside every test", () => {
  const broken = { status: "failed", assertionResults: [] };
  expect(count(`${report("a", 3, 0, [broken])}=1`)).toEqual(["3 passed, 1 failed", 1]);
  expect(count(`${report("a", 3, 0)}=1`)).toEqual(["3 passed, 1 failed", 1]);
});

it("counts a report that is missing, torn or without an exit code as a failure", () => {
  const torn = join(folder, "torn.json");
  writeFileSync(torn, '{"numPassedTests": 3');
  expect(count(`${join(folder, "missing.json")}=0`)).toEqual(["0 passed, 1 failed", 1]);
  expect(count(`${torn}=0`)).toEqual(["0 passed, 1 failed", 1]);
  expect(count(`${report("a", 3, 0)}=`)).toEqual(["0 passed, 1 failed", 1]);
});

it("says which tests failed, and how, beside the sum", () => {
  const failed = {
    status: "failed",
    fullName: "a room is tidy",
    failureMessages: ["expected 1 to be 2\n    at x"],
  };
  const passed = { status: "passed", fullName: "a room is warm", failureMessages: [] };
  const file = { name: join(process.cwd(), "test/room.test.ts"), status: "failed", message: "" };
  const whole = report("a", 1, 1, [{ ...file, assertionResults: [passed, failed] }]);
  const broken = report("b", 0, 0, [{ ...file, message: "SyntaxError: unexpected", assertionResults: [] }]);
  const { stdout } = spawnSync(process.execPath, [program, `${whole}=1`, `${broken}=1`], {
    encoding: "utf8",
  });
  expect(stdout).toContain("FAILED test/room.test.ts > a room is tidy\n  expected 1 to be 2\n");
  expect(stdout).toContain("FAILED test/room.test.ts\n  SyntaxError: unexpected\n");
  expect(stdout).not.toContain("a room is warm");
});

it("names the ten slowest files of all reports before the sum", () => {
  const files = Array.from({ length: 12 }, (_, at) => ({
    name: join(process.cwd(), `test/f${at}.test.ts`),
    assertionResults: [],
    status: "passed",
    startTime: 1000,
    endTime: 1000 + at * 1500,
  }));
  const reports = [report("unit", 6, 0, files.slice(0, 6)), report("real", 6, 0, files.slice(6))];
  const { stdout } = spawnSync(process.execPath, [program, ...reports.map((each) => `${each}=0`)], {
    encoding: "utf8",
  });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1)).toBe("12 passed, 0 failed");
  expect(lines.slice(-11, -1).map((line) => line.trim())).toEqual(
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map(
      (at) => `${(at * 1.5).toFixed(1)} s  test/f${at}.test.ts (${at < 6 ? "unit" : "real"})`,
    ),
  );
});
