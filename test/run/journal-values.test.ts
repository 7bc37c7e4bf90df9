import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText } from "../../src/base/json.ts";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { keepOutputs, restoreOutputs } from "../../src/run/journal-values.ts";
import { cases } from "../cases.ts";

const redactor = createRedactor(["hunter2hunter2"]);

/** Through the journal and back. */
function kept(outputs: Readonly<Record<string, unknown>>): unknown {
  return restoreOutputs(JSON.parse(jsonText(keepOutputs(outputs, redactor))));
}

describe("outputs through the journal", () => {
  test("are the same again, with their types", () => {
    const outputs = {
      id: 9007199254740993n,
      half: 0.5,
      at: new Date("2026-01-02T03:04:05.006Z"),
      list: [1n, 1, "1", null, { $int: "7", $$: true }],
    };
    expect(kept(outputs)).toEqual(outputs);
  });

  test("whatever they hold", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string({ maxLength: 5 }),
        fc.constantFrom("$int", "$time", "$"),
        fc.bigInt(),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "$int", "$time", "$$int"), tie("any"), {
          maxKeys: 2,
          noNullPrototype: true,
        }),
      ),
    })).any;
    const holds = fc.property(value, (one) => {
      expect(kept({ one })).toStrictEqual({ one });
    });
    fc.assert(holds, cases(500));
  });

  test("with a secret in them, too long, too deep or not plain data, are left out", () => {
    let deep: unknown = 1n;
    for (let depth = 0; depth < 50_000; depth++) deep = [deep];
    const outputs = {
      secret: { said: "it is hunter2hunter2" },
      long: "x".repeat(70_000),
      deep,
      bytes: new Uint8Array([1]),
      nothing: undefined,
      not: Number.NaN,
      fine: "yes",
    };
    expect(kept(outputs)).toEqual({ fine: "yes" });
  });

  test("what no journal of ours would hold restores to nothing", () => {
    expect([restoreOutputs(undefined), restoreOutputs(7), restoreOutputs("x")]).toEqual([{}, {}, {}]);
  });
});
