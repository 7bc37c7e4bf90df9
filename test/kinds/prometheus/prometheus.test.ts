import { describe, expect, test } from "vitest";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createPrometheus } from "../../../src/drivers/prometheus/prometheus.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { prometheusAlerts } from "../../../src/kinds/prometheus/prometheus-alerts.ts";
import { prometheusQuery } from "../../../src/kinds/prometheus/prometheus-query.ts";
import { closedPort, http } from "../../drivers/loopback.ts";
import { failure, value } from "../../drivers/results.ts";
import { context, where } from "../context.ts";
import { findingsOf } from "../network/findings.ts";

// What Debian's Prometheus cannot be made to say; prometheus.real.test.ts has the rest.

/** What a kind makes of an answer with this status and body, and what it asked for. */
async function answering(kind: Kind, body: unknown, { status = 200, given = {} as object } = {}) {
  const asked: URL[] = [];
  await using server = await http((request, response) => {
    asked.push(new URL(request.url ?? "", "http://h"));
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const prometheus = createPrometheus(`${server.url}/prom`, createHttp());
  const ended = await kind.execute({ query: "q", ...given }, context({ prometheus }));
  return { ended, asked };
}

const success = (data: unknown, more: object = {}) => ({ status: "success", data, ...more });
const vector = (...result: readonly unknown[]) => success({ resultType: "vector", result });

describe("an answer", () => {
  test("is asked for below the path of the address, with the step's deadline", async () => {
    const { asked } = await answering(prometheusQuery, vector());
    expect(asked.map(({ pathname }) => pathname)).toEqual(["/prom/api/v1/query"]);
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({ query: "q", timeout: "10000ms" });
  });

  test.each([
    [{ status: "error", errorType: "timeout", error: "query timed out" }, 503, "rejected", "query timed out"],
    ["<html>log in</html>", 200, "unreadable", "this is not Prometheus's HTTP API"],
    ["not found", 404, "rejected", "this is not an answer of Prometheus's HTTP API"],
    [{ status: "error" }, 500, "rejected", "this is not an answer of Prometheus's HTTP API"],
    ["{}", 403, "denied", "it answered 403"],
    ["null", 200, "unreadable", "this is not Prometheus's HTTP API"],
    [
      '{"status":"success","status":"error"}',
      200,
      "unreadable",
      'the key "status" is there twice in its JSON, with different values (line 1, column 22)',
    ],
    [success(null), 200, "unreadable", "its answer has no kind of result that is known"],
    [success({ resultType: "scalar" }), 200, "unreadable", "its scalar has no value"],
    [vector({ metric: {}, value: [1, "x"] }), 200, "unreadable", "one of its series has no value"],
    [vector(null), 200, "unreadable", "one of its series has no value"],
    [
      success({ resultType: "vector", result: [] }, { warnings: ["a", "b"] }),
      200,
      "unreadable",
      "it warns that the answer may be incomplete: a; b",
    ],
    [
      vector({ metric: {}, histogram: [1, { count: "3" }] }),
      200,
      "argument",
      "gives native histograms; write histogram_quantile(0.95, …), or histogram_count(…)",
    ],
  ])("%j with status %d is %s", async (body, status, type, message) => {
    const { ended } = await answering(prometheusQuery, body, { status });
    expect(failure(ended)).toMatchObject({ type, message });
  });

  test("brings remarks along, and infinities are no values", async () => {
    const series = [
      { metric: { a: "b" }, value: [1, "-Inf"] },
      { metric: { a: "c" }, value: [1, "1e3"] },
    ];
    const body = success({ resultType: "vector", result: series }, { infos: ["not a counter"] });
    expect(value((await answering(prometheusQuery, body)).ended)).toEqual({
      count: 1,
      series: [{ labels: { a: "c" }, value: 1000 }],
      unmeasured: 1,
      infos: ["not a counter"],
    });
  });

  test("of no Prometheus is its silence", async () => {
    const prometheus = createPrometheus(`http://127.0.0.1:${await closedPort()}`, createHttp());
    const ended = await prometheusQuery.execute({ query: "q" }, context({ prometheus }));
    expect(failure(ended)).toMatchObject({ type: "unreachable", cause: "refused" });
  });
});

describe("alerting rules", () => {
  const rule = (name: string, more: object = {}) => ({
    type: "alerting",
    name,
    health: "ok",
    alerts: [],
    ...more,
  });
  const alert = (state: string, activeAt: string, more: object = {}) => ({
    labels: { alertname: "A", q: activeAt.slice(11, 13) },
    annotations: {},
    state,
    activeAt,
    ...more,
  });
  const groups = (...rules: readonly object[]) =>
    success({ groups: [{ rules: rules.slice(0, 1) }, { rules: rules.slice(1) }] });

  test("one that was not evaluated yet is not healthy", async () => {
    const body = groups(rule("A"), rule("B", { health: "unknown" }), rule("C", { health: "err" }));
    expect(value((await answering(prometheusAlerts, body)).ended)).toEqual({
      firing: [],
      pending: [],
      rules: 3,
      unhealthy: [
        { name: "B", why: "has not been evaluated yet" },
        { name: "C", why: "cannot be evaluated: err" },
      ],
    });
    const named = await answering(prometheusAlerts, body, { given: { names: ["B"] } });
    expect(failure(named.ended)).toMatchObject({ message: "the rule B has not been evaluated yet" });
    expect(value((await answering(prometheusAlerts, body, { given: { names: ["A"] } })).ended)).toMatchObject(
      {
        rules: 1,
      },
    );
  });

  test("alerts are in the order of their age, of every rule of the name", async () => {
    const body = groups(
      rule("A", {
        alerts: [alert("firing", "2026-11-30T09:00:00Z"), alert("pending", "2026-11-30T08:00:00Z")],
      }),
      rule("A", {
        alerts: [alert("firing", "2026-11-30T07:00:00.5Z", { annotations: { description: "d" } })],
      }),
    );
    expect(value((await answering(prometheusAlerts, body, { given: { names: ["A"] } })).ended)).toMatchObject(
      {
        firing: [
          { name: "A", labels: { q: "07" }, since: new Date("2026-11-30T07:00:00.500Z"), summary: "d" },
          { name: "A", labels: { q: "09" }, summary: "" },
        ],
        pending: [{ labels: { q: "08" } }],
      },
    );
  });

  test("a Prometheus without any watches nothing, and is unknown", async () => {
    const recording = { type: "recording", name: "r", health: "ok" };
    for (const body of [groups(), groups(recording)]) {
      const { ended } = await answering(prometheusAlerts, body);
      expect(failure(ended)).toMatchObject({
        type: "missing",
        message: expect.stringMatching(/ has no alerting rules; is it the right one\?$/) as string,
      });
    }
  });

  test("an answer without groups is none", async () => {
    expect(failure((await answering(prometheusAlerts, success({}))).ended)).toMatchObject({
      type: "unreadable",
      message: "its answer has no groups of rules",
    });
  });
});

describe("a value that is missing says why", () => {
  const series = (...values: readonly string[]) =>
    vector(...values.map((one, index) => ({ metric: { i: `${index}` }, value: [1, one] })));

  test.each([
    [
      series(),
      /^not measured: the query finds no series\. A counter that has not counted yet has none: write \(… or vector\(0\)\) \/ …; is the target up\?$/,
    ],
    [series("NaN"), /^not measured: the query gives NaN or an infinity, as a division by nothing does$/],
    [
      series("1", "2"),
      /^not measured: the query finds 2 series and no one value; write sum\(…\), or read series$/,
    ],
  ])("%j", async (body, says) => {
    await using server = await http((_request, response) => response.end(JSON.stringify(body)));
    const prometheus = createPrometheus(server.url, createHttp());
    const step = "prometheus.query: q, expect: value > 1";
    expect(await findingsOf([prometheusQuery], { prometheus }, [step])).toEqual([
      ["unknown", expect.stringMatching(says)],
    ]);
  });
});

test("a platform file without one is refused before anything runs, and where that is too late", async () => {
  const { prometheus: _none, ...without } = where;
  const says = "the platform file has no prometheus; add prometheus: { url: http://host:9090 }";
  for (const kind of [prometheusQuery, prometheusAlerts]) {
    expect(kind.check?.({}, without)).toBe(says);
    expect(kind.check?.({}, where)).toBeUndefined();
    const ports = { prometheus: undefined } as never;
    expect(failure(await kind.execute({ query: "q" }, { ...context({}), ports }))).toMatchObject({
      type: "argument",
      message: says,
    });
  }
});
