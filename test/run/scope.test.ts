import { describe, expect, test } from "vitest";
import { hasChanged } from "../../src/language/expression-problem.ts";
import { durationMs } from "../../src/language/expression.ts";
import { celOutputs, Scope } from "../../src/run/scope.ts";
import { defineKind } from "../../src/kinds/kind.ts";
import { fakeKind } from "./fakes.ts";

const kind = defineKind({
  ...fakeKind({}),
  outputs: {
    count: { type: "int", doc: "" },
    took: { type: "duration", doc: "" },
    rate: { type: "double", doc: "" },
    name: { type: "string", doc: "", optional: true },
  },
});

describe("outputs as expressions see them", () => {
  test("have their declared types", () => {
    const seen = celOutputs(kind, { count: 7, took: 1500, rate: 7, name: "x" });
    expect([seen["count"], durationMs(seen["took"]), seen["rate"], seen["name"]]).toEqual([7n, 1500, 7, "x"]);
  });

  test("that are missing stay missing, and what is not declared is not there", () => {
    expect(celOutputs(kind, { name: undefined, rate: null, other: 1 })).toEqual({});
  });
});

describe("the scope", () => {
  const scope = new Scope({ params: { a: 1n } }, { TOKEN: "hidden" }, () => new Date(5));

  test("has the fixed names, the steps so far, and the time", () => {
    scope.steps["one"] = { status: 200n };
    scope.vars["kept"] = 3n;
    expect(scope.names({ item: "x" })).toEqual({
      params: { a: 1n },
      steps: { one: { status: 200n } },
      vars: { kept: 3n },
      now: new Date(5),
      [hasChanged]: false,
      item: "x",
    });
  });

  test("keeps secrets out of expressions, and hands them to arguments", () => {
    expect(scope.names()).not.toHaveProperty("secrets");
    expect(scope.withSecrets()).toHaveProperty("secrets", { TOKEN: "hidden" });
  });

  test("of a group has its own steps and variables, and the same secrets", () => {
    const inner = scope.inner({ params: { b: 2n } });
    inner.steps["two"] = {};
    expect([inner.names()["steps"], inner.names()["vars"], inner.secrets]).toEqual([
      { two: {} },
      {},
      { TOKEN: "hidden" },
    ]);
    expect(scope.steps).not.toHaveProperty("two");
  });
});
