import { fail, ok, type Result } from "../../base/result.ts";
import { blockNames, renderedBlocks, type BlockName } from "./blocks.ts";
import { blockText, bytesOf, piecesOf, type BrokenMark, type ByteText, type Piece } from "./marks.ts";
import type { ReviewModel } from "./model.ts";
import { sections, type SectionName } from "./sections.ts";
import { plain } from "./words.ts";

/** A new review: every part with its heading, and people's sections with what they ask. */
export function newReview(model: ReviewModel): ByteText {
  const rendered = renderedBlocks(model);
  const block = (name: BlockName): ByteText => blockText(name, rendered[name]);
  const section = (name: SectionName, level = "###"): ByteText => {
    const { heading, asks } = sections[name];
    return bytesOf(`${level} ${heading}\n\n<!-- ${asks} -->\n\n`);
  };
  const title = (text: string): ByteText => bytesOf(`${text}\n\n`);
  const part = (heading: string, ...names: readonly BlockName[]): ByteText =>
    `${title(`## ${heading}`)}${names.map((name) => `${block(name)}\n`).join("")}`;
  return [
    title(`# Post-Incident Review: ${plain(model.status.number)}`),
    part("Incident Summary", "summary"),
    part("What is not known", "not-known"),
    part("Timeline", "key-events", "timeline"),
    part("Impact", "impact"),
    ...(["financial", "operational", "reputational"] as const).map((name) => section(name)),
    part("Response Evaluation", "response", "messages", "evidence"),
    ...(["response", "communication", "tooling"] as const).map((name) => section(name)),
    part("Root Cause", "cause"),
    ...(["technical", "contributing", "human"] as const).map((name) => section(name)),
    ...(["well", "improve"] as const).map((name) => section(name, "##")),
    part("Action Items", "actions"),
    section("lessons", "##"),
  ].join("");
}

/** The same file with its generated parts made anew; people's bytes are what they were. */
export function regenerated(model: ReviewModel, file: ByteText): Result<ByteText, BrokenMark> {
  const pieces = piecesOf(file);
  if (!pieces.ok) return pieces;
  if (!pieces.value.some(({ is }) => is === "block"))
    return fail({ line: 1, message: "not a lav-ir review: it has no lav-ir marks" });
  const rendered = renderedBlocks(model);
  const kept = pieces.value.map((piece) =>
    piece.is === "human" ? piece.bytes : blockText(piece.name, rendered[piece.name]),
  );
  const has = new Set(pieces.value.flatMap((piece) => (piece.is === "block" ? [piece.name] : [])));
  const added = blockNames.filter((name) => !has.has(name)).map((name) => blockText(name, rendered[name]));
  const text = kept.join("");
  const gap = added.length === 0 || text.endsWith("\n") ? "" : "\n";
  return ok(`${text}${gap}${added.map((block) => `\n${block}`).join("")}`);
}

/** Parts that are not what the records say now. */
export function staleBlocks(model: ReviewModel, pieces: readonly Piece[]): readonly BlockName[] {
  const rendered = renderedBlocks(model);
  const there = new Map(pieces.flatMap((piece) => (piece.is === "block" ? [[piece.name, piece.body]] : [])));
  return blockNames.filter((name) => there.get(name)?.replaceAll("\r\n", "\n") !== bytesOf(rendered[name]));
}
