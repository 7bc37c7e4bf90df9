import { formatDuration } from "../base/duration.ts";
import { html, type Html } from "../evidence/report/html.ts";
import type { ClockReading } from "../incident/clocks.ts";
import type { IncidentFold } from "../incident/fold.ts";
import { worstOf } from "../incident/figures.ts";
import type { ReviewModel } from "../incident/review/model.ts";

/** Units of a bar's width. */
const width = 1000;

/** One bar: how long it took, and the limit as a line across it; the longer of the two is the whole width. */
function bar(name: string, took: number, limit: number | undefined, of: string, says: string): Html {
  const whole = Math.max(took, limit ?? 0, 1);
  const line =
    limit === undefined
      ? html``
      : html`<rect
          class="limit"
          x="${Math.round((limit / whole) * (width - 6))}"
          y="0"
          width="6"
          height="20"
        />`;
  return html`<span>${name}</span>
    <svg viewBox="0 0 ${width} 20" preserveAspectRatio="none" role="img" aria-label="${`${name}: ${says}`}">
      <rect class="${of}" x="0" y="4" width="${Math.round((took / whole) * width)}" height="12" />
      ${line}
    </svg>
    <span>${says}</span>`;
}

/** Each clock against its limit: green where it was met, red where it was missed. */
export function clockBars({ status, fold }: ReviewModel): Html {
  const shown = status.clocks.filter(({ state }) => state.is !== "off");
  if (shown.length === 0) return html`<p class="soft">No clock was in force.</p>`;
  const rules = new Map(fold.declared?.data.policy.clocks.map((rule) => [rule.name, rule]));
  const bars = shown.map((clock) => {
    const rule = rules.get(clock.name);
    return clockBar(clock, rule?.within[clock.severity] ?? rule?.every[clock.severity]);
  });
  return html`<div class="bars">${bars}</div>`;
}

function clockBar({ name, severity, state, from }: ClockReading, given: number | undefined): Html {
  const title = `${name}, ${severity}`;
  const limit = given ?? ("due" in state && from !== undefined ? state.due - from : undefined);
  switch (state.is) {
    case "met":
      return bar(title, state.took, limit, "good", `met in ${formatDuration(state.took)}`);
    case "missed":
      return bar(title, (limit ?? 0) + state.by, limit, "bad", `missed by ${formatDuration(state.by)}`);
    case "running":
      return bar(
        title,
        Math.max(0, (limit ?? 0) - state.left),
        limit,
        "warn",
        `${formatDuration(Math.max(0, state.left))} left`,
      );
    case "ended":
      return bar(title, 0, limit, "soft", "ended before it was due");
    case "off":
      return html``;
  }
}

/** How long each person took to answer, since the worst severity was declared. */
export function answerBars({ fold, figures }: ReviewModel): Html {
  const since = worstOf(fold)?.from;
  const first = new Map<string, { readonly took: number; readonly by: string }>();
  for (const { data, at } of fold.answers) {
    if (since === undefined || at < since || first.has(data.person)) continue;
    first.set(data.person, { took: at - since, by: data.by });
  }
  if (first.size === 0) return html`<p class="bad">Nobody's answer is on record.</p>`;
  const { limit } = figures.response;
  const bars = [...first].map(([person, { took, by }]) => {
    const of = limit !== undefined && took > limit ? "bad" : "good";
    return bar(person, took, limit, of, `${formatDuration(took)}, ${by}`);
  });
  return html`<div class="bars">${bars}</div>`;
}

const marks: Readonly<Record<string, string>> = { ok: "good", failed: "bad", unknown: "warn" };

/** What runs found, a row a check: green ok, red failed, yellow not measured. */
export function findingStrips({ all }: IncidentFold): readonly Html[] {
  const found = all.flatMap(({ record: { type, data }, at }) =>
    type === "finding" ? [{ at, step: String(data["step"]), is: String(data["status"]) }] : [],
  );
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = Math.max(1, last.at - first.at);
  const steps = [...new Set(found.map(({ step }) => step))];
  const rows = steps.map((step) => {
    const own = found.filter((one) => one.step === step);
    const ticks = own.map(
      ({ at, is }) =>
        html`<rect
          class="${marks[is] ?? "soft"}"
          x="${Math.round(((at - first.at) / span) * (width - 12))}"
          y="2"
          width="12"
          height="16"
        />`,
    );
    return html`<span>${step}</span>
      <svg
        viewBox="0 0 ${width} 20"
        preserveAspectRatio="none"
        role="img"
        aria-label="${`${step}: ${own.map(({ is }) => is).join(", ")}`}"
      >
        ${ticks}
      </svg>
      <span>${own.at(-1)?.is ?? ""}</span>`;
  });
  return [html`<div class="bars">${rows}</div>`];
}
