// `npm test`, `npm run stack|demo|bench`: whatever is missing is set up first, then the command itself
// runs. Plain JavaScript on Node alone, because it runs before any dependency is there.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { descendants, endAll } from "./tree.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What a machine needs: for the tests, or for a platform alone (see `Purpose` in prepare.ts). */
const current = { tests: true, compose: [2], kafka: ["4.1"] };
const older = { tests: true, compose: [1], kafka: ["3.9"] };
const platform = { tests: false, compose: [2], kafka: ["4.1"] };

/** The program of each command, and whether this call of it needs lav-ir built, and what of the machine. */
const commands = {
  test: { program: "tools/test.ts", built: true, needs: ofTests },
  matrix: { program: "tools/matrix.ts" },
  soak: {
    program: "tools/soak.ts",
    built: true,
    needs: ([what]) => (what === "incidents" ? undefined : current),
  },
  stack: { program: "sandbox/command.ts", built: false, needs: ofStack },
  demo: { program: "test/demo/demo.ts", built: true, needs: () => platform },
  picture: { program: "test/demo/picture.ts", built: true, needs: () => platform },
  screens: { program: "test/demo/screens.ts", built: true, needs: () => platform },
  reference: { program: "test/reference/write.ts", built: false },
  bench: { program: "bench/bench.ts", built: true },
  halts: { program: "test/halt/many.ts", built: true },
  "bench:diagnosis": { program: "bench/diagnosis.ts", built: true, needs: () => platform },
  "bench:kafka": { program: "bench/kafka-lag.ts", built: true },
  "bench:survey": { program: "bench/kafka-survey.ts", built: false },
  "bench:redaction": { program: "bench/redaction.ts", built: false },
};

/** What the built program is made by, besides its source. */
const builders = ["bin/load.js", "tools/build.mjs", "tools/compile.mjs", "tools/notices.mjs"];

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
if (command === undefined) {
  stop(2, `usage: node tools/bootstrap.mjs ${Object.keys(commands).join("|")} [arguments]`);
}
process.chdir(root);
// Until the command itself runs, which ends what it began: packages and programs that are being fetched.
const abandoned = async (signal, code) => {
  process.stderr.write(`${signal}: ending what was begun\n`);
  await endAll(descendants(process.pid));
  process.exit(code);
};
const interrupted = () => void abandoned("SIGINT", 130);
const terminated = () => void abandoned("SIGTERM", 143);
process.on("SIGINT", interrupted);
process.on("SIGTERM", terminated);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(2, `Node ${process.versions.node} is too old: 20.19 or newer is needed`);
}

if (newest("package-lock.json") > newest("node_modules/.package-lock.json")) {
  await step("npm ci", npm(), ["ci", "--no-progress"]);
}
if (command.built && newest("src", "package.json", ...builders) > newest("dist/main.js")) {
  await step("building", process.execPath, ["tools/build.mjs"]);
}
if (!existsSync(command.program)) stop(2, `${command.program} is not here yet`);

const { bundle } = await import("./bundle.mjs");
const purpose = command.needs?.(args);
if (purpose !== undefined) {
  const prepare = await bundle("tools/prepare.ts", root);
  const { prepareMachine } = await import(pathToFileURL(prepare).href);
  const problem = await prepareMachine(purpose, (line) => process.stderr.write(`${line}\n`));
  if (problem !== undefined) stop(2, problem);
}
const program = await bundle(command.program, root);
process.off("SIGINT", interrupted);
process.off("SIGTERM", terminated);
process.exitCode = await run(process.execPath, [program, ...args], "inherit");

/** Newest change under these paths, in milliseconds; 0 when nothing is there. */
function newest(...paths) {
  return Math.max(0, ...paths.map((path) => newestOf(join(root, path))));
}

function newestOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((entry) => newestOf(join(path, entry))));
}

/** A value that there is not is the command's own to refuse. */
function ofStack(args) {
  return args.includes("up") ? { ...platform, ...versions(args) } : undefined;
}

function ofTests(args) {
  if (onlyUnit(args)) return undefined;
  return { ...(args.includes("--matrix") ? older : current), ...versions(args) };
}

/** What `--compose` and `--kafka` choose. */
function versions(args) {
  const valueOf = (name) =>
    args.flatMap((arg, index) =>
      arg === name ? [args[index + 1]] : arg.startsWith(`${name}=`) ? [arg.slice(name.length + 1)] : [],
    )[0];
  return {
    ...(valueOf("--compose") === "1" ? { compose: [1] } : {}),
    ...(valueOf("--kafka") === "3.9" ? { kafka: ["3.9"] } : {}),
  };
}

function onlyUnit(args) {
  const given = args.flatMap((arg, index) =>
    arg === "--project" ? [args[index + 1]] : arg.startsWith("--project=") ? [arg.slice(10)] : [],
  );
  return given.length > 0 && given.every((project) => project === "unit");
}

/** The npm that runs this script, or the one on the path. */
function npm() {
  return process.env.npm_execpath?.endsWith(".js") === true ? process.env.npm_execpath : "npm";
}

/** A step of the set-up: says what it waits for, shows its output only when it fails. */
async function step(title, program, args) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  process.stderr.write(`${title} …\n`);
  const beat = setInterval(() => process.stderr.write(`${title} … ${seconds()}\n`), 10_000);
  const chunks = [];
  const code = program.endsWith(".js")
    ? await run(process.execPath, [program, ...args], "pipe", chunks)
    : await run(program, args, "pipe", chunks);
  clearInterval(beat);
  if (code !== 0) stop(2, `${Buffer.concat(chunks).toString()}${title} failed with exit code ${code}`);
  process.stderr.write(`${title}: ${seconds()}\n`);
}

/** Runs a program to its end, which has its own way with every signal: they are handed on. */
function run(program, args, output, chunks = []) {
  return new Promise((resolve) => {
    const input = output === "inherit" ? "inherit" : "ignore";
    const child = spawn(program, args, { stdio: [input, output, output] });
    // The set-up's own are ended with everything else.
    const handedOn = output === "inherit" ? ["SIGINT", "SIGTERM", "SIGHUP"] : [];
    const listeners = handedOn.map((signal) => [signal, () => child.kill(signal)]);
    for (const [signal, listener] of listeners) process.on(signal, listener);
    const { ppid } = process;
    const orphaned = setInterval(() => process.ppid !== ppid && child.kill("SIGTERM"), 1000).unref();
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => stop(2, `${program}: ${error.message}`));
    child.on("close", (code, signal) => {
      clearInterval(orphaned);
      for (const [signal, listener] of listeners) process.off(signal, listener);
      resolve(code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1));
    });
  });
}

function stop(code, message) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
