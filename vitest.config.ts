import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { DearestFirst } from "./tools/sequence.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const real = "test/**/*.real.test.ts";
const matrix = "test/**/*.matrix.test.ts";
/** What stands in for the platform, and is no part of the program: tested where it was changed. */
const sandbox = "test/sandbox/**/*.real.test.ts";
/** Of the project `real`, in the matrix: files with one of these words in their names. */
const only = new RegExp(process.env["LAV_TEST_ONLY"] ?? "");
/** How much slower than a quiet one the machine is (tools/speed.ts): bounds are against what hangs. */
const slowness = Number(process.env["LAV_TEST_SLOWNESS"] ?? 1);
const seconds = (count: number): number => Math.round(count * 1000 * slowness);

const files = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".real.test.ts") && !path.startsWith("sandbox/"))
  .map((path) => `test/${path}`);
/** Files that use the Docker Engine say so in their imports: they share it. */
const onStack = files.filter((path) =>
  /from "[^"]*\/(?:shared|stack|engine|remove)\.ts"/.test(readFileSync(`${root}${path}`, "utf8")),
);
const inReal = files.filter((path) => !onStack.includes(path) && only.test(path));
const inStack = onStack.filter((path) => !path.startsWith("test/drivers/") || only.test(path));

/** Nobody waits so long for what comes: these are there against what hangs, and a machine may become slow later. */
const patience = {
  testTimeout: seconds(300),
  hookTimeout: seconds(300),
  expect: { poll: { timeout: seconds(120) } },
};
const stacks = ["tools/machine.ts", "tools/built.ts", "tools/stacks.ts"];

export default defineConfig({
  test: {
    sequence: { sequencer: DearestFirst },
    projects: [
      // What needs no services.
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [real, matrix],
          globalSetup: ["tools/built.ts"],
          setupFiles: ["tools/properties.ts"],
          // Against what hangs, not against what is slow: some start the program a dozen times.
          testTimeout: seconds(120),
          expect: { poll: { timeout: seconds(40) } },
          // Most of these wait for a program or a server of their own: a worker for each core leaves them idle.
          maxWorkers: 3,
          // Files that share a worker share the modules that they import: reading those again for each file
          // took longer than most of the tests. So a test puts back what it changes of the process.
          isolate: false,
        },
      },
      // What starts PostgreSQL, Redis or Kafka for itself.
      {
        test: {
          ...patience,
          name: "real",
          include: inReal,
          globalSetup: ["tools/machine.ts", "tools/built.ts"],
          // Services on two cores: files side by side would only make each other late.
          fileParallelism: false,
        },
      },
      // What runs on the platform in containers.
      {
        test: {
          ...patience,
          name: "stack",
          include: inStack,
          globalSetup: stacks,
          // A ladder of four rungs at a terminal takes minutes on a busy machine.
          testTimeout: seconds(600),
          // Each worker brings up a stack of its own. These files mostly wait, for containers and for findings.
          maxWorkers: 3,
        },
      },
      // The stand-in platform itself: some of it on stacks, some as plain processes.
      {
        test: {
          ...patience,
          name: "sandbox",
          include: [sandbox],
          globalSetup: stacks,
          testTimeout: seconds(600),
          maxWorkers: 2,
        },
      },
      // What takes long and seldom changes.
      {
        test: {
          ...patience,
          name: "matrix",
          include: [matrix],
          globalSetup: stacks,
          testTimeout: seconds(900),
          fileParallelism: false,
        },
      },
    ],
  },
});
