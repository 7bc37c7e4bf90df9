import type { CollectorRow } from "../../src/evidence/bundle/rows.ts";
import { reportHtml, type Report } from "../../src/evidence/report/page.ts";

const start = Date.parse("2026-11-24T21:00:00Z");
const hostile = `<img src="http://evil.example/x" onerror="alert(1)">' & ${"long".repeat(40)} \u202E\u001B[2J`;

const logs = { path: "data/docker/a=b@c+d.log", kind: "text", seen: 100, kept: 50 } as const;

function row(id: string, more: Partial<CollectorRow>): CollectorRow {
  return {
    id,
    target: `${id} of the platform`,
    summary: "what it says",
    status: "ok",
    started: "2026-11-24T21:00:00.000Z",
    ended: "2026-11-24T21:00:01.000Z",
    mono: { started: 0, ended: 1000 },
    seen: 100,
    kept: 50,
    deadline: 5000,
    cap: 1000,
    files: [],
    ...more,
  };
}

/** A report with something in every part of it, and something hostile wherever a service has its say. */
export const example: Report = {
  snapshot: {
    schema: 1,
    id: "3fa9c1",
    name: "lav-ir-INC-2026-0001-20261124T210000Z-3fa9c1",
    tool: "lav-ir",
    version: "0.1.0",
    incident: "INC-2026-0001",
    actor: "ada",
    host: hostile,
    zone: "Europe/Berlin",
    since: "2026-11-24T20:30:00.000Z",
    started: "2026-11-24T21:00:00.000Z",
    ended: "2026-11-24T21:00:12.000Z",
    took: 12_000,
    clockStep: -3_600_000,
    platform: "lav-adaf",
    environment: "production",
    production: true,
    leftOut: ["dumps"],
    verdict: "partial",
    missing: [{ collector: "kafka", what: hostile, why: "it timed out after 5s" }],
    facts: [
      { collector: "host", type: "clock", source: "kafka 1", ahead: 420, uncertainty: 3 },
      { collector: "kafka", type: "measure", chart: "lag", name: hostile, value: 45_231, unit: "messages" },
      { collector: "kafka", type: "measure", chart: "lag", name: "executioner", value: 0, unit: "messages" },
      { collector: "postgres", type: "measure", chart: "connections", name: "active", value: 88, unit: "" },
      ...Array.from({ length: 12 }, (_, at) => ({
        collector: "http.gateway",
        type: "measure" as const,
        chart: "latency" as const,
        name: "gateway",
        value: 10 + ((at * 37) % 90),
        unit: "ms",
        at: new Date(start + at * 1000),
      })),
      {
        collector: "docker",
        type: "event",
        time: new Date(start - 60_000),
        source: "gateway",
        text: hostile,
        severity: "error",
      },
      {
        collector: "docker",
        type: "event",
        time: new Date(start - 30_000),
        source: "docker",
        text: "started",
      },
      {
        collector: "halts.records",
        type: "event",
        time: new Date(start - 20_000),
        source: "HALT-1",
        text: "halt.receipt PROVEN",
        severity: "warning",
      },
      { collector: "postgres", type: "finding", text: hostile },
      { collector: "host", type: "finding", text: "the disk of /var is full" },
    ],
    custody: "0".repeat(64),
    salvaged: null,
  },
  rows: [
    row("host", { target: hostile }),
    row("docker.logs", { target: hostile, status: "partial", why: hostile, files: [logs] }),
    row("http.gateway", {}),
    row("http.executioner", { status: "timeout", why: "timed out after 3 s" }),
    row("postgres", {}),
    row("kafka", { status: "denied", why: "the login was refused" }),
    row("redis", {}),
    row("halts.records", { status: "skipped", why: "nothing was halted in the window" }),
  ],
  redactions: [{ file: "data/docker/a=b@c+d.log", rule: "url", token: "‹secret:url:0aabadc7›", count: 3 }],
};

export const exampleHtml = reportHtml(example);
