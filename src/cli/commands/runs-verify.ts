import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { show } from "../../app/context/telling.ts";
import { stateFolder } from "../../app/context/state-folder.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { deskKey } from "../../store/desk.ts";
import { listedRuns } from "../../store/run-list.ts";
import { verifyJournal, type VerifiedJournal } from "../../store/verify-journal.ts";

/**
 * `lav-ir runs verify RUN`: whether the journal of a run is what was written, from its files and the desk's key.
 * @returns 0 when it holds, 1 when it was changed, cut or rewritten, 4 when that cannot be said.
 */
export async function verifyRun(world: World, options: GlobalOptions, id: string): Promise<number> {
  const state = stateFolder(world, options);
  const run = (await listedRuns(state)).find((one) => one.run === id);
  if (run === undefined) return refuse(world, options, refusal(`there is no run ${id}`, "state").failure);
  const found = verifyJournal(run.journal, deskKey(state));
  const { path: journal, ...rest } = found;
  const row = { type: "run.verified", run: id, journal, ...rest, incident: run.incident } as const;
  show(world, options, [row], () => linesOf(id, found));
  return exitCodes[found.verdict];
}

const exitCodes = {
  holds: 0,
  unsigned: 4,
  incomplete: 4,
  changed: 1,
  cut: 1,
  rewritten: 1,
  removed: 1,
  forged: 1,
} as const satisfies Readonly<Record<VerifiedJournal["verdict"], number>>;

function linesOf(id: string, found: VerifiedJournal): readonly string[] {
  const { verdict, records, signed, message, unread, torn, head, path } = found;
  const count = records === 1 ? "1 record" : `${records} records`;
  return [
    verdict === "holds"
      ? `${id} holds: ${count}, signed up to ${signed}`
      : `${id} ${words[verdict]}: ${message ?? ""}`,
    `journal: ${path}`,
    ...(verdict === "changed" ? [] : [`head: ${records} ${head}`]),
    ...unread.map(({ line, type, why }) => `record ${line} (${type}): ${sentences[why]}`),
    ...(torn ? ["its last line has no end: it is being written, or its process was killed"] : []),
  ];
}

const words = {
  unsigned: "UNSIGNED",
  incomplete: "INCOMPLETE",
  changed: "DOES NOT HOLD",
  cut: "DOES NOT HOLD",
  rewritten: "DOES NOT HOLD",
  removed: "DOES NOT HOLD",
  forged: "DOES NOT HOLD",
} as const;

const sentences = {
  unknown: "a newer lav-ir wrote it; kept and verified, not understood",
  unreadable: "not readable as what it says it is",
} as const;
