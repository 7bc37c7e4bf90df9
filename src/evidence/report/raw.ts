import { formatDuration } from "../../base/duration.ts";
import type { CollectorRow, RedactionRow, SnapshotRow } from "../bundle/rows.ts";
import type { Fact } from "../capture/collector.ts";
import { html, type Html } from "./html.ts";
import { folded, more, most, signed, table, utc } from "./table.ts";

// What nobody reads first: folded, each part under what it is and how much of it there is.

/** Every finding as its collector told it. */
export function rawFindings(facts: SnapshotRow["facts"]): Html {
  const found = facts.filter((fact) => fact.type === "finding");
  if (found.length === 0) return html``;
  const rows = found.slice(0, most).map(
    ({ collector, text }) =>
      html`<tr>
        <td class="short" data-of="collector">${collector}</td>
        <td data-of="">${text}</td>
      </tr>`,
  );
  const count = `${found.length} ${found.length === 1 ? "finding" : "findings"}`;
  return folded(`Raw findings: ${count}`, [table(["collector", "finding"], rows), more(found.length)]);
}

/** Clocks that were compared with this machine's. */
export function clocks(found: readonly Extract<Fact, { type: "clock" }>[]): Html {
  if (found.length === 0) return html``;
  const rows = found.map(
    ({ source, ahead, uncertainty }) =>
      html`<tr>
        <td data-of="clock">${source}</td>
        <td class="number" data-of="ahead">${signed(ahead)}</td>
        <td class="number" data-of="give or take">${formatDuration(uncertainty)}</td>
      </tr>`,
  );
  const apart = Math.max(...found.map(({ ahead }) => Math.abs(ahead)));
  return folded(
    `Clocks: at most ${formatDuration(apart)} apart`,
    table(["clock", "#ahead of this machine", "#give or take"], rows),
  );
}

export function collectors(rows: readonly CollectorRow[]): Html {
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
  const ok = rows.filter(({ status }) => status === "ok").length;
  return folded(
    `What was taken: ${ok} of ${rows.length} collectors complete`,
    table(["collector", "status", "#took", "#bytes", "what"], shown),
  );
}

export function redacted(redactions: readonly RedactionRow[]): Html {
  if (redactions.length === 0) return html`<p class="soft">No secret was found.</p>`;
  const rows = redactions.slice(0, most).map(
    ({ file, rule, token, count }) =>
      html`<tr>
        <td data-of="file">${file}</td>
        <td data-of="rule">${rule}</td>
        <td data-of="token"><code>${token}</code></td>
        <td class="number" data-of="times">${count}</td>
      </tr>`,
  );
  return folded(`Redacted: ${redactions.length} ${redactions.length === 1 ? "place" : "places"}`, [
    html`<p class="soft">
      The same token means the same secret, here and in every snapshot of the incident.
    </p>`,
    table(["file", "rule", "token", "#times"], rows),
    more(redactions.length),
  ]);
}

/** Who took it, where, and of what. */
export function about(snapshot: SnapshotRow): Html {
  const rows: readonly (readonly [string, string])[] = [
    ["Snapshot", snapshot.name],
    [
      "Taken",
      `${utc(snapshot.started)}, in ${formatDuration(snapshot.took)}, by ${snapshot.actor} on ${snapshot.host} (${snapshot.zone})`,
    ],
    ["Window", `from ${utc(snapshot.since)}`],
    ...(snapshot.leftOut.length === 0 ? [] : [["Left out", snapshot.leftOut.join(", ")] as const]),
    ...(snapshot.salvaged === null ? [] : [["Salvaged from", snapshot.salvaged] as const]),
    ["Made by", `${snapshot.tool} ${snapshot.version}`],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
