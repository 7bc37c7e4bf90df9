import { expect, it } from "vitest";
import { readPlan } from "../../tools/test-plan.ts";

it("runs everything that is tested everywhere, the sandbox's own where it was changed", () => {
  expect(readPlan([])).toEqual({
    projects: ["unit", "real", "stack", "sandbox"],
    named: false,
    rest: [],
    env: {},
  });
});

it("takes projects, versions and files, in either spelling, and hands the rest on", () => {
  const args = [
    "--project=stack",
    "--project",
    "real",
    "--kafka=3.9",
    "--compose",
    "1",
    "a.test.ts",
    "-t",
    "x",
  ];
  expect(readPlan(args)).toEqual({
    projects: ["stack", "real"],
    named: true,
    rest: ["a.test.ts", "-t", "x"],
    env: { LAV_TEST_KAFKA: "3.9", LAV_TEST_COMPOSE: "1" },
  });
});

it("the matrix is the older Kafka and Compose, and what takes long", () => {
  expect(readPlan(["--matrix"])).toMatchObject({
    projects: ["real", "stack", "sandbox", "matrix"],
    named: true,
    env: { LAV_TEST_KAFKA: "3.9", LAV_TEST_COMPOSE: "1" },
  });
});

it.each([[["--project"]], [["--project", "stak"]], [["--kafka"]]])("refuses %j", (args) => {
  expect(readPlan(args)).toBeUndefined();
});
