import { everyTest, prepareMachine } from "./prepare.ts";

/** Before tests that need services: what they need is brought to the machine. */
export default async function setup(): Promise<void> {
  const problem = await prepareMachine(everyTest, (line) => process.stderr.write(`${line}\n`));
  if (problem !== undefined) throw new Error(problem);
}
