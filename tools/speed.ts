import { spawn } from "node:child_process";

/** Milliseconds in which a quiet machine of two cores starts Node twice at once. */
const usual = 70;
/** Times, of which the middle one counts. */
const times = 3;

/**
 * How much slower than a quiet machine of two cores this one is now: 1 when it is not. What bounds are multiplied
 * by, which are there against what hangs and not against what is slow.
 */
export async function measureSlowness(): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const begin = performance.now();
    await Promise.all([startNode(), startNode()]);
    taken.push(performance.now() - begin);
  }
  const middle = taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? usual;
  return Math.round(Math.min(20, Math.max(1, middle / usual)) * 10) / 10;
}

async function startNode(): Promise<void> {
  const child = spawn(process.execPath, ["-e", "0"], { stdio: "ignore" });
  await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
}
