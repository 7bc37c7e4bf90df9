import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { foldIncident } from "../../src/incident/fold.ts";
import type { ChainRecord } from "../../src/incident/order.ts";
import { newReview } from "../../src/incident/review/document.ts";
import { reviewModel, type ReviewModel } from "../../src/incident/review/model.ts";
import { statusOf } from "../../src/incident/status.ts";
import { filledIn } from "../day/written.ts";

/** The journal of a day that was played (test/day); a run of it writes this file anew. */
export const exampleJournal = fileURLToPath(new URL("../day/journal.ndjson", import.meta.url));

export function exampleRecords(): readonly ChainRecord[] {
  const lines = readFileSync(exampleJournal, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as ChainRecord);
}

/** What its review says, once it is over: the same at any time. */
export function exampleModel(): ReviewModel {
  const fold = foldIncident(exampleRecords());
  const now = Math.max(...fold.all.map(({ at }) => at));
  return reviewModel({ fold, now, status: statusOf(fold, now, "INC-2026-0001"), problem: undefined });
}

/** docs/example-review.md. */
export function exampleReview(): string {
  return filledIn(Buffer.from(newReview(exampleModel()), "latin1").toString("utf8"));
}
