import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { innerPlan, shownArgs, stepsIn, type Plan } from "../../src/plan/plan.ts";
import { byHandText } from "../../src/plan/by-hand.ts";
import { planText } from "../../src/plan/print.ts";
import { plannedText } from "./planned.ts";

async function plan(
  text: string,
  given: Readonly<Record<string, unknown>> = {},
  environment?: string,
): Promise<Plan> {
  const made = await plannedText(text, given, environment);
  if (!made.ok) throw new Error(made.failure.map(diagnosticText).join("\n"));
  return made.value;
}

async function said(text: string): Promise<string> {
  const made = await plannedText(text);
  return made.ok ? "" : made.failure.map(diagnosticText).join("\n");
}

const head = "runbook: r\n";

describe("a plan that cannot be made", () => {
  test("names a service the platform has not", async () => {
    expect(await said(`${head}service: market-sentinal\ndiagnose:\n  - redis.ping:\n`)).toBe(
      [
        "r.yaml:2:10: /lav/platform.yaml has no service market-sentinal (did you mean market-sentinel?)",
        "  2 | service: market-sentinal",
        "    |          ^^^^^^^^^^^^^^^",
        "  It has gateway, market-sentinel, risk-warden, executioner, desk, provider.",
      ].join("\n"),
    );
  });
});

describe("a plan", () => {
  test("says which environment it is for, loudly when it is production", async () => {
    const text = planText(await plan(`${head}diagnose:\n  - redis.ping:\n`, {}, "production"));
    expect(text.split("\n")[1]).toBe(
      "platform lav-adaf PRODUCTION, environment production, from /lav/platform.yaml",
    );
  });

  test("fills in what is known and marks the rest", async () => {
    const made = await plan(
      `${head}params:\n  n: { type: integer, default: 5 }\ndiagnose:\n  - id: p\n    redis.ping:\n  - needs: p\n    http.get: http://h/\${params.n}/\${steps.p.latency}/\${now}\n`,
      { n: 7 },
    );
    const [, step] = [...stepsIn(made.runbook.diagnose, made)];
    expect(step && shownArgs(step.step, step.inner)["url"]).toBe("http://h/7/‹steps.p.latency›/‹now›");
  });

  test("says what will be refused with the values that are known", async () => {
    const url = "diagnose:\n  - id: p\n    redis.ping:\n  - needs: p\n    http.get: http://h/${params.n}/x\n";
    const text = `${head}params:\n  n: { type: string, default: "5" }\n${url}`;
    expect(planText(await plan(text, { n: "" }))).toContain(
      "read http.get: GET http://h//x [10s]\n    will be refused: an empty value would lead to another path",
    );
    await expect(plan(text, { n: ".." })).rejects.toThrow('".." in its path would lead to another path');
    expect(planText(await plan(text))).not.toContain("refused");
  });

  test("keeps control characters away from the terminal, and a title's newline out of the commands", async () => {
    const made = await plan(
      `${head}diagnose:\n  - title: "x\\nreboot"\n    sql.query: "SELECT 'a\\u001b[2Jb'"\n`,
    );
    expect(planText(made)).toContain("a␛[2Jb");
    expect(byHandText(made)).not.toMatch(/^reboot/m);
  });

  test("sees an included runbook with that one's names", async () => {
    const made = await plan(`${head}params:\n  n: { default: x }\ndiagnose:\n  - redis.ping:\n`);
    const group = {
      type: "include",
      id: "g",
      title: undefined,
      why: undefined,
      when: undefined,
      needs: [],
      tolerate: undefined,
      params: {},
      runbook: made.runbook,
      items: made.runbook.diagnose,
      span: { start: 0, end: 0 },
    } as const;
    expect(innerPlan(group, made).names["params"]).toEqual({ n: "x" });
  });
});

test("no plan and no command ever shows a secret: there is none in reach", async () => {
  const written = `${head}secrets: [EMERGENCY_TOKEN]
steps:
  - http.post: { url: http://h/x, headers: { Authorization: "Bearer \${secrets.EMERGENCY_TOKEN}", X: "\${secrets.EMERGENCY_TOKEN}!" } }
`;
  const made = await plan(written);
  for (const text of [planText(made), byHandText(made)]) expect(text).not.toContain("${secrets");
  expect(byHandText(made)).toContain('"Authorization: Bearer $EMERGENCY_TOKEN"');
  const places = fc.constantFrom(
    "title: a ${secrets.T}",
    "http.get: http://h/${secrets.T}",
    "finding: ${secrets.T}",
    "why: ${secrets.T}",
    "expect: secrets.T == ''",
    "when: secrets.T == ''",
    "save: { x: secrets.T }",
    "retry: { until: secrets.T == '' }",
    "foreach: '[secrets.T]'",
    'needs: ["${secrets.T}"]',
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(places, { minLength: 1, maxLength: 3 }), async (lines) => {
      const verb = lines.some((line) => line.startsWith("http.get")) ? [] : ["redis.ping:"];
      const text = `${head}secrets: [T]\ndiagnose:\n  - ${[...verb, ...lines].join("\n    ")}\n`;
      await expect(plannedText(text)).rejects.toThrow(/a secret is not allowed here|is never interpolated/);
    }),
    { numRuns: 40 },
  );
});
