import { changed } from "./changed.ts";
import { choose, parts } from "./matrix-plan.ts";
import { measureSlowness } from "./speed.ts";

// `node tools/bootstrap.mjs matrix SECONDS`: the parts of the matrix that a change touches and that the time lets
// run, a line each: its arguments for `npm test --`. What is left out is named on stderr.
const seconds = Number(process.argv[2] ?? 0);
const { run, left } = choose(parts, ({ paths }) => changed(...paths), seconds / (await measureSlowness()));
for (const { args } of run) process.stdout.write(`${args.join(" ")}\n`);
for (const { name, args } of left) {
  process.stderr.write(`left out for lack of time: ${name} (npm test -- ${args.join(" ")})\n`);
}
