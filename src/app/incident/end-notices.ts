import type { IncidentRecord } from "../../events/incident-record.ts";
import { foldIncident } from "../../incident/fold.ts";
import { noticeRecords, noticeTargets, noticeText, type NoticeTarget } from "../../incident/notices.ts";
import { statusOf } from "../../incident/status.ts";
import type { Following } from "../../store/journal.ts";
import { StateFault } from "../../store/state-check.ts";
import { refOf } from "../../events/incident-record.ts";
import { nameOf } from "../../store/desk.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { readChain, type ChainPlace } from "./chain.ts";
import { respondersOf } from "./scene.ts";

/** Whom the end of an incident is told, and the messages behind the record of it. */
export interface EndNotices {
  readonly targets: readonly NoticeTarget[];
  readonly following: Following;
}

const nobody: EndNotices = { targets: [], following: () => [] };

/** Nothing keeps an incident from its end: where its records or the platform file cannot be read, nobody is told. */
export async function endNotices(
  world: World,
  options: GlobalOptions,
  place: ChainPlace,
  why: string,
): Promise<EndNotices> {
  const fold = await foldOf(place);
  if (fold === undefined || fold.messages.size === 0) return nobody;
  const { plan } = await respondersOf(world, options, "resolve");
  const status = statusOf(fold, Date.now(), place.incident);
  const targets = noticeTargets(fold, plan, status);
  const body = noticeText("RESOLVED", status, why);
  const following: Following = (lines): readonly IncidentRecord[] => {
    const last = lines.at(-1);
    if (last === undefined) return [];
    const desk = last.desk ?? nameOf(world.host);
    const head = { desk, seq: last.seq, sum: last.sum.slice(0, 12) };
    return noticeRecords(targets, { body, about: refOf(desk, last.seq), head });
  };
  return { targets, following };
}

async function foldOf(place: ChainPlace) {
  try {
    return foldIncident((await readChain(place)).records);
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return undefined;
  }
}
