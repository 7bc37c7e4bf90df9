import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Files that use the Docker Engine say so in their imports: they share it. */
const root = fileURLToPath(new URL(".", import.meta.url));
const onStack = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".real.test.ts"))
  .filter((path) =>
    /from "[^"]*\/(?:shared|stack|engine|remove)\.ts"/.test(readFileSync(`${root}test/${path}`, "utf8")),
  )
  .map((path) => `test/${path}`);
const real = "test/**/*.real.test.ts";
const patience = { testTimeout: 120_000, hookTimeout: 180_000, expect: { poll: { timeout: 20_000 } } };

// Three projects: what needs no services; what starts PostgreSQL, Redis or Kafka for itself; and what runs
// on the platform in containers.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [real],
          globalSetup: ["tools/built.ts"],
          // Against what hangs, not against what is slow: some start the program a dozen times.
          testTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
          // Most of these wait for a program or a server of their own: one worker leaves a core idle.
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...patience,
          name: "real",
          include: [real],
          exclude: onStack,
          globalSetup: ["tools/machine.ts"],
          // Services on two cores: files side by side would only make each other late.
          fileParallelism: false,
        },
      },
      {
        test: {
          ...patience,
          name: "stack",
          include: onStack,
          globalSetup: ["tools/machine.ts", "tools/built.ts", "tools/stacks.ts"],
          // Against what hangs: a ladder of four rungs at a terminal takes minutes on a busy machine.
          testTimeout: 300_000,
          // Each worker brings up a stack of its own. These files mostly wait, for containers and for findings.
          maxWorkers: 3,
        },
      },
    ],
  },
});
