import { formatDuration } from "../../base/duration.ts";
import type { Fact } from "../capture/collector.ts";
import type { CollectorRow, RedactionRow, SnapshotRow } from "../bundle/rows.ts";
import { charts } from "./charts.ts";
import { html, Html } from "./html.ts";
import { style } from "./style.ts";

export interface Report {
  readonly snapshot: SnapshotRow;
  readonly rows: readonly CollectorRow[];
  readonly redactions: readonly RedactionRow[];
}

/** Rows of a table that a reader scrolls through; the rest stands in the bag's files. */
const most = 500;

/**
 * The page that stands in the bag: one file, opened from a disk, that asks no network for anything, runs no
 * script, and holds nothing that was not redacted.
 */
export function reportHtml(report: Report): string {
  const { snapshot, rows, redactions } = report;
  const of = <T extends Fact["type"]>(type: T): readonly Extract<Fact, { type: T }>[] =>
    snapshot.facts.filter(
      (fact): fact is Extract<Fact, { type: T }> & { collector: string } => fact.type === type,
    );
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <title>${snapshot.name}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          ${head(snapshot)}
          ${list(
            "Findings",
            "finding",
            of("finding").map(({ text }) => html`<li>${text}</li>`),
          )}
          ${missing(snapshot)} ${timeline(snapshot, of("event"))} ${clocks(snapshot, of("clock"))}
          ${charts(of("measure"))} ${collectors(rows)} ${redacted(redactions)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function head(snapshot: SnapshotRow): Html {
  const verdict =
    snapshot.verdict === "complete"
      ? html`<span class="verdict good">complete</span>`
      : html`<span class="verdict bad">PARTIAL: ${snapshot.missing.length} missing</span>`;
  const where =
    snapshot.environment === null ? snapshot.platform : `${snapshot.platform}, ${snapshot.environment}`;
  return html`<h1>${snapshot.name}</h1>
    <p>${verdict}</p>
    <dl>
      <dt>Platform</dt>
      <dd>${where}${snapshot.production ? " (production)" : ""}</dd>
      <dt>Incident</dt>
      <dd>${snapshot.incident ?? "none"}</dd>
      <dt>Taken</dt>
      <dd>
        ${utc(snapshot.started)}, in ${formatDuration(snapshot.took)}, by ${snapshot.actor} on
        ${snapshot.host} (${snapshot.zone})
      </dd>
      <dt>Window</dt>
      <dd>from ${utc(snapshot.since)}</dd>
      ${
        snapshot.leftOut.length === 0
          ? ""
          : html`<dt>Left out</dt>
              <dd>${snapshot.leftOut.join(", ")}</dd>`
      }
      ${
        snapshot.salvaged === null
          ? ""
          : html`<dt>Salvaged from</dt>
              <dd>${snapshot.salvaged}</dd>`
      }
      <dt>Made by</dt>
      <dd>${snapshot.tool} ${snapshot.version}</dd>
    </dl>`;
}

function list(title: string, of: string, items: readonly Html[]): Html {
  if (items.length === 0) return html``;
  return html`<section class="${of}">
    <h2>${title}</h2>
    <ul>
      ${items.slice(0, most)}
    </ul>
    ${more(items.length)}
  </section>`;
}

function more(count: number): Html {
  return count > most ? html`<p class="soft">and ${count - most} more, in the bag's own files</p>` : html``;
}

function missing({ missing: parts }: SnapshotRow): Html {
  if (parts.length === 0)
    return html`<h2>Missing</h2>
      <p>Nothing that was to be taken.</p>`;
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

function timeline(snapshot: SnapshotRow, events: readonly Extract<Fact, { type: "event" }>[]): Html {
  const all = [
    ...events.map(({ time, source, text }) => ({ time: new Date(time).getTime(), source, text })),
    { time: Date.parse(snapshot.started), source: "lav-ir", text: "the capture began" },
    { time: Date.parse(snapshot.ended), source: "lav-ir", text: "the capture ended" },
  ]
    .filter(({ time }) => Number.isFinite(time))
    .toSorted((a, b) => a.time - b.time);
  // The newest: what led up to the snapshot.
  const rows = all.slice(-most).map(
    ({ time, source, text }) =>
      html`<tr>
        <td class="short" data-of="time">${utc(new Date(time).toISOString())}</td>
        <td class="short" data-of="source">${label(source)}</td>
        <td data-of="">${text}</td>
      </tr>`,
  );
  return html`<h2>Timeline</h2>
    ${all.length > most ? html`<p class="soft">the last ${most} of ${all.length}</p>` : ""}${table(["time", "source", "what"], rows)}`;
}

function clocks(snapshot: SnapshotRow, found: readonly Extract<Fact, { type: "clock" }>[]): Html {
  const stepped =
    snapshot.clockStep === 0
      ? html``
      : html`<p class="bad">
          This machine's clock was stepped by ${signed(snapshot.clockStep)} during the capture.
        </p>`;
  if (found.length === 0 && snapshot.clockStep === 0) return html``;
  const rows = found.map(
    ({ source, ahead, uncertainty }) =>
      html`<tr>
        <td data-of="clock">${source}</td>
        <td class="number" data-of="ahead">${signed(ahead)}</td>
        <td class="number" data-of="give or take">${formatDuration(uncertainty)}</td>
      </tr>`,
  );
  return html`<h2>Clocks</h2>
    ${stepped}${found.length === 0 ? "" : table(["clock", "#ahead of this machine", "#give or take"], rows)}`;
}

function collectors(rows: readonly CollectorRow[]): Html {
  const shown = rows.map(({ id, target, summary, status, why, kept, seen, mono, files }) => {
    const links = files
      .slice(0, most)
      .map(
        ({ path, kept: bytes }) =>
          html`<br /><a href="${encodeURI(path)}">${path}</a> <span class="soft">${bytes} B</span>`,
      );
    const look = status === "ok" ? "good" : status === "skipped" ? "soft" : "bad";
    return html`<tr>
      <td class="short" data-of="collector">${id}</td>
      <td class="short ${look}" data-of="status">${status}</td>
      <td class="number" data-of="took">${formatDuration(mono.ended - mono.started)}</td>
      <td class="number" data-of="bytes">${kept} of ${seen}</td>
      <td data-of="">
        ${summary} of
        ${target}${why === undefined ? "" : html`<br /><span class="${look}">${why}</span>`}${links}
      </td>
    </tr>`;
  });
  return html`<h2>What was taken</h2>
    ${table(["collector", "status", "#took", "#bytes", "what"], shown)}`;
}

function redacted(redactions: readonly RedactionRow[]): Html {
  if (redactions.length === 0)
    return html`<h2>Redacted</h2>
      <p>No secret was found.</p>`;
  const rows = redactions.slice(0, most).map(
    ({ file, rule, token, count }) =>
      html`<tr>
        <td data-of="file">${file}</td>
        <td data-of="rule">${rule}</td>
        <td data-of="token"><code>${token}</code></td>
        <td class="number" data-of="times">${count}</td>
      </tr>`,
  );
  return html`<h2>Redacted</h2>
    <p class="soft">The same token means the same secret, here and in every snapshot of the incident.</p>
    ${table(["file", "rule", "token", "#times"], rows)}${more(redactions.length)}`;
}

/** A source that a service named may be long, and must not push the text off the page. */
function label(source: string): string {
  return source.length > 40 ? `${source.slice(0, 40)}…` : source;
}

/** @param columns those of numbers begin with a # */
function table(columns: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${columns.map((name) => html`<th scope="col" class="${name.startsWith("#") ? "number" : ""}">${name.replace(/^#/, "")}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function utc(time: string): string {
  return `${time.slice(0, 19).replace("T", " ")} UTC`;
}

function signed(ms: number): string {
  return ms > 0 ? `+${formatDuration(ms)}` : formatDuration(ms);
}
