import type { Failure } from "../../base/failure.ts";
import { shellLiteral } from "../../base/quote.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defaulted, duration, integer, map, object, optional, required, text } from "../../language/shape.ts";
import { shown, shownDuration } from "../format.ts";
import { curl } from "../http/http-curl.ts";
import { checkRequest, emptyToken, fullUrl, headersOf, requestFields } from "../http/http-request.ts";
import { defineKind, type DisplayArgs, type Kind, type Where, type KindContext } from "../kind.ts";
import { readSelector, ready, type ReadySelector } from "./selector.ts";
import { summary, type Scrape, type Summary } from "./summary.ts";

interface Args {
  readonly url: string;
  readonly select: Readonly<Record<string, string>>;
  readonly over?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly max_bytes: number;
}

const mebibyte = 1_048_576;
const { headers, token } = requestFields;
const url = required(
  text({ template: "url" }),
  "Absolute http or https URL; values in it are percent-encoded",
);

/** Each map has the names that the author gave the selectors. */
const keys = { argument: "select" } as const;

/** What is asked for: text without OpenMetrics's additions where the page can be had so. */
const accept = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1";

export const metricsScrape: Kind = defineKind<Args, Summary>({
  name: "metrics.scrape",
  summary: "Read a page of metrics without a Prometheus",
  doc: [
    "Reads a page in Prometheus's text format or OpenMetrics's. Each name in `select` stands for a selector as PromQL writes it: `select: { errors: 'req{status=~\"5..\"}', all: req }`, then `expect: sum.errors / sum.all < 0.01`. Patterns are RE2 and match the whole value.",
    "With `over` the page is read twice, and `rate` is by how much a selector's series grew each second in between. A counter that fell, or a series seen once, has no rate.",
    "A selector that finds no series sums to 0 when the page has its metric, and is missing when it has not. A NaN or infinite value is in no sum. Series that are left out of a sum or a rate are counted in `unmeasured`, and lines that are no samples in `unreadable`.",
    "The page is an instrument: silence, another status than 200, or a page longer than `max_bytes` is unknown.",
  ].join("\n\n"),
  effect: "read",
  reaches: "address",
  timeout: 60_000,
  args: object({
    url,
    select: required(
      map(text({ template: "quoted" })),
      "Selectors by a name of your own; a value in it is escaped for the quotes around it",
    ),
    over: optional(
      duration({ min: 100, max: 50_000 }),
      "Time between two looks at the page, for `rate`; less than the step's timeout",
    ),
    headers,
    token,
    max_bytes: defaulted(
      integer({ min: 1024, max: 256 * mebibyte }),
      64 * mebibyte,
      "Bytes of the page; a longer one is not read",
    ),
  }),
  outputs: {
    sum: { type: "map<string, dyn>", doc: "Sum of the values, by the selector's name", keys },
    series: {
      type: "map<string, dyn>",
      doc: "By the selector's name: a list of labels, value and, with `over`, rate; missing where there are more than 1000",
      keys,
    },
    rate: {
      type: "map<string, dyn>",
      doc: "Growth a second, by the selector's name; missing without `over`",
      optional: true,
      keys,
      takes: { argument: "over", says: "a rate takes two scrapes", write: "over: 10s" },
    },
    unmeasured: { type: "int", doc: "Series left out of a sum or a rate" },
    unreadable: { type: "int", doc: "Lines of the page that are no samples" },
  },
  missing: ([output, name], { series, rate }) => {
    if (output === "rate" && rate === undefined) return "a rate takes two scrapes; write over: 10s";
    if (name === undefined) return undefined;
    if (!Object.hasOwn(series, name) && output === "series")
      return `${name} finds more than 1000 series, or the page has no such metric`;
    if (output === "rate") return `no series of ${name} is in both scrapes without having fallen`;
    return Object.hasOwn(series, name)
      ? `every value of ${name} is NaN or infinite`
      : `the page has no metric for ${name}`;
  },
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: (args) => checkRequest(args) ?? checkSelectors(args["select"]),
  plan: (args) => {
    const over = args["over"] === undefined ? "" : `, twice ${shownDuration(args["over"])} apart`;
    const selected = Object.entries(selectorsOf(args["select"])).map(
      ([name, one]) => `${name}: ${shown(one)}`,
    );
    return `metrics.scrape: GET ${fullUrl(args)}${over}, ${selected.join(", ") || shown(args["select"])}`;
  },
  byHand: scrapeByHand,
  execute: async (args, context) => {
    const { ports, signal, timeout } = context;
    const { over } = args;
    const selectors = await readyAll(args.select);
    if (!selectors.ok) return fail(wrong(args, selectors.failure));
    if (over !== undefined && over >= timeout)
      return fail(
        wrong(args, `over is ${shownDuration(over)}, but the step ends after ${shownDuration(timeout)}`),
      );
    const first = await scrape(args, selectors.value, context);
    if (!first.ok || over === undefined) return first.ok ? ok(summary(first.value, undefined)) : first;
    await ports.clock.sleep(over, signal);
    const second = await scrape(args, selectors.value, context);
    return second.ok ? ok(summary(second.value, first.value)) : second;
  },
});

function selectorsOf(select: unknown): Readonly<Record<string, unknown>> {
  return typeof select === "object" && select !== null ? { ...select } : {};
}

function checkSelectors(select: unknown): string | undefined {
  const all = Object.entries(selectorsOf(select));
  if (typeof select === "object" && all.length === 0) return "select names nothing";
  for (const [name, written] of all) {
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      return `${name} in select is not a valid name; use lower-case letters, digits and _`;
    const said = shown(written);
    if (said.includes("‹")) continue;
    const read = readSelector(said);
    if (!read.ok) return `${said} ${read.failure}`;
  }
  return undefined;
}

async function readyAll(select: Args["select"]): Promise<Result<ReadonlyMap<string, ReadySelector>, string>> {
  const misread = checkSelectors(select);
  if (misread !== undefined) return fail(misread);
  const all = new Map<string, ReadySelector>();
  for (const [name, written] of Object.entries(select)) {
    const read = readSelector(written);
    const made = read.ok ? await ready(read.value) : read;
    if (!made.ok) return fail(`${written} ${made.failure}`);
    all.set(name, made.value);
  }
  return ok(all);
}

function wrong({ url: at }: Args, message: string): Failure {
  return { type: "argument", target: `metrics.scrape ${at}`, message, effect: "none" };
}

async function scrape(
  args: Args,
  selectors: ReadonlyMap<string, ReadySelector>,
  { ports, signal }: KindContext,
): Promise<Result<Scrape>> {
  const refused = checkRequest({ ...args }) ?? emptyToken(args);
  if (refused !== undefined) return fail(wrong(args, refused));
  const target = fullUrl({ ...args });
  const begun = ports.clock.monotonic();
  const reply = await ports.http.request({
    method: "GET",
    url: target,
    headers: headersOf(args, { accept }),
    maxBytes: args.max_bytes,
    signal,
  });
  if (!reply.ok) return reply;
  const { status, truncated, body, firstByte } = reply.value;
  if (status !== 200)
    return fail({ type: "rejected", target, code: String(status), message: "this is not a page of metrics" });
  if (truncated) {
    const message = `the page is longer than ${args.max_bytes} bytes; raise max_bytes, or select from a smaller page`;
    return fail({ type: "overflow", target, limit: args.max_bytes, message });
  }
  const { readPage } = await import("./page.ts");
  const page = await readPage(body, selectors, signal);
  if (page === undefined)
    return fail({ type: "interrupted", target, message: "ended while reading the page" });
  if (page.samples === 0 && page.unreadable > 0) {
    const sample = Buffer.from(body.subarray(0, 100)).toString("utf8");
    return fail({ type: "unreadable", target, message: "this is not a page of metrics", sample });
  }
  return ok({ page, at: begun + firstByte });
}

function scrapeByHand(args: DisplayArgs, where: Where): string {
  const names = Object.values(selectorsOf(args["select"])).map((one) => {
    const read = readSelector(shown(one));
    return read.ok ? read.value.metric : shown(one);
  });
  const wanted = names.length === 0 ? shown(args["select"]) : `^(${[...new Set(names)].join("|")})[{ ]`;
  const look = `${curl("GET", args, where)} | grep -E ${shellLiteral(wanted)}`;
  if (args["over"] === undefined) return look;
  const over = args["over"];
  const pause = shellLiteral(typeof over === "number" ? String(over / 1000) : shown(over));
  return `${look}; sleep ${pause}; ${look}`;
}
