import { patient } from "../../base/bounded.ts";
import { fail, ok } from "../../base/result.ts";
import type { HttpReply } from "../../ports/ports.ts";
import type { Failure } from "../../base/failure.ts";
import type { PlatformService } from "../../platform/platform.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { tellMissing, writeJson, writeText } from "./written.ts";

/** Headers that say something of a service and nothing of who asks. */
const shownHeaders = new Set([
  "age",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "etag",
  "last-modified",
  "location",
  "retry-after",
  "server",
  "traceparent",
  "via",
  "x-request-id",
]);

const day = 86_400_000;
/** Bytes of a body that are kept, milliseconds for one request and between the two readings of the metrics. */
const longestBody = 1_048_576;
const patience = 3000;
const between = 1000;

/** One service: the health and the metrics of each of its instances. */
export function httpService(service: PlatformService): Collector {
  return {
    id: `http.${service.name}`,
    target: service.instances.join(", "),
    summary: "health, and metrics twice for rates",
    volatile: true,
    order: 1,
    deadline: 10_000,
    cap: 8 * 1_048_576,
    collect: async (context) => {
      const answers = await Promise.all(
        service.instances.map((url, index) => instance(context, service, url, index + 1)),
      );
      const failures = answers.filter((answer) => answer !== undefined);
      const [first] = failures;
      // With none of them answering, that is what there is to say of the service.
      if (first !== undefined && failures.length === answers.length) return fail(first);
      for (const [index, failure] of answers.entries()) {
        if (failure !== undefined) tellMissing(context, `${service.name} ${index + 1}`, failure);
      }
      return ok({});
    },
  };
}

/** @returns why nothing of it could be read. */
async function instance(
  context: CollectContext,
  service: PlatformService,
  url: string,
  number: number,
): Promise<Failure | undefined> {
  const clocks: ClockSeen[] = [];
  const named = service.instances.length === 1 ? service.name : `${service.name} ${number}`;
  const failure = await readings(context, clocks, {
    url,
    health: service.health,
    named,
    files: `${service.name}/${number}`,
  });
  // Of several replies, the quickest says it best.
  const [clock] = clocks.toSorted((a, b) => a.uncertainty - b.uncertainty);
  if (clock !== undefined) context.tell({ type: "clock", source: named, ...clock });
  return failure;
}

interface Asked {
  readonly url: string;
  /** Path of its health check. */
  readonly health: string;
  readonly named: string;
  /** Where its files go. */
  readonly files: string;
}

async function readings(
  context: CollectContext,
  clocks: ClockSeen[],
  { url, health: path, named, files }: Asked,
): Promise<Failure | undefined> {
  const health = await read(context, clocks, `${url}${path}`, `${files}-health`, named);
  if (!health.ok) return health.failure;
  const { status, total } = health.value;
  context.tell({ type: "measure", chart: "latency", name: named, value: Math.round(total), unit: "ms" });
  if (status >= 400) context.tell({ type: "finding", text: `${named}: health check returned ${status}` });
  const first = await read(context, clocks, `${url}/metrics`, `${files}-metrics-1`, named);
  if (!first.ok) {
    tellMissing(context, `metrics of ${named}`, first.failure);
    return undefined;
  }
  if (first.value.status >= 400) return undefined;
  const { clock } = context.ports;
  const began = clock.monotonic();
  await clock.sleep(between, context.signal);
  const second = await read(context, clocks, `${url}/metrics`, `${files}-metrics-2`, named);
  if (!second.ok) {
    tellMissing(context, `the second metrics of ${named}`, second.failure);
    return undefined;
  }
  const seconds = (clock.monotonic() - began) / 1000;
  const rates = ratesOf(textOf(first.value), textOf(second.value), seconds);
  writeJson(context, `${files}-rates.json`, { seconds, per_second: rates });
  return undefined;
}

async function read(context: CollectContext, clocks: ClockSeen[], url: string, name: string, source: string) {
  const { ports, signal, tell } = context;
  const started = ports.clock.now();
  const reply = await ports.http.request({
    method: "GET",
    url,
    headers: {},
    maxBytes: longestBody,
    signal: patient(signal, patience),
  });
  if (!reply.ok) {
    writeJson(context, `${name}.json`, { url, started, failure: reply.failure });
    return reply;
  }
  const { status, headers, firstByte, total, truncated, connection } = reply.value;
  const shown = Object.entries(headers).filter(([header]) => shownHeaders.has(header));
  writeJson(context, `${name}.json`, {
    url,
    started,
    status,
    first_byte_ms: firstByte,
    total_ms: total,
    connection: connection ?? "kept from an earlier request",
    headers: Object.fromEntries(shown),
    withheld_headers: Object.keys(headers).length - shown.length,
    truncated,
  });
  writeText(context, `${name}.txt`, textOf(reply.value));
  if (truncated)
    tell({ type: "missing", what: `the end of ${url}`, why: `only ${longestBody} bytes are kept` });
  const clock = clockOf(headers["date"], started, firstByte);
  if (clock !== undefined) clocks.push(clock);
  const until = connection?.certificate?.until;
  if (until !== undefined && until.getTime() - started.getTime() < 14 * day) {
    tell({ type: "finding", text: `${source}: its certificate expires on ${until.toISOString()}` });
  }
  return reply;
}

interface ClockSeen {
  readonly ahead: number;
  readonly uncertainty: number;
}

/** `Date` counts whole seconds: the moment was anywhere in that one, and anywhere before the first byte. */
function clockOf(date: string | undefined, started: Date, firstByte: number): ClockSeen | undefined {
  const said = Date.parse(date ?? "");
  if (Number.isNaN(said)) return undefined;
  const ahead = said + 500 - (started.getTime() + firstByte / 2);
  return { ahead: Math.round(ahead), uncertainty: Math.round(500 + firstByte / 2) };
}

function textOf({ body }: HttpReply): string {
  return Buffer.from(body).toString("utf8");
}

/** Prometheus' text format: what grew between two readings, a second. */
function ratesOf(first: string, second: string, seconds: number): Readonly<Record<string, number>> {
  const before = samples(first);
  const grown = [...samples(second)].flatMap(([name, value]) => {
    const then = before.get(name);
    return then === undefined || value <= then ? [] : [[name, (value - then) / seconds] as const];
  });
  return Object.fromEntries(grown);
}

function samples(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const end = line.lastIndexOf("}") + 1;
    const [, name = "", value] = /^([^\s{]+)\s+(\S+)/.exec(end > 0 ? `x ${line.slice(end)}` : line) ?? [];
    const number = Number(end > 0 ? name === "x" && value : value);
    if (Number.isFinite(number)) found.set(end > 0 ? line.slice(0, end) : name, number);
  }
  return found;
}
