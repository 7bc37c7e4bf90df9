import { setImmediate } from "node:timers/promises";
import { unescaped, type Labels, type ReadySelector } from "./selector.ts";

/**
 * A page of metrics, in Prometheus's text format or OpenMetrics's. Only lines of metrics that somebody asks for are
 * read whole: a page of 50 MB has a million others. Exemplars and timestamps are passed over.
 */
export interface Series {
  readonly labels: Labels;
  /** NaN and the infinities among them. */
  readonly value: number;
}

export interface PageRead {
  /** By the selector's name: its series, by a key that is the same in another look at the page. */
  readonly found: ReadonlyMap<string, ReadonlyMap<string, Series>>;
  /** Names of selectors whose metric the page has, if only by its TYPE. */
  readonly known: ReadonlySet<string>;
  /** Lines that were read as samples, or could have been. */
  readonly samples: number;
  /** Lines that are no samples, as far as they were looked at. */
  readonly unreadable: number;
}

/** Bytes between two looks at the signal: a few milliseconds of work. */
const stretch = 1_048_576;

/** @returns undefined when the signal fired before the end of the page. */
export async function readPage(
  body: Uint8Array,
  selectors: ReadonlyMap<string, ReadySelector>,
  signal: AbortSignal,
): Promise<PageRead | undefined> {
  const page = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const reader = new PageReader(selectors);
  for (let start = 0; start < page.length;) {
    const newline = page.indexOf(10, Math.min(start + stretch, page.length));
    const end = newline === -1 ? page.length : newline + 1;
    for (const line of page.toString("utf8", start, end).split("\n")) reader.line(line);
    start = end;
    await setImmediate();
    if (signal.aborted) return undefined;
  }
  return reader;
}

/** Characters; longer ones are of no server's metrics. */
const longestLine = 65_536;

/** What a family's samples may be called beside its own name. */
const suffixes = ["", "_total", "_count", "_sum", "_bucket"];

class PageReader implements PageRead {
  readonly found = new Map<string, Map<string, Series>>();
  readonly known = new Set<string>();
  samples = 0;
  unreadable = 0;
  /** Selectors by their metric: most lines are of none. */
  private readonly asked = new Map<string, [string, ReadySelector][]>();

  constructor(selectors: ReadonlyMap<string, ReadySelector>) {
    for (const [name, selector] of selectors) {
      this.found.set(name, new Map());
      this.asked.set(selector.metric, [...(this.asked.get(selector.metric) ?? []), [name, selector]]);
    }
  }

  line(text: string): void {
    if (text.length > longestLine) {
      this.unreadable++;
      return;
    }
    if (text.startsWith("#")) {
      const [, family = ""] = /^# TYPE (\S+) /.exec(text) ?? [];
      if (family !== "") for (const suffix of suffixes) this.has(`${family}${suffix}`);
      return;
    }
    const [metric = ""] = /^[a-z_:][\w:]*/i.exec(text) ?? [];
    if (metric === "") {
      if (text.trim() !== "") this.unreadable++;
      return;
    }
    const asked = this.asked.get(metric);
    if (asked === undefined) {
      // Whether there is something behind its name is all that is looked at.
      if (/^[{ \t]/.test(text.charAt(metric.length))) this.samples++;
      else this.unreadable++;
      return;
    }
    const sample = readSample(text, metric.length);
    if (sample === undefined) {
      this.unreadable++;
      return;
    }
    this.samples++;
    this.has(metric);
    for (const [name, { matches }] of asked) {
      if (matches(sample.labels)) this.found.get(name)?.set(keyOf(sample.labels), sample);
    }
  }

  private has(metric: string): void {
    for (const [name] of this.asked.get(metric) ?? []) this.known.add(name);
  }
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const labelForm = /\s*([a-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/iy;
const valueForm = /^[ \t]+(\S+)(?:[ \t]+-?[\d.]+(?:e[+-]?\d+)?)?[ \t]*(?:#[ \t].*)?$/i;

/** What stands behind a metric's name; undefined where that is no sample. */
export function readSample(line: string, start: number): Series | undefined {
  const labels: Record<string, string> = {};
  let at = start;
  if (line[at] === "{") {
    at++;
    labelForm.lastIndex = at;
    for (let match = labelForm.exec(line); match !== null; match = labelForm.exec(line)) {
      const [whole, label = "", value = ""] = match;
      labels[label] = unescaped(value);
      at = match.index + whole.length;
      labelForm.lastIndex = at;
    }
    if (line.slice(at).trimStart()[0] !== "}") return undefined;
    at = line.indexOf("}", at) + 1;
  }
  const [, written] = valueForm.exec(line.slice(at).replace(/\r$/, "")) ?? [];
  const value = written === undefined ? undefined : readValue(written);
  return value === undefined ? undefined : { labels, value };
}

function readValue(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
