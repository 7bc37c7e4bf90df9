/** Other names of the four severities, as the platform file has them. */
import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { planText } from "../../src/plan/print.ts";
import { readPlatform } from "../../src/platform/load.ts";
import { severityNamed } from "../../src/platform/severity.ts";
import { readHead } from "../../src/runbook/head.ts";
import { linted } from "../runbook/lint.ts";
import { plannedText } from "./planned.ts";

const book = (severity: string): string => `runbook: r\nseverity: ${severity}\ndiagnose:\n  - kafka.ping:\n`;

test("a plan says what the name means here", async () => {
  const made = await plannedText(book("SEV1"), {}, "several");
  if (!made.ok) throw new Error(made.failure.map(diagnosticText).join("\n"));
  expect(planText(made.value).split("\n")[0]).toBe("r: r (SEV1, P0)");
});

test("one that the platform file has not is refused, at its place", async () => {
  const said = async (severity: string, environment?: string): Promise<string> => {
    const made = await plannedText(book(severity), {}, environment);
    return made.ok ? "" : made.failure.map(diagnosticText).join("\n");
  };
  expect(await said("SEV3", "several"))
    .toBe(`r.yaml:2:11: /lav/platform.yaml has no severity SEV3 (did you mean SEV1?)
  2 | severity: SEV3
    |           ^^^^
  It has P0, P1, P2, P3, SEV1, sev-2. Another is written severities: { SEV3: P1 }.`);
  expect((await said("SEV1")).split("\n")[0]).toBe("r.yaml:2:11: /lav/platform.yaml has no severity SEV1");
});

test("without a platform file any name will do, but for a P with another number", async () => {
  expect(await linted(book("SEV1"))).toBe("");
  expect(await linted(book("P4"))).toContain('severity must be one of P0, P1, P2, P3, and is "P4"');
  expect(await linted(book('"not one"'))).toContain(
    'severity must be one of P0, P1, P2, P3, and is "not one"',
  );
  expect(readHead(book("SEV1"))).toMatchObject({ severity: "SEV1" });
  expect(readHead(book("P4"))).toBeUndefined();
});

describe("in the platform file", () => {
  const read = (severities: string) =>
    readPlatform(
      { path: "p.yaml", text: `platform: x\nservices: {}\nseverities: ${severities}\n` },
      undefined,
      {},
    );

  test("any other key is another name for one of the four, beside their maps", () => {
    const platform = read("{ P0: { name: Worst }, SEV1: P0, critical: P0 }");
    if (!platform.ok) throw new Error(platform.failure.map(diagnosticText).join("\n"));
    const { severityNames, severities } = platform.value.incident;
    expect(severityNames).toEqual({ P0: "P0", P1: "P1", P2: "P2", P3: "P3", SEV1: "P0", critical: "P0" });
    expect(severities.P0.name).toBe("Worst");
    expect([severityNamed("sev1", severityNames), severityNamed("p2", severityNames)]).toEqual(["P0", "P2"]);
    expect(severityNamed("constructor", severityNames)).toBeUndefined();
  });

  test.each([
    [
      "a name for none of them",
      "{ SEV1: P4 }",
      'p.yaml:3:21: SEV1 must be one of P0, P1, P2, P3, and is "P4"',
    ],
    ["a fifth of them", "{ P4: P3 }", "p.yaml:3:15: P4 is not a valid name of a severity"],
    ["a map", "{ SEV1: { name: Worst } }", "p.yaml:3:21: SEV1 must be one of P0, P1, P2, P3, and is a map"],
    [
      "a name of several words",
      '{ "very bad": P0 }',
      "p.yaml:3:15: very bad is not a valid name of a severity",
    ],
  ])("%s is refused", (_what, severities, expected) => {
    const platform = read(severities);
    expect(platform.ok ? "" : diagnosticText(platform.failure[0] as never).split("\n")[0]).toBe(expected);
  });
});
