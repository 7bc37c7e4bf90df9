import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git } from "./changed.ts";
import { root } from "./places.ts";
import { nextTurn, readSoak, table, turnArgs, usage, type Soak, type Turn } from "./soak-plan.ts";

/**
 * `npm run test:soak -- N`: the tests on the stack N times, every other time beside two busy loops; files named
 * after it as many times as --times says, alone. `incidents N`: N simulated incidents, twenty a turn. `properties N`: the tests of properties, N times, on new cases
 * each time. It goes on where it was stopped, for the same commit.
 */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const busy: ChildProcess[] = [];
let test: ChildProcess | undefined;
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopped = true;
    idle();
    test?.kill("SIGTERM");
  });
}
process.on("exit", idle);

const soak = readSoak(process.argv.slice(2));
if (soak === undefined) {
  say(usage);
  process.exitCode = 2;
} else {
  process.exitCode = await run(soak);
}

async function run(wanted: Soak): Promise<number> {
  const commit = git("rev-parse", "--short=12", "HEAD") ?? "no-commit";
  if (git("status", "--porcelain") !== "")
    say("not everything is committed: turns are counted for the commit");
  const file = join(root, ".cache", "soak", `${commit}.json`);
  const turns = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Turn[]) : [];
  for (let next = nextTurn(wanted, turns); next !== undefined && !stopped; next = nextTurn(wanted, turns)) {
    say(`${next.what}, turn ${next.number}${next.busy ? ", beside two busy loops" : ""}`);
    const reports = join(root, ".cache", "soak", `${commit}-${turns.length}`);
    mkdirSync(reports, { recursive: true });
    const began = performance.now();
    if (next.busy) for (let loop = 0; loop < 2; loop += 1) busy.push(loopForever());
    const code = await runTests(turnArgs(wanted, next, random(commit)), reports);
    idle();
    if (stopped) break;
    const seconds = Math.round((performance.now() - began) / 1000);
    const failed = failures(reports);
    turns.push({ ...next, code, seconds, failed });
    writeFileSync(`${file}.new`, `${JSON.stringify(turns, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
    for (const { where, seed } of failed) {
      say(`RED ${where}${seed === undefined ? "" : ` (seed ${seed})`}`);
      say(`  again: ${next.busy ? "beside two busy loops, " : ""}npm test -- ${again(where, seed)}`);
    }
  }
  process.stdout.write(table(turns));
  if (stopped) say(`stopped; the same command goes on (${file})`);
  return stopped ? 130 : turns.some(({ code }) => code !== 0) ? 1 : 0;
}

/** What tries properties, and where a commit's seeds begin: another commit tries other cases. */
function random(commit: string): { readonly files: readonly string[]; readonly seed: number } {
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => `test/${path}`)
    .filter((path) => /(?<!\.real|\.matrix)\.test\.ts$/.test(path))
    .filter((path) => readFileSync(join(root, path), "utf8").includes(' from "fast-check"'));
  return { files, seed: Number.parseInt(commit.slice(0, 7), 16) || 1 };
}

function again(where: string, seed: string | undefined): string {
  const [path = "", name = ""] = where.split(" > ");
  const of = seed === undefined ? "" : `--seed=${seed} `;
  return `${of}${path} -t '${name.replaceAll("'", `'\\''`)}'`;
}

async function runTests(args: readonly string[], reports: string): Promise<number> {
  const bootstrap = join(root, "tools/bootstrap.mjs");
  const child = spawn(process.execPath, [bootstrap, "test", ...args], {
    cwd: root,
    env: { ...process.env, LAV_TEST_REPORTS: reports },
    stdio: "inherit",
  });
  test = child;
  return await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

function loopForever(): ChildProcess {
  return spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
}

function idle(): void {
  for (const loop of busy.splice(0)) loop.kill("SIGKILL");
}

/** What the reports of a turn say has failed, with the seed that a property of fast-check names. */
function failures(reports: string): Turn["failed"] {
  return ["unit", "real", "stack", "sandbox", "matrix"].flatMap((project) => {
    const file = join(reports, `${project}.json`);
    if (!existsSync(file)) return [];
    const { testResults } = JSON.parse(readFileSync(file, "utf8")) as {
      testResults: {
        name: string;
        assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
      }[];
    };
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === "failed")
        .map(({ fullName, failureMessages }) => {
          const seed = /seed[":= ]+(-?\d+)/.exec(failureMessages?.join("\n") ?? "")?.[1];
          const where = `${name.replace(`${root}/`, "")} > ${fullName}`;
          return seed === undefined ? { where } : { where, seed };
        }),
    );
  });
}
