import type { Piece } from "./marks.ts";
import { bytesOf } from "./marks.ts";
import { staleBlocks } from "./document.ts";
import { conflictsOf, gapsOf, outOfOrder } from "./gaps.ts";
import { commandText, type ReviewModel } from "./model.ts";
import { sectionNames, sections, type Section, type SectionName } from "./sections.ts";
import { utcText } from "./words.ts";

/** Something that keeps a review from being done. */
export interface Missing {
  readonly what: string;
  /** What to type, or where to write. */
  readonly fill: string;
}

/**
 * Everything that is missing from a review, the records first; none: it may be held.
 * @param pieces of its file; undefined where there is none, of which nothing more is said
 */
export function missingFrom(model: ReviewModel, pieces: readonly Piece[] | undefined): readonly Missing[] {
  const { status, actions } = model;
  const command = (text: string): string => commandText(model, text).replaceAll("`", "");
  const damaged =
    model.problem === undefined
      ? []
      : [{ what: `the journal is damaged: ${model.problem}`, fill: command("incident verify") }];
  const unread = status.unknown > 0 ? [`${status.unknown} records from a newer version cannot be read`] : [];
  const stale = pieces === undefined ? [] : staleBlocks(model, pieces);
  return [
    ...damaged,
    ...[...gapsOf(model), ...conflictsOf(model)].map(({ what, fill }) => ({
      what: `not known: ${what}`.replaceAll("`", ""),
      fill: fill.replaceAll("`", ""),
    })),
    ...outOfOrder(model).map(({ first, second, refs }) => ({
      what: `out of order: ${second} (${refs[1]}) is earlier than ${first} (${refs[0]})`,
      fill: command(`correct ${refs[1]} "…" --at …`),
    })),
    ...unread.map((what) => ({ what, fill: "upgrade lav-ir" })),
    ...(actions.length === 0
      ? [{ what: "no action on record", fill: command('actions add preventive "…"') }]
      : []),
    ...actions.flatMap(({ id, done, owner, due }) => [
      ...(done || owner !== undefined
        ? []
        : [{ what: `action ${id} has no owner`, fill: command(`actions move ${id} --owner …`) }]),
      ...(done || due !== undefined
        ? []
        : [{ what: `action ${id} has no due date`, fill: command(`actions move ${id} --due …`) }]),
    ]),
    ...(pieces === undefined ? [] : sectionNames.flatMap((name) => emptySection(model, pieces, name))),
    ...(stale.length === 0
      ? []
      : [{ what: `out of date, the records have changed: ${stale.join(", ")}`, fill: command("review") }]),
  ];
}

function emptySection(model: ReviewModel, pieces: readonly Piece[], name: SectionName): readonly Missing[] {
  const section = sections[name];
  const text = sectionText(pieces, section);
  if (text !== undefined && text !== "") return [];
  const what =
    text === undefined ? `the section "${section.heading}" is gone` : `"${section.heading}" is empty`;
  return [{ what, fill: `write it in review.md${dueText(model, section)}` }];
}

function dueText({ events, now }: ReviewModel, { dueH }: Section): string {
  const resolved = events.get("resolved");
  if (resolved === undefined) return "";
  const due = resolved.at + dueH * 3_600_000;
  return `, ${due < now ? "LATE since" : "due"} ${utcText(due).slice(0, 16)} UTC`;
}

/** What people wrote, by the section's heading, where they wrote anything. */
export function writtenSections(
  pieces: readonly Piece[],
): readonly { readonly heading: string; readonly text: string }[] {
  return sectionNames.flatMap((name) => {
    const { heading } = sections[name];
    const text = Buffer.from(sectionText(pieces, sections[name]) ?? "", "latin1").toString("utf8");
    return text === "" ? [] : [{ heading, text }];
  });
}

/** What people wrote under a heading, without comments; undefined where there is no such heading. */
function sectionText(pieces: readonly Piece[], { heading }: Section): string | undefined {
  const wanted = bytesOf(heading).toLowerCase();
  let text: string | undefined;
  for (const piece of pieces) {
    // The depth of the heading that the lines stand under; 0: they stand under another one.
    let depth = 0;
    if (piece.is === "block") continue;
    for (const line of piece.bytes.split(/\r?\n/)) {
      const [, marks = "", title] = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
      if (title?.toLowerCase() === wanted) {
        depth = marks.length;
        text ??= "";
        continue;
      }
      if (title !== undefined && marks.length <= depth) depth = 0;
      if (depth > 0) text = `${text ?? ""}${line}\n`;
    }
  }
  return text?.replaceAll(/<!--[\s\S]*?-->/g, "").trim();
}
