import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { byHandText } from "../../src/plan/by-hand.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planText } from "../../src/plan/print.ts";
import { planRows } from "../../src/plan/rows.ts";
import { plannedText } from "./planned.ts";

const head = "runbook: r\n";

async function plan(
  text: string,
  given: Readonly<Record<string, unknown>> = {},
  environment?: string,
): Promise<Plan> {
  const made = await plannedText(head + text, given, environment);
  if (!made.ok) throw new Error(made.failure.map(diagnosticText).join("\n"));
  return made.value;
}

describe("items that are known before the run", () => {
  const queues = (list: string): string =>
    `diagnose:\n  - id: len\n    foreach: ${list}\n    redis.read: [LLEN, "\${item}"]\n`;

  test("have a command each by hand, and a line each in the plan", async () => {
    const made = await plan(queues("[a, b]"));
    expect(byHandText(made)).toContain(
      '# len: redis.read (read)\n# for each item of ["a","b"]\nredis-cli -h localhost -p 6379 LLEN a\nredis-cli -h localhost -p 6379 LLEN b\n',
    );
    expect(planText(made)).toContain(
      "    read redis.read: LLEN a on Redis at localhost:6379/0 [10s]\n    read redis.read: LLEN b on Redis at localhost:6379/0 [10s]\n    for each of",
    );
    expect(planRows(made, true)[0]?.command?.split("\n")).toHaveLength(2);
  });

  test("are counted in the plan after the fifth, and all there by hand", async () => {
    const made = await plan(queues("[a, b, c, d, e, f, g]"));
    expect(planText(made)).toContain("LLEN e on Redis at localhost:6379/0 [10s]\n    and 2 more, 7 in all\n");
    expect(planText(made)).not.toContain("LLEN f");
    expect(byHandText(made)).toContain("LLEN g\n");
  });

  test("name the store that a step speaks to, and a service's address", async () => {
    const made = await plan(
      "diagnose:\n  - foreach: [main, replica]\n    at: ${item}\n    postgres.ping:\n  - foreach: \"['gateway', 'desk']\"\n    http.get: ${platform.services[item].url}/healthz\n",
      {},
      "several",
    );
    const text = byHandText(made);
    expect(text).toContain("db1");
    expect(text).toContain("db2");
    expect(text).toContain(
      "curl -sS -i http://localhost:3000/healthz\ncurl -sS -i http://localhost:3004/healthz",
    );
    expect(text).not.toContain("‹");
    expect(planText(made)).not.toContain("‹item›");
  });

  test("have the steps of their group each", async () => {
    const made = await plan(
      "steps:\n  - id: each\n    foreach: [gateway, desk]\n    steps:\n      - service.restart: ${item}\n",
    );
    const text = byHandText(made);
    expect(text).toContain("# item gateway\n");
    expect(text).toContain("systemctl restart adaf-desk");
    expect(planText(made)).not.toContain("‹item›");
  });

  test("stay as they are written where only the run knows them", async () => {
    const made = await plan(
      'diagnose:\n  - id: all\n    redis.read: [SMEMBERS, q]\n  - needs: all\n    foreach: steps.all.reply\n    redis.read: [LLEN, "${item}"]\n',
    );
    expect(byHandText(made)).toContain("LLEN '‹item›'");
    expect(planText(made)).toContain("LLEN ‹item›");
  });
});

describe("by hand it says", () => {
  test("that a second person must agree first", async () => {
    const text = byHandText(
      await plan("steps:\n  - id: go\n    approvers: 2\n    service.restart: gateway\n"),
    );
    expect(text).toMatch(/^# go: .*\n# a second person must agree first\ndocker/m);
  });

  test("how long to try again, and until what", async () => {
    const text = byHandText(
      await plan(
        "diagnose:\n  - redis.ping:\n    retry: { every: 2s, within: 1m, until: latency < duration('5ms') }\n",
      ),
    );
    expect(text).toContain(
      "# try again every 2s until Redis answers, and is not loading and latency < duration('5ms'), for at most 1m\n",
    );
  });

  test("which findings must hold, how soon and for how long", async () => {
    const text = byHandText(
      await plan(
        "diagnose:\n  - id: up\n    redis.ping:\nresolve:\n  - rung: again\n    steps:\n      - service.restart: gateway\n    verify: { findings: [up], within: 2m, hold: 30s, every: 5s }\n",
      ),
    );
    expect(text).toContain(
      "# then repeat the diagnosis until up holds within 2m and for 30s, measured every 5s\n",
    );
  });

  test("the value of a parameter that is compared with", async () => {
    const text =
      "params:\n  most: { type: integer, default: 500 }\n  age: { type: duration, default: 90500ms }\ndiagnose:\n  - redis.read: [LLEN, q]\n    expect: count <= params.most && elapsed < params.age\n";
    expect(byHandText(await plan(text, { most: 7 }))).toContain(
      "(params.most = 7, params.age = 1m30s500ms)\n",
    );
  });
});
