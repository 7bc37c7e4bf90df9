// `npm run demo`: the real stack, a broken Market Sentinel, and the runbook that mends it.
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../setup/places.ts";
import { stackUp, type Fault, type Stack } from "../stack/stack.ts";

const faults: Readonly<Record<string, { readonly says: string; readonly fault: Fault }>> = {
  crash: { says: "Market Sentinel crashes", fault: { fault: "crash", until: "restart" } },
  hang: { says: "Market Sentinel hangs", fault: { fault: "hang", until: "restart" } },
  corrupt: {
    says: "a file inside Market Sentinel's container is damaged: a restart will not be enough",
    fault: { fault: "corrupt", until: "recreate" },
  },
};

const { values } = parseArgs({
  options: { fault: { type: "string", default: "crash" }, keep: { type: "boolean", default: false } },
});
const chosen = Object.hasOwn(faults, values.fault) ? faults[values.fault] : undefined;
if (chosen === undefined) {
  say(`there is no fault ${values.fault}; there are ${Object.keys(faults).join(", ")}`);
  process.exit(2);
}

// Ctrl-C goes to lav-ir, which asks or stops by itself; the stack still has to come down afterwards.
process.on("SIGINT", () => {});
const stack = await stackUp({ log: (line) => say(`  ${line}`) });
try {
  process.exitCode = await demonstrate(stack, chosen);
} finally {
  if (values.keep) say("The stack stays up; npm run stack -- down ends it.");
  else {
    say("Taking the stack down …");
    await stack.down();
  }
}

async function demonstrate(up: Stack, { says, fault }: { says: string; fault: Fault }): Promise<number> {
  await up.reset();
  say(`\nEverything is healthy. Now ${says}.`);
  await up.fault("market-sentinel", fault);
  const person = process.stdin.isTTY && process.stderr.isTTY;
  const args = ["run", "market-sentinel-down", ...(person ? [] : ["--yes"])];
  say(`\n$ lav-ir ${args.join(" ")}`);
  return await lavIr(up, args);
}

/** lav-ir as an operator of this stack would have it in a shell. */
async function lavIr(up: Stack, args: readonly string[]): Promise<number> {
  const env = {
    ...process.env,
    ...up.env,
    LAV_IR_CONFIG: up.platformFile,
    LAV_IR_STATE_DIR: join(root, ".stack", "demo-state"),
  };
  const program = join(root, "bin", "lav-ir.js");
  const child = spawn(process.execPath, [program, ...args], { env, cwd: root, stdio: "inherit" });
  return await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
