import { statSync } from "node:fs";
import type { OtherConsent } from "../events/run.ts";
import { recordsOf } from "../events/run-record.ts";
import type { Plan } from "../plan/plan.ts";
import {
  incidentFolder,
  incidentsFolder,
  journalIn,
  longestJournal,
  runFolder,
  runsFolder,
} from "./layout.ts";
import { readJournal } from "./journal-record.ts";
import { openState } from "./state-file.ts";
import { stateNames } from "./state-folder.ts";

/** Bytes at the end of a journal in which a minute of a busy incident has room many times over. */
const most = 1_048_576;
/** Milliseconds that a file system's own times may lag behind the clock's. */
const coarse = 2000;

/**
 * What people or flags agreed to, since then, in other runs on this plan's platform, the oldest first; as the journals
 * of this state folder say. One that cannot be read holds nobody up.
 */
export async function consentsSince(
  state: string,
  { platform }: Plan,
  own: string,
  since: Date,
): Promise<readonly OtherConsent[]> {
  const found = await Promise.all(
    journals(state, since).map(async (path): Promise<readonly OtherConsent[]> => {
      try {
        const consents = (await newest(path, state)).flatMap((line) => consentIn(line, own, since));
        const runs = new Map(
          [...new Set(consents.map(({ run }) => run))].map((run) => [run, startOf(path, run)]),
        );
        return consents.flatMap((consent) => {
          const started = runs.get(consent.run);
          const same = started?.platform === platform.name && started.environment === platform.environment;
          return same ? [{ ...consent, runbook: started.runbook }] : [];
        });
      } catch {
        return [];
      }
    }),
  );
  return found.flat().toSorted((one, other) => one.at.getTime() - other.at.getTime());
}

/** Journals that something was written to since then, or nearly. */
function journals(state: string, since: Date): readonly string[] {
  const alone = namesIn(runsFolder(state)).map((run) => runFolder(state, run, undefined));
  const within = namesIn(incidentsFolder(state)).map((incident) => incidentFolder(state, incident));
  return [...alone, ...within].map(journalIn).filter((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && found.mtimeMs >= since.getTime() - coarse;
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return stateNames(folder);
  } catch {
    return [];
  }
}

/** The last whole lines of a journal. */
async function newest(path: string, root: string): Promise<readonly string[]> {
  const file = await openState(path, longestJournal, { root });
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - most);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n").slice(0, -1);
    return from === 0 ? lines : lines.slice(1);
  } finally {
    await file.close();
  }
}

/** Where the line is such a consent, and not of the run that asks. */
function consentIn(line: string, own: string, since: Date): readonly Omit<OtherConsent, "runbook">[] {
  if (!line.includes('"approval"') || !line.includes('"granted"')) return [];
  const { type, time, actor, data } = JSON.parse(line) as Partial<
    Record<"type" | "time" | "actor", unknown>
  > & {
    readonly data?: Partial<Record<"run" | "step" | "decision" | "how", unknown>>;
  };
  const { run, step, decision, how } = data ?? {};
  if (type !== "approval" || decision !== "granted" || how === "second-person" || run === own) return [];
  if ([time, actor, run, step].some((value) => typeof value !== "string")) return [];
  const at = new Date(time as string);
  return at < since ? [] : [{ run: run as string, step: step as string, actor: actor as string, at }];
}

/** What a run says of itself as it begins. */
function startOf(
  path: string,
  run: string,
):
  | { readonly runbook: string; readonly platform: string; readonly environment: string | undefined }
  | undefined {
  for (const { type, data } of recordsOf(readJournal(path).records, run)) {
    if (type !== "run.started") continue;
    const { runbook, platform, environment } = data;
    return { runbook, platform, environment };
  }
  return undefined;
}
