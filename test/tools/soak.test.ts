import { expect, it } from "vitest";
import { nextTurn, readSoak, table, turnArgs } from "../../tools/soak-plan.ts";

const file = "test/base/json.test.ts";
const random = { files: [file], seed: 100 };

it("runs the stack as often as it is told, half of it beside busy loops, and then each file", () => {
  const soak = readSoak(["4", file, "--times", "2"]);
  expect(soak).toEqual({ stack: 4, files: [file], times: 2, incidents: 0, properties: 0 });
  if (soak === undefined) return;
  const done: { what: string; busy: boolean }[] = [];
  for (let next = nextTurn(soak, done); next !== undefined; next = nextTurn(soak, done)) done.push(next);
  expect(done.map(({ what, busy }) => `${what} ${busy}`)).toEqual([
    "stack false",
    "stack true",
    "stack false",
    "stack true",
    `${file} false`,
    `${file} true`,
  ]);
});

it("goes on where it was stopped, and does nothing when all was done", () => {
  const soak = { stack: 2, files: [], times: 1, incidents: 0, properties: 0 };
  expect(nextTurn(soak, [{ what: "stack" }])).toEqual({ what: "stack", files: [], number: 2, busy: true });
  expect(nextTurn(soak, [{ what: "stack" }, { what: "stack" }])).toBeUndefined();
});

it("runs simulated incidents twenty at a time, each of a seed of its own", () => {
  const soak = readSoak(["incidents", "50"]);
  expect(soak).toEqual({ stack: 0, files: [], times: 1, incidents: 50, properties: 0 });
  if (soak === undefined) return;
  const done: { what: string }[] = [];
  const args: string[] = [];
  for (let next = nextTurn(soak, done); next !== undefined; next = nextTurn(soak, done)) {
    done.push(next);
    args.push(turnArgs(soak, next, random).slice(2, 4).join(" "));
  }
  expect(args).toEqual(["--incidents=20 --seed=1", "--incidents=20 --seed=21", "--incidents=10 --seed=41"]);
});

it("tries the properties of its files on cases that no turn before had", () => {
  const soak = readSoak(["properties", "2"]);
  if (soak === undefined) throw new Error("refused");
  const first = nextTurn(soak, []);
  const second = nextTurn(soak, [{ what: "properties" }]);
  expect([first, second].map((turn) => turn && turnArgs(soak, turn, random))).toEqual([
    ["--project", "unit", "--seed=101", file],
    ["--project", "unit", "--seed=102", file],
  ]);
  expect(nextTurn(soak, [{ what: "properties" }, { what: "properties" }])).toBeUndefined();
});

it.each([
  [["properties"]],
  [["incidents"]],
  [["incidents", "0"]],
  [["incidents", "3", "4"]],
  [[]],
  [["x"]],
  [["3", "--times", "0"]],
  [["3", "4"]],
  [["3", "--time", "2"]],
])("refuses %j", (args) => {
  expect(readSoak(args)).toBeUndefined();
});

it("says how it went, and which tests were red how often", () => {
  const turn = { what: "stack", files: [], number: 1, busy: false, code: 0, seconds: 10, failed: [] };
  const red = { ...turn, busy: true, code: 1, seconds: 30, failed: [{ where: "a.test.ts > b" }] };
  expect(table([turn, red, red])).toBe(
    [
      "                        turns  green  red  seconds",
      "stack                       1      1    0       10",
      "stack, processors busy      2      0    2       30",
      "2 × a.test.ts > b",
      "",
    ].join("\n"),
  );
});
