import { chosen } from "../sandbox/chosen.ts";
import { prepareMachine } from "./prepare.ts";

/** Before tests that need services: what they need is brought to the machine. */
export default async function setup(): Promise<void> {
  const { kafka, compose } = chosen();
  // Of a broker that runs alone no classes are kept: that the tests' are, `npm test` sees to.
  const purpose = { tests: true, compose: [compose], kafka: [kafka] };
  const problem = await prepareMachine(purpose, (line) => process.stderr.write(`${line}\n`));
  if (problem !== undefined) throw new Error(problem);
}
