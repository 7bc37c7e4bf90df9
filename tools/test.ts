import { join } from "node:path";
import { removeTestStacks } from "../sandbox/shared.ts";
import { changed } from "./changed.ts";
import { closeLeft, closeRun, openRun } from "./run-folder.ts";
import { measureSlowness } from "./speed.ts";
import { readPlan, usage, type Plan } from "./test-plan.ts";
import { versionsLine } from "./versions.ts";
import { startVitest, type Running } from "./vitest.ts";

/**
 * `npm test`: the unit project, which keeps the processors busy by itself, and then the real one with the one on
 * stacks beside it, because both mostly wait for services; the sandbox's own where the sandbox was changed.
 * LAV_TEST_REPORTS names a folder for each project's JSON report and exit code, beside what is shown.
 * However it ends, nothing that it began is left: neither processes nor mounts nor files.
 */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const running = new Set<Running>();
let stopped: NodeJS.Signals | undefined;
const stop = (signal: NodeJS.Signals): void => {
  if (stopped !== undefined) return;
  stopped = signal;
  say(`${signal}: ending what was begun`);
  for (const one of running) void one.end();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
// Whoever began this was killed and could hand nothing on.
const { ppid } = process;
setInterval(() => {
  if (process.ppid !== ppid) stop("SIGHUP");
}, 1000).unref();

const plan = readPlan(process.argv.slice(2));
if (plan === undefined) {
  say(usage);
  process.exitCode = 2;
} else {
  process.exitCode = await runPlan(plan);
}

async function runPlan({ projects, rest, env }: Plan): Promise<number> {
  Object.assign(process.env, env);
  const services = projects.some((project) => project !== "unit");
  await closeLeft(say);
  if (services) say(await versionsLine());
  const slowness = await measureSlowness();
  if (slowness > 1)
    say(`this machine is ${slowness} times slower than a quiet one: bounds are as much longer`);
  const folder = openRun();
  const reports = process.env["LAV_TEST_REPORTS"];
  const start = (project: string, output: "inherit" | "pipe"): Running => {
    const one = startVitest({
      project,
      rest,
      output,
      env: { TMPDIR: folder, LAV_TEST_SLOWNESS: String(slowness) },
      ...(reports === undefined
        ? {}
        : { report: join(reports, `${project}.json`), exit: join(reports, `${project}.exit`) }),
    });
    running.add(one);
    void one.ended.finally(() => running.delete(one));
    if (stopped !== undefined) void one.end();
    return one;
  };
  let code = 0;
  try {
    let beside: Running | undefined;
    for (const project of projects) {
      if (stopped !== undefined) break;
      if (project === "stack" && beside !== undefined) continue;
      if (project === "sandbox" && rest.length === 0 && !plan?.named && !changed("sandbox", "test/sandbox")) {
        say(
          "the sandbox is as it was four hours ago: its own tests are left out (--project sandbox runs them)",
        );
        continue;
      }
      // What runs beside is shown when the rest is over, so that the two do not mix.
      if (project === "real" && projects.indexOf("stack") > projects.indexOf("real"))
        beside = start("stack", "pipe");
      code = (await start(project, "inherit").ended) || code;
      if (project === "real" && beside !== undefined) {
        say("tests on the stack:");
        beside.show();
        code = (await beside.ended) || code;
      }
    }
    // A worker that was killed could not clean up after itself.
    if (services) await removeTestStacks();
  } finally {
    await closeRun(folder);
  }
  if (stopped !== undefined) return stopped === "SIGINT" ? 130 : 143;
  return code;
}
