import { prepareMachine } from "./prepare.ts";

/** Before the real project: what it needs is on the machine. */
export default async function setup(): Promise<void> {
  const problem = await prepareMachine((line) => process.stderr.write(`${line}\n`));
  if (problem !== undefined) throw new Error(problem);
}
