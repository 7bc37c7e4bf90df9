import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeTestStacks } from "../sandbox/shared.ts";

/**
 * `npm test`: the unit project, which keeps the processors busy by itself, and then the real one with the one on
 * stacks beside it, because both mostly wait for services. Whatever else was given is handed on to vitest.
 * `--kafka 3.9|4.1` and `--compose 1|2` choose what the shared stack runs on.
 * LAV_TEST_REPORTS names a folder for each project's JSON report and exit code, beside what is shown.
 */
const reports = process.env["LAV_TEST_REPORTS"];
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));

const { projects, rest } = readArguments(process.argv.slice(2));
let beside: Running | undefined;
let exitCode = 0;
for (const project of projects) {
  if (project === "stack" && beside !== undefined) continue;
  // What runs beside is shown when the rest is over, so that the two do not mix.
  if (project === "real" && projects.indexOf("stack") > projects.indexOf("real"))
    beside = start("stack", rest, "pipe");
  const code = await start(project, rest, "inherit").ended;
  exitCode ||= code;
  if (interrupted(code)) break;
}
if (beside !== undefined) {
  process.stderr.write("tests on the stack:\n");
  beside.show();
  exitCode = (await beside.ended) || exitCode;
}
// A run that was killed could not clean up after itself.
if (projects.includes("stack")) await removeTestStacks();
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
  return { projects: projects.length === 0 ? ["unit", "real", "stack"] : projects, rest };
}

interface Running {
  readonly ended: Promise<number>;
  /** What it printed so far, and from then on what it prints. */
  show(): void;
}

function start(project: string, rest: readonly string[], output: "inherit" | "pipe"): Running {
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
  const child = spawn(process.execPath, args, {
    stdio: [output === "pipe" ? "ignore" : "inherit", output, output],
  });
  const held: Buffer[] = [];
  let shown = false;
  const hear = (chunk: Buffer): void => {
    if (shown) process.stderr.write(chunk);
    else held.push(chunk);
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const wait = (): void => {};
  const end = (): void => void child.kill("SIGTERM");
  process.on("SIGINT", wait).on("SIGTERM", end);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", wait).off("SIGTERM", end);
      const status = code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1);
      if (reports !== undefined) writeFileSync(join(reports, `${project}.exit`), `${status}\n`);
      resolve(status);
    });
  });
  return {
    ended,
    show: () => {
      shown = true;
      for (const chunk of held) process.stderr.write(chunk);
    },
  };
}

function interrupted(code: number): boolean {
  return code === 130 || code === 143;
}
