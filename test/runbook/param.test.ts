import { describe, expect, test } from "vitest";
import { readParam } from "../../src/runbook/parse-params.ts";
import type { Param } from "../../src/runbook/runbook.ts";
import { linted, read } from "./lint.ts";

const runbook = `runbook: r
params:
  regime: { enum: [RISK_OFF, CRISIS], default: RISK_OFF, ask: Which regime }
  count: { type: integer, min: 1, max: 10 }
  rate: { type: number, default: 0.5 }
  force: { type: boolean, default: false }
  hold: { type: duration, default: 1h }
  free: {}
  queues: { type: list, default: [orders, mail] }
  modes: { type: list, of: string, enum: [fast, slow], default: [slow] }
  ports: { type: list, of: integer, default: [6379] }
  waits: { type: list, of: duration, default: [1m] }
  limits: { type: map, default: { orders: 100 } }
diagnose:
  - redis.ping:
`;

async function param(name: string): Promise<Param> {
  const found = (await read(runbook)).params.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no parameter ${name}`);
  return found;
}

describe("what an operator gives for a parameter", () => {
  test.each<[string, string, unknown]>([
    ["regime", "CRISIS", "CRISIS"],
    ["count", "10", 10],
    ["rate", "-0.25", -0.25],
    ["force", "true", true],
    ["hold", "1h30m", 5_400_000],
    ["free", "a=b ${not.filled}", "a=b ${not.filled}"],
    ["free", "", ""],
    ["queues", "a", ["a"]],
    ["queues", "a, b,c=d", ["a", "b", "c=d"]],
    ["queues", '["a,b", ""]', ["a,b", ""]],
    ["modes", "fast,slow", ["fast", "slow"]],
    ["ports", "80,443", [80, 443]],
    ["ports", "[80]", [80]],
    ["waits", "30s,1h", [30_000, 3_600_000]],
    ["limits", '{"a": 3, "b": {"c": [true]}}', { a: 3, b: { c: [true] } }],
  ])("%s=%s is read", async (name, given, value) => {
    expect(await readParam(await param(name), given)).toEqual({ ok: true, value });
  });

  test.each([
    ["regime", "CRISES", 'must be one of RISK_OFF, CRISIS, and is "CRISES" (did you mean CRISIS?)'],
    ["count", "0", "must be at least 1, and is 0"],
    ["count", "11", "must be at most 10, and is 11"],
    ["count", "1.5", "must be a whole number, and is 1.5"],
    ["count", "1e3", 'must be a whole number, and is "1e3"'],
    ["count", "", 'must be a whole number, and is ""'],
    ["count", "0x10", 'must be a whole number, and is "0x10"'],
    ["count", "99999999999999999999", 'must be a whole number, and is "99999999999999999999"'],
    ["rate", "half", 'must be a number, and is "half"'],
    ["force", "yes", 'must be true or false, and is "yes"'],
    ["queues", "", "must have at least 1 in its list"],
    ["queues", '["a"', 'must be a list, and is "[\\"a\\""'],
    ["modes", "fsat", 'must be one of fast, slow, and is "fsat" (did you mean fast?)'],
    ["ports", "80,x", 'must be a whole number, and is "x"'],
    ["limits", "a=3", 'must be a map, and is "a=3"'],
    ["ports", "99999999999999999999", 'must be a whole number, and is "99999999999999999999"'],
    ["ports", "[9007199254740993]", "has 9007199254740993, which no number holds exactly; put it in quotes"],
    [
      "limits",
      '{"a": {"b": 9007199254740993}}',
      "has 9007199254740993, which no number holds exactly; put it in quotes",
    ],
    [
      "limits",
      '{"a": 1, "a": 2}',
      'has no value: the key "a" is there twice in its JSON, with different values (line 1, column 11)',
    ],
    ["limits", "[1]", 'must be a map, and is "[1]"'],
    ["hold", "1 hour", 'must be a duration such as 30s or 1h30m, and is "1 hour"'],
  ])("%s=%s is refused", async (name, given, why) => {
    expect(await readParam(await param(name), given)).toEqual({ ok: false, failure: why });
  });
});

test("defaults are values of their type; none is none", async () => {
  const { params } = await read(runbook);
  expect(Object.fromEntries(params.map(({ name, default: value }) => [name, value]))).toEqual({
    regime: "RISK_OFF",
    count: undefined,
    rate: 0.5,
    force: false,
    queues: ["orders", "mail"],
    modes: ["slow"],
    ports: [6379],
    waits: [60_000],
    limits: { orders: 100n },
    hold: 3_600_000,
    free: undefined,
  });
});

test.each([
  [
    "{ type: integr }",
    'type must be one of string, integer, number, boolean, duration, list, map, and is "integr"',
  ],
  ["{ enum: [a], default: b }", 'the default of p must be one of a, and is "b"'],
  ["{ enum: [] }", "enum must have at least 1 in its list"],
  ["{ type: duration, default: 90 }", "the default of p must be a duration such as 30s or 1h30m, and is 90"],
  ["{ default: }", "the default of p must be text, and is empty"],
  ["{ type: string, max: 5 }", "max does not limit a parameter of type string"],
  ['{ default: "${params.q}" }', "p is read before anything runs, so ${…} is not allowed"],
  ["[]", "p must be a map of its fields"],
])("a parameter described %s", async (described, message) => {
  const said = await linted(`runbook: r\nparams:\n  p: ${described}\ndiagnose:\n  - redis.ping:\n`);
  expect(said.split("\n")[0]?.replace(/^r\.yaml:\d+:\d+: /, "")).toBe(message);
});
