import { formatDuration } from "../base/duration.ts";
import type { ClockReading } from "../incident/clocks.ts";
import type { IncidentStatus } from "../incident/status.ts";
import type { TimelineRow } from "../incident/timeline.ts";
import { widthOf } from "./wrap.ts";

/** What the screen of `watch` is made of. */
export interface Watched {
  readonly status: IncidentStatus;
  readonly timeline: readonly TimelineRow[];
  /** Milliseconds since 1970, by the clock that the status is counted by. */
  readonly now: number;
  /** How to reach somebody by telephone: `call +44 …`. */
  readonly call: (person: string) => string | undefined;
  /** That messages wait, and nobody sends them. */
  readonly sender: string | undefined;
  /** What the last key came to. */
  readonly said: string | undefined;
}

/** Who leaves must not think that somebody sends where nobody does. */
const sendingKeys = " a ack   n note   u update   e escalate   r role   q quit (sending continues)";
/** The widest that fits is shown. */
const keys = [
  " a ack   n note   u update   e escalate   r role   q quit",
  " a ack  n note  u update  e escalate  r role  q quit",
  " a n u e r   q quit",
];

/**
 * A screen that never scrolls: what the incident is, what is late or silent, the newest events, and the keys. What does
 * not fit is counted. Of a tall terminal the events have the room.
 */
export function watchLines(
  watched: Watched,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly string[] {
  const { timeline, said } = watched;
  const one = (text: string): string => clip(text, columns);
  const alerts = alertLines(watched, columns, rows < 12 ? 1 : 3);
  const head = [one(headText(watched)), ...alerts];
  const foot = [
    ...(said === undefined ? [] : [one(` ${said}`)]),
    one(
      (watched.sender === undefined ? [sendingKeys, ...keys] : keys).find(
        (line) => widthOf(line) <= columns,
      ) ??
        keys.at(-1) ??
        "",
    ),
  ];
  const room = Math.max(0, rows - head.length - foot.length);
  const events = room === 0 ? [] : timeline.slice(-room).map((row) => eventLine(row, columns));
  const space = Array.from({ length: Math.max(0, room - events.length) }, () => "");
  return [...head, ...events, ...space, ...foot].slice(0, Math.max(1, rows));
}

function headText({ status, now }: Watched): string {
  const { number, severity, state, declared, ended, trading, roles } = status;
  const open = declared === undefined ? state : `${state} ${spanText((ended ?? now) - declared.at)}`;
  const commander = roles.find(({ role }) => role === "commander");
  const who = commander?.holders.map((one) => one.who).join(" and ") ?? "";
  return [
    [number, severity ?? "", status.security ? "SECURITY" : ""].join(" ").trimEnd(),
    open,
    ...(trading.is === "not halted" ? [] : [trading.is.toUpperCase()]),
    `commander ${who === "" ? "nobody" : who}${commander?.conflict === true ? " (CONFLICT)" : ""}`,
    "[watch]",
  ].join("  ");
}

/** What is late first, then who is silent, then what is due next. */
function alertLines(
  { status, now, call, sender }: Watched,
  columns: number,
  most: number,
): readonly string[] {
  if (status.state !== "open") return [];
  const current = status.clocks.filter((clock) => clock.current);
  const late = current.flatMap((clock) =>
    clock.state.is === "missed" && clock.state.event === undefined
      ? [`! ${nameOf(clock)}: MISSED ${spanText(clock.state.by)} ago`]
      : [],
  );
  const silent = status.silent.map(({ who, person, paged }) => {
    const how = (person ? call(who) : undefined) ?? `no answer for ${spanText(now - paged)}`;
    return `! ${who}: ${how}`;
  });
  const due = current
    .flatMap((clock) => (clock.state.is === "running" ? [{ clock, left: clock.state.left }] : []))
    .toSorted((a, b) => a.left - b.left)
    .map(({ clock, left }) => `${nameOf(clock)} in ${spanText(Math.max(0, left))}`);
  const warned = [...(sender === undefined ? [] : [`! ${sender}`]), ...new Set([...late, ...silent])];
  return filled([...warned, ...due], columns, most);
}

/** As many as fit into these lines, and how many more there are. */
function filled(items: readonly string[], columns: number, most: number): readonly string[] {
  const lines: string[] = [];
  for (const [at, item] of items.entries()) {
    const last = lines.at(-1);
    const more = items.length - at;
    const note = lines.length === most && more > 1 ? `   ${more - 1} more` : "";
    if (last !== undefined && widthOf(`${last}   ${item}${note}`) <= columns)
      lines[lines.length - 1] = `${last}   ${item}`;
    else if (lines.length < most) lines.push(clip(item, columns));
    else {
      lines[lines.length - 1] = clip(`${last ?? ""}   ${more} more`, columns);
      break;
    }
  }
  return lines;
}

function eventLine({ at, text, by, ref, written }: TimelineRow, columns: number): string {
  const time = ` ${new Date(at).toISOString().slice(11, 19)}  `;
  const end = `  ${clip(by, 14)}  ${ref}`;
  const room = Math.max(8, columns - widthOf(time) - widthOf(end));
  const shown = clip(`${text}${written === undefined ? "" : " (noted late)"}`, room);
  const gap = " ".repeat(Math.max(0, room - widthOf(shown)));
  return clip(`${time}${shown}${gap}${end}`, columns);
}

function nameOf({ name, repeated }: ClockReading): string {
  return repeated === undefined ? name : `${name} ${repeated.n}`;
}

function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (widthOf(kept + character) >= width) break;
    kept += character;
  }
  return `${kept}…`;
}

function spanText(ms: number): string {
  return ms < 1000 ? "0s" : formatDuration(Math.floor(ms / 1000) * 1000);
}
