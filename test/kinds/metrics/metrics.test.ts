import { describe, expect, test } from "vitest";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { metricsScrape } from "../../../src/kinds/metrics/metrics-scrape.ts";
import { readPage, readSample } from "../../../src/kinds/metrics/page.ts";
import { readSelector, ready, type ReadySelector } from "../../../src/kinds/metrics/selector.ts";
import { summary } from "../../../src/kinds/metrics/summary.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import { http } from "../../drivers/loopback.ts";
import { failure, value } from "../../drivers/results.ts";
import { args, context, where } from "../context.ts";
import { findingsOf } from "../network/findings.ts";

const forEver = new AbortController().signal;

async function selecting(written: Readonly<Record<string, string>>) {
  const all = new Map<string, ReadySelector>();
  for (const [name, one] of Object.entries(written)) {
    const read = readSelector(one);
    const made = read.ok ? await ready(read.value) : read;
    if (!made.ok) throw new Error(made.failure);
    all.set(name, made.value);
  }
  return all;
}

async function read(lines: readonly string[], select: Readonly<Record<string, string>>) {
  const page = await readPage(Buffer.from(lines.join("\n")), await selecting(select), forEver);
  if (page === undefined) throw new Error("it was not read to its end");
  return page;
}

describe("a selector", () => {
  test.each([
    ["up", { metric: "up", matchers: [] }],
    [" up{} ", { metric: "up", matchers: [] }],
    ['a:b{c="d"}', { metric: "a:b", matchers: [{ label: "c", operator: "=", value: "d" }] }],
    [
      'req{a=~\'5..\', b != `x\\n`,c!~"\\"",}',
      {
        metric: "req",
        matchers: [
          { label: "a", operator: "=~", value: "5.." },
          { label: "b", operator: "!=", value: "x\\n" },
          { label: "c", operator: "!~", value: '"' },
        ],
      },
    ],
  ])("%s is read", (written, selector) => {
    expect(readSelector(written)).toEqual({ ok: true, value: selector });
  });

  test.each([
    ["", 'has no metric; write NAME{label="value"}'],
    ['{job="a"}', 'has no metric; write NAME{label="value"}'],
    ["rate(req[5m])", 'is not a selector; write NAME{label="value"}, without functions or a range'],
    ["req[5m]", 'is not a selector; write NAME{label="value"}, without functions or a range'],
    ['req{a="b"', 'is not a selector; write NAME{label="value"}, without functions or a range'],
    ["req{a=b}", "cannot be read at a=b"],
    ['req{a="b" c="d"}', 'cannot be read at a="b" c="d"'],
    ['req{a="x"} or up{b="y"}', 'cannot be read at a="x"} or up{b="y"'],
  ])("%s is refused", (written, says) => {
    expect(readSelector(written)).toEqual({ ok: false, failure: says });
  });

  test("matches the whole value by RE2, and what is missing is empty", async () => {
    const all = await selecting({ a: 'm{s=~"5."}', b: 'm{s!~"5."}', c: 'm{t=""}', d: 'm{t!=""}' });
    const matching = (labels: Readonly<Record<string, string>>) =>
      [...all].flatMap(([name, { matches }]) => (matches(labels) ? name : [])).join("");
    expect(matching({ s: "50" })).toBe("ac");
    expect(matching({ s: "500" })).toBe("bc");
    expect(matching({ t: "x" })).toBe("bd");
    expect(await ready({ metric: "m", matchers: [{ label: "a", operator: "=~", value: "(?=x)" }] })).toEqual({
      ok: false,
      failure: "has a pattern that RE2 cannot read: (?=x)",
    });
  });
});

describe("a line", () => {
  test.each([
    ["m 1", { labels: {}, value: 1 }],
    ["m\t-1.5e-3\t1700000000000", { labels: {}, value: -0.0015 }],
    ['m{a="1",b="x, } y",} .5', { labels: { a: "1", b: "x, } y" }, value: 0.5 }],
    ['m{ a = "\\"\\\\\\n" } 2 ', { labels: { a: '"\\\n' }, value: 2 }],
    ["m{} +Inf", { labels: {}, value: Infinity }],
    ["m -inf\r", { labels: {}, value: -Infinity }],
    ['m_bucket{le="0.1"} 8 # {trace_id="a } b"} 0.07 1520879607.789', { labels: { le: "0.1" }, value: 8 }],
    ["m 3 1520879607.789 # {} 1", { labels: {}, value: 3 }],
  ])("%s is a sample", (line, sample) => {
    expect(readSample(line, /^\w+/.exec(line)?.[0].length ?? 0)).toEqual(sample);
  });

  test("NaN is one too", () => {
    expect(readSample("m NaN", 1)?.value).toBeNaN();
  });

  test.each([
    "m",
    "m ",
    "m x",
    "m 0x10",
    "m 1 2 3",
    "m{a=1} 2",
    'm{a="x" 1',
    'm{a="x"',
    'm{a="x"}1',
    "m{a} 1",
  ])("%s is none", (line) => {
    expect(readSample(line, 1)).toBeUndefined();
  });
});

describe("a page", () => {
  const lines = [
    "# HELP req Requests.",
    "# TYPE req counter",
    'req{status="200",route="/"} 100',
    'req{status="500",route="/"} 3',
    'req{status="503",route="/x"} 2',
    'req{status="bad} 2',
    'lag{q="a"} NaN',
    'lag{q="b"} 7',
    "temp +Inf",
    "# TYPE failed_total counter",
    "# TYPE lat histogram",
    "other 1",
    "",
    "<html>",
    "# EOF",
  ];

  test("gives the sums and series of its selectors, and counts what is in none", async () => {
    const page = await read(lines, {
      errors: 'req{status=~"5.."}',
      all: "req",
      teapots: 'req{status="418"}',
      lag: "lag",
      temp: "temp",
      failed: "failed_total",
      slow: 'lat_bucket{le="5"}',
      absent: "nothing_like_it",
    });
    expect(summary({ page, at: 0 }, undefined)).toEqual({
      sum: { errors: 5, all: 105, teapots: 0, lag: 7, failed: 0, slow: 0 },
      series: {
        errors: [
          { labels: { status: "500", route: "/" }, value: 3 },
          { labels: { status: "503", route: "/x" }, value: 2 },
        ],
        all: expect.any(Array) as unknown,
        teapots: [],
        lag: [{ labels: { q: "b" }, value: 7 }],
        temp: [],
        failed: [],
        slow: [],
      },
      unmeasured: 2,
      unreadable: 2,
    });
  });

  test("twice gives rates; a counter that fell and a series seen once have none", async () => {
    const select = { all: "req", quiet: 'req{status="418"}', late: "late", fell: 'req{s="fell"}' };
    const before = await read(['req{s="a"} 10', 'req{s="fell"} 9', 'req{s="gone"} 1', "x 1"], select);
    const page = await read(['req{s="a"} 30', 'req{s="fell"} 2', 'req{s="new"} 5', "late 4"], select);
    const { rate, series, unmeasured, sum } = summary({ page, at: 15_000 }, { page: before, at: 5000 });
    expect(rate).toEqual({ all: 2, quiet: 0 });
    expect(sum).toEqual({ all: 37, quiet: 0, late: 4, fell: 2 });
    expect(series["all"]).toEqual([
      { labels: { s: "a" }, value: 30, rate: 2 },
      { labels: { s: "fell" }, value: 2 },
      { labels: { s: "new" }, value: 5 },
    ]);
    // Of all: fell, new and gone; of fell and late one each.
    expect(unmeasured).toBe(5);
  });

  test("of many series has their sum, and no list", async () => {
    const many = Array.from({ length: 1001 }, (_, index) => `m{i="${index}"} 1`);
    const page = await read(many, { m: "m", few: 'm{i=~"1.."}' });
    const { sum, series } = summary({ page, at: 0 }, undefined);
    expect(sum).toEqual({ m: 1001, few: 100 });
    expect(Object.keys(series)).toEqual(["few"]);
  });

  test("ends with its signal, and a line without an end is none", async () => {
    const over = new AbortController();
    over.abort();
    expect(await readPage(Buffer.from("m 1\n"), await selecting({ m: "m" }), over.signal)).toBeUndefined();
    const endless = Buffer.alloc(3 * 1_048_576, 'm{a="');
    const page = await readPage(endless, await selecting({ m: "m" }), forEver);
    expect(page).toMatchObject({ samples: 0, unreadable: 1 });
  });

  test("of 50 MB is read in stretches, and its last line counts", async () => {
    const line =
      'http_server_requests_seconds_count{method="GET",outcome="SUCCESS",status="200",uri="/api/x"} 12345\n';
    const body = Buffer.concat([Buffer.alloc(50 * 1_048_576, line), Buffer.from("\nlast 7")]);
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const page = await readPage(body, await selecting({ last: "last" }), forEver);
    clearInterval(counting);
    expect(page?.found.get("last")?.size).toBe(1);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("metrics.scrape", () => {
  const clock: Clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };
  const run = async (given: Readonly<Record<string, unknown>>, more: Partial<Clock> = {}) =>
    await metricsScrape.execute(
      args(metricsScrape, { select: { m: "m" }, ...given }),
      context({ http: createHttp(), clock: { ...clock, ...more } }),
    );

  test("asks for text, with what the author gives, and waits between two looks", async () => {
    const asked: unknown[] = [];
    await using server = await http((request, response) => {
      asked.push([request.url, request.headers["authorization"], request.headers.accept?.slice(0, 24)]);
      response.end(`m ${asked.length * 10}\n`);
    });
    let time = 0;
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      time += 10_000_000;
      await Promise.resolve();
    };
    const given = { url: `${server.url}/metrics`, token: "t", over: 5000 };
    const { sum, rate } = value(await run(given, { monotonic: () => time, sleep })) as never as {
      sum: object;
      rate: { m: number };
    };
    expect(sum).toEqual({ m: 20 });
    expect(rate.m).toBeCloseTo(0.001);
    expect(slept).toEqual([5000]);
    expect(asked).toEqual([
      ["/metrics", "Bearer t", "text/plain;version=0.0.4"],
      ["/metrics", "Bearer t", "text/plain;version=0.0.4"],
    ]);
  });

  test("another page, another status and a page that is too long are no measurement", async () => {
    await using server = await http((request, response) => {
      if (request.url === "/html") response.end("<html>\n<p>log in</p>");
      else if (request.url === "/long") response.end("m 1\n".repeat(1000));
      else if (request.url === "/empty") response.end("");
      else response.writeHead(404).end();
    });
    const at = async (path: string) => failure(await run({ url: `${server.url}${path}`, max_bytes: 1024 }));
    expect(await at("/html")).toMatchObject({ type: "unreadable", message: "this is not a page of metrics" });
    expect(await at("/long")).toMatchObject({ type: "overflow", limit: 1024 });
    expect(await at("/gone")).toMatchObject({ type: "rejected", code: "404" });
    expect(value(await run({ url: `${server.url}/empty` }))).toMatchObject({ sum: {}, series: {} });
  });

  test("says why a sum is missing", async () => {
    await using server = await http((_request, response) => response.end("m NaN\nn 1\n"));
    const select = "select: { m: m, n: n, gone: gone }";
    const step = (expression: string) =>
      `metrics.scrape: { url: '${server.url}', ${select} }, expect: ${expression}`;
    const steps = ["sum.m > 0", "sum.gone > 0", "sum.n > 0"].map(step);
    expect(await findingsOf([metricsScrape], { http: createHttp() }, steps)).toEqual([
      ["unknown", "not measured: every value of m is NaN or infinite"],
      ["unknown", "not measured: the page has no metric for gone"],
      ["ok", "T"],
    ]);
  });

  test("is refused before anything is sent where it cannot be meant", async () => {
    const url = "http://127.0.0.1:1/metrics";
    const says = async (given: object) => failure(await run({ url, ...given }));
    expect(await says({ select: { m: "m{" } })).toMatchObject({ type: "argument", effect: "none" });
    expect(await says({ select: { m: 'm{a=~"("}' } })).toMatchObject({
      message: 'm{a=~"("} has a pattern that RE2 cannot read: (',
    });
    expect(await says({ over: 10_000 })).toMatchObject({
      message: "over is 10s, but the step ends after 10s",
    });
    expect(await says({ token: " " })).toMatchObject({ type: "argument" });
    expect(metricsScrape.check?.({ url, select: {} }, where)).toBe("select names nothing");
    expect(metricsScrape.check?.({ url, select: { "a-b": "m" } }, where)).toMatch(
      /^a-b in select is not a valid name/,
    );
    expect(metricsScrape.check?.({ url, select: { a: "‹params.x›{" } }, where)).toBeUndefined();
    expect(metricsScrape.check?.({ url: "x", select: { a: "m" } }, where)).toBe(
      "x is not an absolute http or https URL",
    );
  });
});
