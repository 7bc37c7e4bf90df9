import { removeTestStacks, resetsLine } from "../sandbox/shared.ts";

/**
 * Around the tests on stacks: before them, what a killed run left is removed; after them, failed or not,
 * nothing is left running. Stacks come up when a test asks for one.
 */
export default async function setup(): Promise<() => Promise<void>> {
  await removeTestStacks();
  return async () => {
    const line = resetsLine();
    if (line !== undefined) process.stderr.write(`${line}\n`);
    await removeTestStacks();
  };
}
