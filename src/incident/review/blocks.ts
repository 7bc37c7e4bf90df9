import { actionLines, causeLines, evidenceLines, impactLines } from "./outcome.ts";
import { gapLines, keyEventLines, summaryLines, timelineLines } from "./overview.ts";
import { messageLines, responseLines } from "./response.ts";
import type { ReviewModel } from "./model.ts";

/** Parts of a review that are made of records, by the name that their marks have. */
export const blocks = {
  summary: summaryLines,
  "not-known": gapLines,
  "key-events": keyEventLines,
  timeline: timelineLines,
  impact: impactLines,
  response: responseLines,
  messages: messageLines,
  evidence: evidenceLines,
  cause: causeLines,
  actions: actionLines,
} as const satisfies Readonly<Record<string, (model: ReviewModel) => readonly string[]>>;

export type BlockName = keyof typeof blocks;
export const blockNames = Object.keys(blocks) as BlockName[];

export function isBlockName(name: string): name is BlockName {
  return Object.hasOwn(blocks, name);
}

/** Each generated part as it is now, its lines joined; none of them ends with a line's end. */
export function renderedBlocks(model: ReviewModel): Readonly<Record<BlockName, string>> {
  const rendered = blockNames.map((name) => [name, blocks[name](model).join("\n")] as const);
  return Object.fromEntries(rendered) as Record<BlockName, string>;
}
