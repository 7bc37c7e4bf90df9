import { fail, ok, type Result } from "../../base/result.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { ask, checkThereIsOne, curlOf, misread, targetOf } from "./asking.ts";

interface Args {
  readonly query: string;
}

interface Outputs {
  readonly count: number;
  readonly series?: readonly Series[];
  readonly value?: number;
  readonly unmeasured: number;
  readonly infos: readonly string[];
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Series of an answer, at most: more are no figure that somebody judges. */
const mostSeries = 1000;

export const prometheusQuery: Kind = defineKind<Args, Outputs>({
  name: "prometheus.query",
  summary: "Ask Prometheus for a figure, as it is now",
  doc: [
    "An instant query in PromQL at the `prometheus` of the platform file. `value` is there when the answer is a scalar or one series.",
    'A query that finds no series is not a query that finds 0: `count` is 0, and `series` and `value` are missing, so that an expectation on them is unknown. A counter that has not counted yet has no series: write `(sum(rate(errors_total[5m])) or vector(0)) / sum(rate(requests_total[5m]))`, and ask beside it whether the target is up, because a dead target serves no errors: `min(up{job="api"})`, `expect: value == 1`.',
    "A NaN or infinite series is in none of the outputs, and is counted in `unmeasured`.",
    "A range, a text, native histograms and more than 1000 series are refused with what to write. What Prometheus answers with a warning may be incomplete, and is unknown; so is silence: it is the instrument.",
    "A value in the query is escaped for the double quotes around it.",
  ].join("\n\n"),
  effect: "read",
  store: "prometheus",
  args: object(
    { query: required(text({ template: "quoted" }), "PromQL: an instant vector or a scalar") },
    { primary: "query" },
  ),
  outputs: {
    count: { type: "int", doc: "Series with a value; 1 for a scalar" },
    series: {
      type: "list<dyn>",
      doc: "labels and value of each; missing when there is none",
      optional: true,
    },
    value: { type: "double", doc: "The value, when it is a scalar or one series", optional: true },
    unmeasured: { type: "int", doc: "Series whose value is NaN or infinite" },
    infos: { type: "list<string>", doc: "Remarks of Prometheus on the query" },
  },
  missing: (_path, { count, unmeasured }) => {
    if (unmeasured > 0) return "the query gives NaN or an infinity, as a division by nothing does";
    if (count > 1) return `the query finds ${count} series and no one value; write sum(…), or read series`;
    return "the query finds no series. A counter that has not counted yet has none: write (… or vector(0)) / …; is the target up?";
  },
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: (_args, where) => checkThereIsOne(where),
  plan: ({ query }, where) => `prometheus.query: ask ${targetOf(where)} for ${oneLine(shown(query))}`,
  byHand: ({ query }, where) => curlOf(where, "query", { query: shown(query) }),
  execute: async ({ query }, context) => {
    // The server gives up when nobody waits any more.
    const answer = await ask(context, "query", { query, timeout: `${context.timeout}ms` });
    if (!answer.ok) return answer;
    const { data, infos } = answer.value;
    const read = seriesOf(data, query, targetOf({ prometheus: context.ports.prometheus?.target }));
    if (!read.ok) return read;
    const series = read.value.filter(({ value }) => Number.isFinite(value));
    const [first] = series;
    return ok({
      count: series.length,
      ...(first === undefined ? {} : { series }),
      // With another one that has no value, this one is not the answer.
      ...(first === undefined || read.value.length > 1 ? {} : { value: first.value }),
      unmeasured: read.value.length - series.length,
      infos,
    });
  },
});

/** Every series of an answer, or why it is no list of figures. */
function seriesOf(data: unknown, query: string, target: string): Result<readonly Series[]> {
  const { resultType, result } = (data ?? {}) as { readonly resultType?: unknown; readonly result?: unknown };
  const refuse = (message: string): Result<never> =>
    fail({ type: "argument", target: oneLine(query), message, effect: "none" });
  switch (resultType) {
    case "scalar": {
      const value = valueIn(result);
      return value === undefined
        ? fail(misread(target, "its scalar has no value"))
        : ok([{ labels: {}, value }]);
    }
    case "matrix":
      return refuse("gives a range of values; write rate(…[5m]), or last_over_time(…[5m])");
    case "string":
      return refuse("gives a text, and no figure");
    case "vector":
      break;
    default:
      return fail(misread(target, "its answer has no kind of result that is known"));
  }
  const all = Array.isArray(result) ? (result as readonly unknown[]) : [];
  if (all.length > mostSeries)
    return refuse(
      `finds ${all.length} series, more than ${mostSeries}; write sum by (label) (…), or topk(20, …)`,
    );
  const series: Series[] = [];
  for (const one of all) {
    const { metric, value, histogram } = (one ?? {}) as Readonly<Record<string, unknown>>;
    if (histogram !== undefined)
      return refuse("gives native histograms; write histogram_quantile(0.95, …), or histogram_count(…)");
    const figure = valueIn(value);
    if (figure === undefined) return fail(misread(target, "one of its series has no value"));
    series.push({ labels: { ...(metric as object) }, value: figure });
  }
  return ok(series);
}

/** `[1700000000.123, "0.5"]`: a text, because JSON has neither NaN nor infinities. */
function valueIn(sample: unknown): number | undefined {
  const written: unknown = Array.isArray(sample) ? sample[1] : undefined;
  if (typeof written !== "string") return undefined;
  if (/^[+-]?Inf$/.test(written)) return written.startsWith("-") ? -Infinity : Infinity;
  const value = Number(written);
  return Number.isNaN(value) && written !== "NaN" ? undefined : value;
}

/** A query of several lines in a plan and a sentence. */
function oneLine(query: string): string {
  return query.trim().replaceAll(/\s+/g, " ");
}
