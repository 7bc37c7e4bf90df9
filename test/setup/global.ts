import { removeTestStacks } from "../stack/shared.ts";
import { prepareMachine } from "./prepare.ts";

/**
 * Around the real project: before it, what it needs is brought to the machine and what a killed run left is
 * removed; after it, failed or not, nothing is left running. Stacks come up when a test asks for one.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const problem = await prepareMachine((line) => process.stderr.write(`${line}\n`));
  if (problem !== undefined) throw new Error(problem);
  await removeTestStacks();
  return removeTestStacks;
}
