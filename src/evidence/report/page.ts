import type { Fact } from "../capture/collector.ts";
import type { CollectorRow, RedactionRow, SnapshotRow } from "../bundle/rows.ts";
import { charts } from "./charts.ts";
import { html, Html } from "./html.ts";
import { partName, partsOf, type Part, type PartState } from "./parts.ts";
import { about, clocks, collectors, rawFindings, redacted } from "./raw.ts";
import { reportStyle, style } from "./style.ts";
import { label, more, most, signed, table, utc } from "./table.ts";
import { firstError, timeline } from "./timeline.ts";

export interface Report {
  readonly snapshot: SnapshotRow;
  readonly rows: readonly CollectorRow[];
  readonly redactions: readonly RedactionRow[];
}

/**
 * The page that stands in the bag: one file, opened from a disk, that asks no network for anything, runs no
 * script, and holds nothing that was not redacted. First what is wrong, since when, and how each part of the platform
 * is; then charts and the timeline; what was taken, and how, is folded.
 */
export function reportHtml(report: Report): string {
  const { snapshot, rows, redactions } = report;
  const of = <T extends Fact["type"]>(type: T): readonly Extract<Fact, { type: T }>[] =>
    snapshot.facts.filter(
      (fact): fact is Extract<Fact, { type: T }> & { collector: string } => fact.type === type,
    );
  const parts = partsOf(rows, snapshot.facts);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <title>${snapshot.name}</title>
        <style>
          ${new Html(style + reportStyle)}
        </style>
      </head>
      <body>
        <main>
          ${head(snapshot, parts, of("event"))} ${besidePlatform(snapshot)} ${state(parts)}
          ${missing(snapshot)} ${charts(of("measure"))} ${timeline(snapshot, of("event"))}
          <h2>How it was taken</h2>
          ${about(snapshot)} ${rawFindings(snapshot.facts)} ${clocks(of("clock"))} ${collectors(rows)}
          ${redacted(redactions)}
        </main>
      </body>
    </html> `;
  return page.text;
}

/** The verdict in two lines: of the platform, and of the snapshot. */
function head(snapshot: SnapshotRow, parts: readonly Part[], events: Parameters<typeof firstError>[0]): Html {
  const first = firstError(events);
  const { platform, environment, production, incident } = snapshot;
  const where = [platform, ...(environment === null ? [] : [environment])].join(", ");
  const marked = production && environment !== "production" ? `${where} (production)` : where;
  return html`<h1>${incident === null ? marked : `${marked}, ${incident}`}</h1>
    <p>${verdict(parts, notOfParts(snapshot).length)}</p>
    ${
      first === undefined
        ? ""
        : html`<p>first error ${utc(new Date(first.time).toISOString())}: ${first.text}</p>`
    }
    <p>
      taken ${utc(snapshot.started)}:
      ${snapshot.verdict === "complete" ? html`<span class="good">complete</span>` : html`<span class="bad">PARTIAL: ${snapshot.missing.length} missing</span>`}
    </p>
    ${
      snapshot.clockStep === 0
        ? ""
        : html`<p class="bad">
            This machine's clock was stepped by ${signed(snapshot.clockStep)} during the capture.
          </p>`
    }`;
}

/** What could not be measured is not well. */
function verdict(parts: readonly Part[], beside: number): Html {
  const those = (look: string): string =>
    parts.flatMap(({ name, state: its }) => (looks[its] === look ? [name] : [])).join(", ");
  const [bad, unknown] = [those("bad"), those("warn")];
  const gaps = unknown === "" ? "" : html` <span class="warn">Not fully measured: ${unknown}</span>`;
  if (bad === "" && beside === 0)
    return html`<span class="verdict ${unknown === "" ? "good" : "warn"}">Nothing wrong was found.</span
      >${gaps}`;
  return html`<span class="verdict bad">WRONG: ${bad === "" ? "beside the platform" : bad}.</span>${gaps}`;
}

/** Findings of what is no part of the platform: the machine, journals. */
function notOfParts({ facts }: SnapshotRow): readonly string[] {
  return facts.flatMap((fact) =>
    fact.type === "finding" && partName(fact.collector) === undefined ? [fact.text] : [],
  );
}

function besidePlatform(snapshot: SnapshotRow): Html {
  const findings = notOfParts(snapshot);
  if (findings.length === 0) return html``;
  return html`<h2>Beside the platform</h2>
    <ul class="bad">
      ${findings.slice(0, most).map((text) => html`<li>${text}</li>`)}
    </ul>
    ${more(findings.length)}`;
}

const looks: Readonly<Record<PartState, string>> = {
  "no answer": "bad",
  wrong: "bad",
  "not measured": "warn",
  "partly measured": "warn",
  ok: "good",
  "nothing there": "soft",
};

/** Sentences that stand beside a part; the others are among the raw findings. */
const mostSaid = 4;

function state(parts: readonly Part[]): Html {
  if (parts.length === 0) return html``;
  const rows = parts.map(({ name, state: its, says }) => {
    const shown = says.slice(0, mostSaid).map((text) => html`<div>${text}</div>`);
    const rest = says.length - shown.length;
    return html`<tr>
      <td class="name" data-of="">${label(name)}</td>
      <td class="short ${looks[its]}" data-of="state">${its}</td>
      <td data-of="">${shown}${rest > 0 ? html`<div class="soft">and ${rest} more, below</div>` : ""}</td>
    </tr>`;
  });
  return html`<h2>State</h2>
    <div class="state">${table(["part", "state", ""], rows)}</div>`;
}

function missing({ missing: parts }: SnapshotRow): Html {
  if (parts.length === 0) return html``;
  const rows = parts.slice(0, most).map(
    ({ collector, what, why }) =>
      html`<tr>
        <td class="short" data-of="collector">${collector}</td>
        <td data-of="what">${what}</td>
        <td data-of="why">${why}</td>
      </tr>`,
  );
  return html`<h2>Missing, and why</h2>
    ${table(["collector", "what", "why"], rows)}${more(parts.length)}`;
}
