import { attach } from "../../sandbox/stack.ts";
import { randomHalts } from "./random.ts";

// Halts with random faults on a stack that is up: `npm run halts -- 200 [--project NAME] [--seed N]`.
const [count = "200"] = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const seed = Number(option("--seed") ?? Date.now() % 1_000_000);
const stack = await attach(option("--project") ?? "lav");
const tally = await randomHalts(stack, Number(count), seed, (line) => process.stdout.write(`${line}\n`));
process.stdout.write(`${JSON.stringify({ seed, ...tally }, undefined, 2)}\n`);
process.exitCode = tally.broken.length === 0 ? 0 : 1;
