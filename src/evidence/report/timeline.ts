import type { SnapshotRow } from "../bundle/rows.ts";
import type { Fact } from "../capture/collector.ts";
import { html, type Html } from "./html.ts";
import { label, most, table, utc } from "./table.ts";

type Event = Extract<Fact, { type: "event" }>;

/** How bad a row is, as its class and in words. */
type Gravity = "error" | "warning" | "plain";

interface Row {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly source: string;
  readonly text: string;
  readonly gravity: Gravity;
}

/** What a reader chooses from, each with the rows that it hides; the style does the rest, without a script. */
const filters = [
  ["all", "all", () => true],
  ["warning", "warnings and errors", ({ gravity }: Row) => gravity !== "plain"],
  ["error", "errors", ({ gravity }: Row) => gravity === "error"],
] as const;

/** What happened in the window, by time; the newest where there is more than a reader scrolls through. */
export function timeline(snapshot: SnapshotRow, events: readonly Event[]): Html {
  const all = rowsOf(snapshot, events);
  // The newest: what led up to the snapshot. What is bad is not lost behind what is not.
  const shown = all.length <= most ? all : newest(all);
  const choices = filters.map(
    ([name, label, fits], index) =>
      html`<label
        ><input type="radio" name="by" id="by-${name}" ${index === 0 ? html` checked` : ""} />${label}
        (${shown.filter((row) => fits(row)).length})</label
      >`,
  );
  return html`<h2>Timeline</h2>
    ${all.length > shown.length ? html`<p class="soft">the last ${shown.length} of ${all.length}</p>` : ""}
    <div class="timeline">${choices}${table(["time", "severity", "source", "what"], shown.map(line))}</div>`;
}

/** When the first thing went wrong that the timeline knows of; undefined where nothing did. */
export function firstError(events: readonly Event[]): Row | undefined {
  return events
    .flatMap((event) => rowOf(event))
    .filter(({ gravity }) => gravity === "error")
    .toSorted((a, b) => a.time - b.time)[0];
}

function rowsOf(snapshot: SnapshotRow, events: readonly Event[]): readonly Row[] {
  const own = { source: "lav-ir", gravity: "plain" } as const;
  return [
    ...events.flatMap((event) => rowOf(event)),
    { ...own, time: Date.parse(snapshot.started), text: "the capture began" },
    { ...own, time: Date.parse(snapshot.ended), text: "the capture ended" },
  ]
    .filter(({ time }) => Number.isFinite(time))
    .toSorted((a, b) => a.time - b.time);
}

function rowOf({ time, source, text, severity }: Event): readonly Row[] {
  const at = new Date(time).getTime();
  return Number.isFinite(at) ? [{ time: at, source, text, gravity: gravityOf(severity) }] : [];
}

/** A bag comes from anywhere, and becomes a class of the page. */
function gravityOf(severity: unknown): Gravity {
  return severity === "error" || severity === "warning" ? severity : "plain";
}

/** All that is bad as far as there is room, and the newest of the rest. */
function newest(all: readonly Row[]): readonly Row[] {
  const bad = all.filter(({ gravity }) => gravity !== "plain").slice(-most);
  const room = most - bad.length;
  const rest = room === 0 ? [] : all.filter(({ gravity }) => gravity === "plain").slice(-room);
  return [...bad, ...rest].toSorted((a, b) => a.time - b.time);
}

function line({ time, source, text, gravity }: Row): Html {
  const look = { error: "bad", warning: "warn", plain: "soft" }[gravity];
  return html`<tr class="${gravity}">
    <td class="short" data-of="time">${utc(new Date(time).toISOString())}</td>
    <td class="short ${look}" data-of="severity">${gravity === "plain" ? "" : gravity}</td>
    <td class="short" data-of="source">${label(source)}</td>
    <td data-of="">${text}</td>
  </tr>`;
}
