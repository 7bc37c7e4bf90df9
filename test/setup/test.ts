import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeTestStacks } from "../stack/shared.ts";

/**
 * `npm test`: the unit project, then the real one, with whatever else was given handed on to vitest.
 * `--kafka 3.9|4.1` and `--compose 1|2` choose what the shared stack runs on.
 * LAV_TEST_REPORTS names a folder for each project's JSON report and exit code, beside what is shown.
 */
const reports = process.env["LAV_TEST_REPORTS"];
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

const { projects, rest } = readArguments(process.argv.slice(2));
let exitCode = 0;
for (const project of projects) {
  const code = await run(project, rest);
  if (reports !== undefined) writeFileSync(join(reports, `${project}.exit`), `${code}\n`);
  exitCode ||= code;
  if (code === 130 || code === 143) break;
}
// A run that was killed could not clean up after itself.
if (projects.includes("real")) await removeTestStacks();
process.exitCode = exitCode;

function readArguments(args: readonly string[]): { projects: string[]; rest: string[] } {
  const projects: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (arg.startsWith("--project=")) projects.push(arg.slice("--project=".length));
    else if (arg === "--project") projects.push(args[++index] ?? "");
    else if (arg === "--kafka") process.env["LAV_TEST_KAFKA"] = args[++index] ?? "";
    else if (arg === "--compose") process.env["LAV_TEST_COMPOSE"] = args[++index] ?? "";
    else rest.push(arg);
  }
  return { projects: projects.length === 0 ? ["unit", "real"] : projects, rest };
}

async function run(project: string, rest: readonly string[]): Promise<number> {
  const args = [vitest, "run", "--project", project, ...rest];
  // A file named in the arguments belongs to one of the projects only.
  if (rest.some((arg) => !arg.startsWith("-"))) args.push("--passWithNoTests");
  if (reports !== undefined) {
    args.push(
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(reports, `${project}.json`)}`,
    );
  }
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const interrupted = (): void => {};
  const terminated = (): void => void child.kill("SIGTERM");
  process.on("SIGINT", interrupted).on("SIGTERM", terminated);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", interrupted).off("SIGTERM", terminated);
      resolve(code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1));
    });
  });
}
