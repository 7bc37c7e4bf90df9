// Keeps the compiled code of the built program, for the Node that runs this. V8 keeps what has been
// compiled, and compiles a function when it is first called: so the program does its work here once.
//
// It runs in this very process, loaded by the loader that starts will use: only then are its scripts at hand. So it must
// not end the process (start() only says that it is to end), must contact nobody (the platform is a server of this
// process, or a closed port), and what it prints is kept until something went wrong. A command that is started often and
// is slow belongs into the list; a chunk that no command needed is loaded without being run.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const { codeFolder, createLoader } = createRequire(import.meta.url)("../bin/load.js");
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const loader = createLoader(dist);
const shipped = fileURLToPath(new URL("../runbooks", import.meta.url));
const state = mkdtempSync(join(tmpdir(), "lav-ir-compile-"));
// To a halt it is an executioner and a venue in one, both of them halted.
const covers = { all: true, venues: [], strategies: [] };
const halted = {
  halted: true,
  halt_id: "H",
  instance: "i",
  since: new Date().toISOString(),
  scope: covers,
  stage: "halted",
};
const venue = {
  venue: "V",
  market: "open",
  halted: true,
  open_orders: 0,
  before: 0,
  cancelled: 0,
  refused: [],
};
const lists = { venues: [venue], orders: [], fills: [], boot: "b" };
// To a channel it is one that takes everything.
const server = createServer((_request, response) => response.end(JSON.stringify({ ...halted, ...lists })));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const runbook = join(state, "compile.yaml");
const url = `http://127.0.0.1:${server.address().port}/`;
writeFileSync(
  runbook,
  `runbook: compile\ntitle: Compile\nsteps:\n  - { id: get, http.get: "${url}", expect: status == 200 }\n`,
);
const platform = join(state, "platform.yaml");
writeFileSync(
  platform,
  `platform: compile\ncompose: { project: none, files: [none.yaml] }\ndocker: { host: "unix://${state}/none" }
postgres: { url: "postgres://127.0.0.1:1/none" }\nkafka: { brokers: ["127.0.0.1:1"] }
services: { executioner: "${url}", market-sentinel: "${url}" }\ntrading: { venues: "${url}" }
channels: { hook: { webhook: { address: "${url}" } } }
severities: { P1: { name: One, means: One, page: [hook] }, P3: { name: Three, means: Three, page: [] } }\n`,
);
const inState = ["--config", platform, "--state-dir", state];
const halt = ["halt-all", "--reason", "compile", "--yes", ...inState];
process.env.EMERGENCY_TOKEN = "none";
const { write } = process.stdout;
const said = [];
let done = false;
// Ended from within, nothing would be kept, and every start would be slow without a word.
process.on("exit", () => {
  if (!done) process.exitCode = 1;
});
for (const stream of [process.stdout, process.stderr]) stream.write = (text) => said.push(text) > 0;
const run = async (...args) => {
  if (process.exitCode) return;
  process.argv = [process.execPath, "lav-ir", ...args];
  // What it says of its end is for a process of its own.
  await loader.load(join(dist, "main.js")).start();
};
for (const args of [
  ["list"],
  ["lint", shipped, "--config", join(shipped, "platform.yaml")],
  ["show", "market-sentinel-down"],
  ["run", "market-sentinel-down", "--dry-run", "--config", platform],
  ["run", runbook, ...inState],
  halt,
  // The second time with what the first has kept.
  halt,
  // Pages nobody, so that no sender is started: it is an incident for the sender of this process to live for.
  ["declare", "P3", "compile", ...inState],
]) {
  await run(...args);
}
const sender = run("sender", ...inState);
await run("declare", "P1", "compile", "--wait", "10s", ...inState);
const failed = process.exitCode;
// It lives as long as an incident is open.
process.emit("SIGTERM");
await sender;
process.exitCode = failed;
process.stdout.write = write;
server.close();
rmSync(state, { recursive: true });
if (process.exitCode) process.stdout.write(said.join(""));
else {
  const chunks = join(dist, "chunks");
  for (const file of readdirSync(chunks).filter((name) => name.endsWith(".js")))
    loader.load(join(chunks, file));
  const folder = codeFolder(dist);
  mkdirSync(folder, { recursive: true });
  for (const [file, script] of loader.scripts) {
    const half = join(folder, `${basename(file)}.${process.pid}`);
    writeFileSync(half, script.createCachedData());
    renameSync(half, join(folder, basename(file)));
  }
}
done = true;
