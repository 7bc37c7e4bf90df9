import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { read } from "./lint.ts";

// faults 0.3: what lint says of a verification that may be meant, and refuses nothing for.

async function warned(text: string): Promise<string> {
  return (await read(text)).warnings.map(diagnosticText).join("\n");
}

const book = (verify: string, more = ""): string =>
  `runbook: r\n${more}diagnose: [{ redis.ping: }]\nresolve:\n  - rung: a\n    steps: [{ service.restart: x }]\n    verify: ${verify}\n`;

describe("stable, which counted looks", () => {
  test.each([
    ["{ stable: 3 }", "hold: 2s."],
    ["{ stable: 1 }", "hold: 0s."],
    ["{ every: 500ms, stable: 4 }", "hold: 1s500ms."],
    ["{ every: 2m, stable: 2 }", "hold: 2m."],
  ])("%s: %s", async (verify, hint) => {
    const column = 13 + verify.indexOf("stable");
    expect(await warned(book(verify))).toMatch(
      new RegExp(
        `^r\\.yaml:6:${column}: warning: stable is written as a time now\n[^]*\n  ${hint} lint --fix does.$`,
      ),
    );
  });

  test("hold says the same without a word", async () => {
    expect(await warned(book("{ hold: 2s }"))).toBe("");
  });
});

describe("a run that ends before its ladder has been verified", () => {
  test("is warned of, where its timeout is written", async () => {
    expect(await warned(book("{ within: 30s, hold: 30s }", "timeout: 45s\n"))).toBe(
      [
        "r.yaml:2:10: warning: the ladder's verifications alone may take 1m, but the run ends after 45s",
        "  2 | timeout: 45s",
        "    |          ^^^",
        "  timeout: 5m.",
      ].join("\n"),
    );
  });

  test("by the defaults of its parameters", async () => {
    const params = "timeout: 5m\nparams: { settle: { type: duration, default: 10m } }\n";
    expect(await warned(book('{ hold: "${params.settle}" }', params))).toContain("may take 10m30s");
    expect(await warned(book('{ hold: "${params.settle}" }', params.replace("10m", "1m")))).toBe("");
  });

  test("and without a timeout by the hour that every run has", async () => {
    expect(await warned(book("{ within: 50m, hold: 20m }"))).toMatch(
      /may take 1h10m, but the run ends after 1h/,
    );
    expect(await warned(book("{ within: 30m, hold: 30m }"))).toBe("");
  });
});

describe("sections in another order than they run in", () => {
  const head = "runbook: r\n";
  const [diagnose, steps, after] = ["diagnose", "steps", "after"].map((key) => `${key}: [redis.ping: ]\n`);

  test("are warned of at the first that runs earlier than it is written", async () => {
    expect(await warned(`${head}${after}${steps}${diagnose}`)).toBe(
      [
        "r.yaml:3:1: warning: steps runs earlier than it is written here",
        "  3 | steps: [redis.ping: ]",
        "    | ^^^^^",
        "  The order is diagnose, steps, after.",
      ].join("\n"),
    );
  });

  test("in their own order say nothing, whatever stands between", async () => {
    expect(await warned(`${head}${diagnose}title: x\n${steps}prevent: [y]\n${after}`)).toBe("");
  });
});

describe("what nothing reads", () => {
  const params =
    "params: { used: {}, most: { type: integer, default: 3 }, settle: { type: duration, default: 2s } }\n";
  const step = (more: string): string =>
    `diagnose: [{ id: a, http.get: "http://h/\${params.used}", ${more} }]\n`;
  const ladder = `resolve: [{ rung: r, steps: [{ service.restart: x }], verify: { hold: "\${params.settle}" } }]\n`;

  test("is warned of: a parameter, and what a step saves", async () => {
    const text = await warned(
      `runbook: r\n${params}${step("expect: status == 200, save: { n: status }")}${ladder}`,
    );
    expect(text.split("\n").filter((line) => /^(r\.|  [A-Z])/.test(line))).toEqual([
      "r.yaml:2:21: warning: nothing reads the parameter most",
      "  Write ${params.most}, or leave it out.",
      "r.yaml:3:92: warning: nothing reads vars.n",
      "  Leave the save out.",
    ]);
  });

  test("what is looked up by a name that is worked out may be any of them", async () => {
    const any = step("expect: 'params[body] == 3 || vars.n == 2', save: { n: status }");
    expect(await warned(`runbook: r\n${params}${any}`)).toBe("");
  });
});
