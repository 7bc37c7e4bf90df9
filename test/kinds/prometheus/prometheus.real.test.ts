import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { HttpProcess } from "../../../sandbox/http-server.ts";
import { startPrometheus } from "../../../sandbox/prometheus.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createPrometheus } from "../../../src/drivers/prometheus/prometheus.ts";
import { metricsScrape } from "../../../src/kinds/metrics/metrics-scrape.ts";
import { prometheusAlerts } from "../../../src/kinds/prometheus/prometheus-alerts.ts";
import { prometheusQuery } from "../../../src/kinds/prometheus/prometheus-query.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { Authority } from "../../drivers/authority.ts";
import { closedPort, http, type Loopback } from "../../drivers/loopback.ts";
import { failure, value } from "../../drivers/results.ts";
import { patience } from "../../patience.ts";
import { args, context } from "../context.ts";
import { findingsOf } from "../network/findings.ts";

// Debian's Prometheus, which scrapes a target that is served here, and one that is gone.

const many = Array.from({ length: 1001 }, (_, index) => `m{i="${index}"} 1`).join("\n");
const page = `errors_total{route="/"} 3\nerrors_total{route="/x"} 0\nnothing NaN\n${many}\n`;

/** Two series at any time, whatever was scraped. */
const two = '(label_replace(vector(1), "a", "x", "", "") or label_replace(vector(1), "a", "y", "", ""))';

const rules = `
groups:
  - name: test
    interval: 200ms
    rules:
      - alert: AlwaysOn
        expr: errors_total > 0
        labels: { severity: page }
        annotations: { summary: "{{ $labels.route }} has {{ $value }} errors" }
      - alert: NotYet
        expr: vector(1)
        for: 10h
        annotations: { description: it would }
      - alert: Quiet
        expr: vector(1) > 2
      - alert: Broken
        expr: ${two} + on() ${two}
      - record: recorded
        expr: vector(1)
`;

/** Against what hangs: what is waited for is what Prometheus has seen. */
const waiting = { timeout: patience, interval: 50 };

let targets: Loopback;
let prometheus: HttpProcess;

beforeAll(async () => {
  targets = await http((_request, response) => response.end(page));
  prometheus = await startPrometheus({
    files: { "rules.yml": rules },
    config: `
global: { scrape_interval: 200ms }
rule_files: [rules.yml]
scrape_configs:
  - job_name: api
    static_configs: [{ targets: ["127.0.0.1:${targets.port}"] }]
  - job_name: gone
    static_configs: [{ targets: ["127.0.0.1:${await closedPort()}"] }]
`,
  });
  await vi.waitFor(async () => {
    expect([await query("count(up)"), await query("sum(up)")]).toEqual([2, 1]);
  }, waiting);
});

afterAll(async () => {
  await prometheus.stop();
  await targets[Symbol.asyncDispose]();
});

const ports = (url = prometheus.url) => {
  const client = createHttp();
  return { http: client, prometheus: createPrometheus(url, client) };
};

async function asked(promql: string) {
  return await prometheusQuery.execute({ query: promql }, context(ports(), { timeout: patience }));
}

async function query(promql: string): Promise<unknown> {
  return value(await asked(promql))["value"];
}

async function startedWith(config: string, web?: string) {
  const server = await startPrometheus({ config, ...(web === undefined ? {} : { web }) });
  return { ...server, [Symbol.asyncDispose]: async () => await server.stop() };
}

describe("prometheus.query", () => {
  test("gives the value of a scalar and of one series, and every series with its labels", async () => {
    expect(value(await asked("scalar(vector(3)) + 0.5"))).toEqual({
      count: 1,
      series: [{ labels: {}, value: 3.5 }],
      value: 3.5,
      unmeasured: 0,
      infos: [],
    });
    expect(value(await asked("sort(sum by (route) (errors_total))"))).toEqual({
      count: 2,
      series: [
        { labels: { route: "/x" }, value: 0 },
        { labels: { route: "/" }, value: 3 },
      ],
      unmeasured: 0,
      infos: [],
    });
    expect(await query('errors_total{route="/"}')).toBe(3);
  });

  test("that finds nothing has no value, and not 0", async () => {
    expect(value(await asked("none_total"))).toEqual({ count: 0, unmeasured: 0, infos: [] });
    expect(await query("sum(none_total) or vector(0)")).toBe(0);
  });

  test("leaves out what is NaN or infinite, and counts it", async () => {
    expect(value(await asked("nothing"))).toEqual({ count: 0, unmeasured: 1, infos: [] });
    expect(value(await asked("vector(1) / 0"))).toMatchObject({ count: 0, unmeasured: 1 });
    // The one that is left is not the answer.
    const mixed = value(await asked('errors_total{route="/"} or nothing'));
    expect(mixed).toMatchObject({ count: 1, unmeasured: 1 });
    expect(mixed).not.toHaveProperty("value");
  });

  test.each([
    ["up[5m]", /^up\[5m\]: gives a range of values; write rate\(…\[5m\]\), or/],
    ['"text"', /gives a text, and no figure/],
    ["m", /^m: finds 1001 series, more than 1000; write sum by \(label\) \(…\), or topk\(20, …\)/],
    ["sum(", /rejected the request \(bad_data\): .*parse error: unclosed left parenthesis/],
    ["up + on() up", /rejected the request \(execution\): .*many-to-many matching not allowed/],
    ["rate(up)", /rejected the request \(bad_data\): .*expected type range vector/],
  ])("%s is refused with what to write, and is unknown", async (promql, says) => {
    const step = `prometheus.query: ${JSON.stringify(promql)}, expect: count > 0`;
    expect(await findingsOf([prometheusQuery], ports(), [step])).toEqual([
      ["unknown", expect.stringMatching(says)],
    ]);
  });

  test("a value in the query stays between its quotes", async () => {
    const promql = "'sum(errors_total{route=\"${item}\"}) or vector(0)'";
    const over = `foreach: ['/', '/"} or vector(9) #']`;
    const steps = [`${over}, prometheus.query: ${promql}, expect: value == 3`];
    expect(await findingsOf([prometheusQuery], ports(), steps)).toEqual([
      ["failed", expect.stringContaining("value is 0") as string],
    ]);
  });

  test("what the server warns of is unknown", async () => {
    const url = `http://127.0.0.1:${await closedPort()}/read`;
    await using partly = await startedWith(`remote_read: [{ url: "${url}", read_recent: true }]\n`);
    const only = context(ports(partly.url), { timeout: patience });
    expect(failure(await prometheusQuery.execute({ query: "up" }, only))).toMatchObject({
      type: "unreadable",
      message: expect.stringMatching(/^it warns that the answer may be incomplete: remote_read: /) as string,
    });
  });
});

describe("prometheus.alerts", () => {
  const read = async (names?: readonly string[]) =>
    await prometheusAlerts.execute(names === undefined ? {} : { names }, context(ports()));

  beforeAll(async () => {
    await vi.waitFor(async () => {
      expect(value(await read())).toMatchObject({
        firing: [{ name: "AlwaysOn" }],
        pending: [{ name: "NotYet" }],
        unhealthy: [{ why: expect.stringContaining("many-to-many") as string }],
      });
    }, waiting);
  });

  test("gives what fires and what is pending, and which rule cannot be evaluated", async () => {
    expect(value(await read())).toEqual({
      firing: [
        {
          name: "AlwaysOn",
          labels: expect.objectContaining({ severity: "page", route: "/", job: "api" }) as object,
          since: expect.any(Date) as Date,
          summary: "/ has 3 errors",
        },
      ],
      pending: [{ name: "NotYet", labels: {}, since: expect.any(Date) as Date, summary: "it would" }],
      rules: 4,
      unhealthy: [
        { name: "Broken", why: expect.stringMatching(/^cannot be evaluated: .*many-to-many/) as string },
      ],
    });
  });

  test("of names is about these, and one that nobody can say is unknown", async () => {
    const steps = [
      "prometheus.alerts: Quiet, expect: 'firing == [] && rules == 1'",
      "prometheus.alerts: [Quiet, AlwaysOn], expect: 'firing == []', finding: '${firing.map(a, a.summary)}'",
      "prometheus.alerts: AlwaysOf, expect: 'firing == []'",
      "prometheus.alerts: [Quiet, Broken], expect: 'firing == []'",
      "prometheus.alerts: , expect: 'firing.all(a, now - a.since < duration(\"10h\"))'",
    ];
    expect(await findingsOf([prometheusAlerts], ports(), steps)).toEqual([
      ["ok", "T"],
      ["failed", "/ has 3 errors"],
      ["unknown", `Prometheus at ${prometheus.url} has no alerting rule AlwaysOf; did you mean AlwaysOn?`],
      ["unknown", expect.stringMatching(/the rule Broken cannot be evaluated: .*many-to-many/)],
      ["ok", "T"],
    ]);
  });
});

test("its own page is one that metrics.scrape reads", async () => {
  const select = {
    queries: "prometheus_engine_queries",
    build: 'prometheus_build_info{version=~"2..*"}',
    buckets: 'prometheus_http_request_duration_seconds_bucket{le="+Inf"}',
  };
  const given = args(metricsScrape, { url: `${prometheus.url}/metrics`, select });
  expect(value(await metricsScrape.execute(given, context({ ...ports(), clock })))).toMatchObject({
    sum: { build: 1, queries: expect.any(Number) as number, buckets: expect.any(Number) as number },
    unmeasured: 0,
    unreadable: 0,
  });
});

const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };

test("TLS and a login, as the platform file has them", async () => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue();
  // The hash is of the word test.
  const web = `
tls_server_config: { cert_file: ${certFile}, key_file: ${keyFile} }
basic_auth_users: { ops: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay }
`;
  await using secured = await startedWith("{}", web);
  const url = secured.url.replace("http:", "https:");
  const asking = async (password?: string) => {
    const login =
      password === undefined ? {} : { login: { user: "ops", password: new Secret("P", password) } };
    const client = createHttp({ origins: new Map([[url, { tls: { ca: authority.ca }, ...login }]]) });
    const only = context({ prometheus: createPrometheus(url, client) }, { timeout: patience });
    return await prometheusQuery.execute({ query: "vector(7)" }, only);
  };
  expect(value(await asking("test"))).toMatchObject({ value: 7 });
  expect(failure(await asking("tset"))).toMatchObject({ type: "denied", message: "it answered 401" });
  expect(failure(await asking())).toMatchObject({ type: "denied" });
});
