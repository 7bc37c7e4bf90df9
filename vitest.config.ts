import { defineConfig } from "vitest/config";

// Two projects: what needs no services, and what needs the machine's PostgreSQL, Redis, Kafka or Docker.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.real.test.ts"],
          globalSetup: ["test/setup/built.ts"],
          testTimeout: 20_000,
          // Most of these wait for a program or a server of their own: one worker leaves a core idle.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "real",
          include: ["test/**/*.real.test.ts"],
          globalSetup: ["test/setup/global.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Real services on two cores: files side by side would only make each other late.
          fileParallelism: false,
        },
      },
    ],
  },
});
