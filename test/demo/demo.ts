// `npm run demo`: the real stack, a broken Market Sentinel, and the runbook that mends it; then an incident.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../../tools/places.ts";
import type { Fault } from "../../sandbox/faults.ts";
import { removeStack } from "../../sandbox/remove.ts";
import { stackUp, type Stack } from "../../sandbox/stack.ts";
import { nobodyWrites } from "../cli/still-writing.ts";
import { channelsFor } from "./channels.ts";
import { incidentAct } from "./incident-act.ts";

const faults: Readonly<Record<string, { readonly says: string; readonly fault: Fault }>> = {
  crash: { says: "Market Sentinel crashes", fault: { fault: "crash", until: "restart" } },
  hang: { says: "Market Sentinel hangs", fault: { fault: "hang", until: "restart" } },
  corrupt: {
    says: "a file inside Market Sentinel's container is damaged: a restart will not be enough",
    fault: { fault: "corrupt", until: "recreate" },
  },
};

/** Its own: a stack that somebody brought up to try things on is another. */
const project = "lav-demo";

const { values } = parseArgs({
  options: { fault: { type: "string", default: "crash" }, keep: { type: "boolean", default: false } },
});
const chosen = Object.hasOwn(faults, values.fault) ? faults[values.fault] : undefined;
if (chosen === undefined) {
  say(`there is no fault ${values.fault}; there are ${Object.keys(faults).join(", ")}`);
  process.exit(2);
}

// Whatever ends the demonstration, the stack comes down. A Ctrl-C also reaches lav-ir, from the terminal.
let stopped: NodeJS.Signals | undefined;
const stop = new AbortController();
let running: ChildProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopped === undefined && running === undefined) say("Stopping; first the stack comes down …");
    stopped = signal;
    stop.abort();
    if (signal !== "SIGINT") running?.kill("SIGTERM");
  });
}
try {
  const stack = await stackUp({ project, log: (line) => say(`  ${line}`) });
  if (stopped === undefined) await stack.reset();
  if (stopped === undefined) process.exitCode = await demonstrate(stack, chosen);
} catch (error) {
  say(`The demonstration ends here: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
if (values.keep) say(`The stack stays up; npm run stack -- down --project ${project} ends it.`);
else {
  say("Taking the stack down …");
  await removeStack(project, () => {});
}
if (stopped !== undefined && process.exitCode === undefined)
  process.exitCode = 128 + constants.signals[stopped];

async function demonstrate(up: Stack, { says, fault }: { says: string; fault: Fault }): Promise<number> {
  const state = join(root, ".stack", "demo-state");
  // Incidents of an earlier demonstration would be open still, and this one's would be one of several.
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state, { mode: 0o700 });
  const platformFile = join(state, "platform.yaml");
  await using channels = await channelsFor(up.platformFile, platformFile);
  const desk = { ...up.env, ...channels.env, LAV_IR_CONFIG: platformFile, LAV_IR_STATE_DIR: state };
  const person = process.stdin.isTTY && process.stderr.isTTY;
  const types = async (...args: readonly string[]): Promise<number> => await lavIr(desk, args);

  say(`\nEverything is healthy. Now ${says}.`);
  await up.fault("market-sentinel", fault);
  try {
    const mended = await types("run", "market-sentinel-down", ...(person ? [] : ["--yes"]));
    if (mended !== 0 || stop.signal.aborted) return mended;
    return await incidentAct(types, channels, { person, say, state, stopped: stop.signal });
  } finally {
    // Where the demonstration was ended early, the incident is open, and somebody still sends for it.
    await nobodyWrites(state);
  }
}

/** lav-ir as an operator of this stack would have it in a shell. */
async function lavIr(desk: Readonly<Record<string, string>>, args: readonly string[]): Promise<number> {
  say(`\n$ lav-ir ${args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg)).join(" ")}`);
  const program = join(root, "bin", "lav-ir.js");
  const env = { ...process.env, ...desk };
  const child = spawn(process.execPath, [program, ...args], { env, cwd: root, stdio: "inherit" });
  running = child;
  return await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
