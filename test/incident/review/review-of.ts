import { foldIncident } from "../../../src/incident/fold.ts";
import type { ChainRecord } from "../../../src/incident/order.ts";
import { reviewModel, type ReviewModel } from "../../../src/incident/review/model.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { minute, zero } from "../chains.ts";

/** The review of these records so many minutes after minute 0. */
export function modelOf(records: readonly ChainRecord[], minutes = 600): ReviewModel {
  const fold = foldIncident(records);
  const now = zero + minutes * minute;
  return reviewModel({ fold, now, status: statusOf(fold, now, "INC-2026-0042"), problem: undefined });
}
