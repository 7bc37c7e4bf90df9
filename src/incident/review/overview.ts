import { commandFor } from "../fill.ts";
import type { Placed } from "../order.ts";
import { isFactName } from "../../platform/key-events.ts";
import { conflictsOf, gapsOf, outOfOrder } from "./gaps.ts";
import { commandText, correctionsText, eventText, instantText, type ReviewModel } from "./model.ts";
import { boundText } from "./response.ts";
import { sourceText } from "./source.ts";
import { plain, refs, refText, spanText, table, utcText } from "./words.ts";

type Lines = readonly string[];

/** The head of the review: what it was, how bad, how long, and what holds together. */
export function summaryLines(model: ReviewModel): Lines {
  const { status, fold, events } = model;
  const { declared } = fold;
  const affecting = fold.all.flatMap(({ read, ref }) => (read?.type === "incident.affects" ? [ref] : []));
  const rows = [
    ["State", status.state, refs(fold.ends.map(({ by }) => by.ref))],
    [
      "Severity",
      [declared?.data.severity, ...fold.severities.slice(1).map(({ data }) => data.to)].join(" → "),
      refs(fold.severities.map(({ by }) => by.ref)),
    ],
    ["Impact", plain(status.impact ?? "not on record"), refs([declared?.by.ref])],
    [
      "Services affected",
      plain(status.affects.join(", ") || "not on record"),
      refs([declared?.by.ref, ...affecting]),
    ],
    ["Started", whenText(model, "started"), refs([events.get("started")?.ref])],
    ["Duration", durationText(model), refs([events.get("started")?.ref, endRef(model)])],
    ["Commander", commanderText(model), refs(model.status.roles[0]?.holders.map(({ ref }) => ref) ?? [])],
    ...(status.drill ? [["Exercise", "no figure counts it", refs([declared?.by.ref])]] : []),
    ...securityRows(model),
  ];
  return [
    ...table(["Fact", "Value", "Record"], rows),
    "",
    `From ${counted(told(model).length)}${status.unknown > 0 ? `; ${counted(status.unknown)} from a newer version not included` : ""}${status.incomplete ? ": INCOMPLETE, upgrade lav-ir" : ""}.`,
    ...headLines(model),
    ...(model.problem === undefined
      ? []
      : [`THE JOURNAL IS DAMAGED: ${plain(model.problem)}; later records are not included.`]),
  ];
}

/** Also that it was made one by mistake, and until when messages withheld the impact. */
function securityRows(model: ReviewModel): readonly (readonly string[])[] {
  const { fold, status } = model;
  const made = fold.all.filter(({ read }) => read?.type === "incident.security");
  const ended = made.flatMap(({ ref }) => fold.corrections.get(ref)?.find((one) => one.withdrawn) ?? []);
  if (!status.security && made.length === 0) return [];
  const records = [...made.map(({ ref }) => ref), ...ended.map(({ by }) => by.ref)];
  const last = ended.at(-1);
  const text =
    status.security || last === undefined
      ? "messages withheld the impact"
      : `no: withdrawn at ${instantText(model, last.by.at)}: ${plain(last.why)}`;
  const from = fold.declared?.data.security === true ? [fold.declared.by.ref] : [];
  return [["Security incident", text, refs([...from, ...records])]];
}

/** Records that it is made of: that a review was held changes nothing of what it is about. */
function told({ fold }: ReviewModel): readonly Placed[] {
  return fold.all.filter(({ read }) => read?.type !== "incident.review");
}

/** The newest record of each desk, as messages quote it. */
function headLines(model: ReviewModel): Lines {
  const heads = new Map(told(model).map(({ record, ref }) => [record.desk, ref]));
  return [`Newest record of each desk: ${[...heads.values()].map(refText).join(", ")}.`];
}

function whenText(model: ReviewModel, name: string): string {
  const event = model.events.get(name);
  return event === undefined ? "NOT KNOWN" : eventText(model, event);
}

function endRef({ events }: ReviewModel): string | undefined {
  return (events.get("recovered") ?? events.get("mitigated"))?.ref;
}

function durationText({ figures: { mttr } }: ReviewModel): string {
  return mttr.is === "known" ? `${boundText(mttr)}${spanText(mttr.ms)}` : "NOT KNOWN";
}

function commanderText({ status: { roles } }: ReviewModel): string {
  const held = roles.find(({ role }) => role === "commander");
  const names = held?.holders.map(({ who }) => plain(who)).join(" and ") ?? "";
  return names === "" ? "NOT KNOWN" : `${names}${held?.conflict === true ? " (CONFLICT)" : ""}`;
}

/** Each key event with its time, and how that is known. */
export function keyEventLines(model: ReviewModel): Lines {
  const rows = [...model.events]
    .filter(([name]) => name !== "reviewed")
    .toSorted(([, a], [, b]) => a.at - b.at)
    .map(([name, event]) => [
      `${plain(name)}${event.value === undefined ? "" : `: ${plain(event.value)}`}`,
      eventText(model, event),
      knownText(model, event.ref),
      refText(event.ref),
    ]);
  return table(["Event", "When", "Known by", "Record"], [...rows, ...absentRows(model)]);
}

/** What a clock was for, and no record says: it did not happen, or nobody put it on record. */
function absentRows(model: ReviewModel): readonly Lines[] {
  const { events, notKnown, status } = model;
  const wanted = new Set(status.clocks.flatMap(({ until, state }) => (state.is === "off" ? [] : [until])));
  return [...wanted]
    .filter((name) => !events.has(name))
    .map((name) => {
      const stated = notKnown.get(name);
      if (stated !== undefined) return [plain(name), "not known, as stated", "", refText(stated)];
      const command = isFactName(name) ? `fact ${name} --at …` : commandFor(name).replace("lav-ir ", "");
      const fills = status.state === "open" || isFactName(name) ? `: ${commandText(model, command)}` : "";
      return [plain(name), `NOT ON RECORD${fills}`, "", ""];
    });
}

function knownText({ records }: ReviewModel, ref: string): string {
  const placed = records.get(ref);
  return placed === undefined ? "" : plain(sourceText(placed));
}

/** What happened, by time; what a person typed is told from what was measured. */
export function timelineLines(model: ReviewModel): Lines {
  const rows = model.timeline.map((row) => {
    const before = row.before === undefined ? "" : `~~${utcText(Date.parse(row.before))}~~ `;
    const late =
      row.written === undefined || row.before !== undefined ? [] : [`noted ${utcText(row.written)}`];
    const notes = [...late, ...correctionsText(model, row.ref)];
    return [
      `${before}${instantText(model, row.at)}`,
      `${plain(row.text)}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`,
      knownText(model, row.ref),
      refText(row.ref),
    ];
  });
  return table(["Time", "Event", "Known by", "Record"], rows);
}

/** What no record says, with the command that fills it; and what records say that cannot be. */
export function gapLines(model: ReviewModel): Lines {
  const gaps = [...gapsOf(model), ...conflictsOf(model)];
  const reversed = outOfOrder(model);
  if (gaps.length + reversed.length === 0) return ["Nothing is missing from the records."];
  return [
    ...gaps.map(({ what, fill }) => `* NOT KNOWN: ${what}: ${fill}`),
    ...reversed.map(
      ({ first, second, refs: both }) =>
        `* OUT OF ORDER: ${second} is earlier than ${first} (${both.map(refText).join(", ")}): ${commandText(model, `correct ${both[1]} "…" --at …`)}`,
    ),
  ];
}

function counted(records: number): string {
  return `${records} record${records === 1 ? "" : "s"}`;
}
