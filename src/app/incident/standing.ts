import {
  bearingRule,
  bearsOnStatus,
  changesBefore,
  isOfMessage,
  isOutOfOrder,
  passes,
  standingOf,
} from "../../incident/bearing.ts";
import { foldBehind } from "../../incident/fold.ts";
import { isPacked, packed, unpacked } from "../../incident/message-checkpoint.ts";
import { statusOf } from "../../incident/status.ts";
import { nameOf } from "../../store/desk.ts";
import { StateFault } from "../../store/state-check.ts";
import { chainOf, type ChainPlace } from "./chain.ts";
import { timeNow, type Scene } from "./scene.ts";

/** How an incident stands. */
export type Standing = Pick<Scene, "status" | "now" | "problem">;

/**
 * The status of an incident from those of its records that bear on it: the same as `readScene` has, for a fraction of
 * the time where the journal is long.
 * @throws StateFault, where the journal is none of this user's own, or not there.
 */
export async function readStanding({ store, incident }: ChainPlace, version: string): Promise<Standing> {
  const read = await store.readSelected(incident, {
    by: `${version}, ${bearingRule}`,
    needs: bearsOnStatus,
    standing: { of: standingOf, passes },
    checkpoint: { is: isPacked, covers: isOfMessage, bars: changesBefore },
  });
  if (read === undefined) throw new StateFault(`${incident} has no journal`);
  const { records, left, problem, unread, incomplete, checkpoint } = read;
  const desk = read.desk ?? nameOf(store.host);
  const before = checkpoint === undefined ? undefined : unpacked(checkpoint);
  const { fold, sent } = foldBehind(before, chainOf(records, desk));
  read.renew?.(records.some(isOutOfOrder) ? undefined : packed(sent, desk, read.length));
  const now = timeNow(fold, desk);
  const status = statusOf(fold, now, incident);
  return {
    status: {
      ...status,
      notes: status.notes + (left["incident.note"] ?? 0),
      unknown: status.unknown + unread,
      incomplete: status.incomplete || incomplete,
    },
    now,
    problem: problem === undefined ? undefined : `line ${problem.line} ${problem.message}`,
  };
}
