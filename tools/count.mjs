// Sums vitest's JSON reports and the other checks of a run into one line: "N passed, N failed".
// Arguments: NAME=EXIT-CODE for a check, FILE.json=EXIT-CODE for a report. Exits 1 when anything failed.
import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";

const sum = { passed: 0, failed: 0 };
/** What took how long, of all reports. */
const files = [];
/** As many as are worth a look. */
const most = 10;
for (const argument of process.argv.slice(2)) {
  const [, name, code] = /^(.*)=(\d+)$/.exec(argument) ?? [undefined, argument, "1"];
  const counted = name.endsWith(".json") ? readReport(name) : { passed: 0, failed: 0 };
  // A check that failed, a run that died before its report, an error outside any test.
  if (code !== "0" && counted.failed === 0) counted.failed = 1;
  if (code !== "0") process.stdout.write(`failed: ${name} (exit code ${code})\n`);
  sum.passed += counted.passed;
  sum.failed += counted.failed;
}
const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, most);
if (slowest.length > 0) process.stdout.write("slowest files:\n");
for (const { seconds, name } of slowest)
  process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed === 0 ? 0 : 1;

function readReport(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    process.stdout.write(`${file}: ${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
  // A file that could not be loaded has failed without a test to count.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  for (const { name, assertionResults: tests = [], message, startTime, endTime } of report.testResults) {
    const where = relative(process.cwd(), name ?? "");
    if (endTime > startTime)
      files.push({ name: `${where} (${basename(file, ".json")})`, seconds: (endTime - startTime) / 1000 });
    for (const test of tests.filter(({ status }) => status === "failed")) {
      tell(`${where} > ${test.fullName}`, test.failureMessages?.[0]);
    }
    if (broken.some((file) => file.name === name)) tell(where, message);
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) process.stdout.write(`${file}: ${skipped} skipped\n`);
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

/** A failure again beside the sum: what a run printed of it may be thousands of lines above. */
function tell(test, message = "") {
  const all = message.trimEnd().split("\n");
  // The failure is said first, how what was run has ended last.
  const lines = all
    .filter((_, index) => index < 12 || index >= all.length - 12)
    .map((line) => line.slice(0, 1000));
  process.stdout.write(`FAILED ${test}\n${lines.map((line) => `  ${line}\n`).join("")}`);
}
