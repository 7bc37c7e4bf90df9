import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createSignatures } from "../../src/drivers/ssh-keygen/ssh-keygen.ts";
import { approvalRecords } from "../../src/approval/record.ts";
import { recordsOf } from "../../src/events/run-record.ts";
import { Approvals } from "../../src/approval/approvals.ts";
import { verifyRecorded } from "../../src/approval/verify.ts";
import type { Approver } from "../../src/platform/platform.ts";
import { pastOf } from "../../src/run/resume-state.ts";
import { provenState } from "../../src/store/incidents.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { listedRuns, waitingRuns, whyEnded } from "../../src/store/run-list.ts";

/**
 * Everything that today's readers make of a state folder, as JSON: what a resumption would start from, which run
 * waits, whether an incident is open, whose approvals hold.
 */
export async function folded(state: string, approversFile: string): Promise<unknown> {
  const approvers = approversIn(approversFile);
  const runs: Record<string, unknown> = {};
  const listed = (await listedRuns(state)).toReversed();
  for (const run of listed) {
    const { run: id, incident, journal: path } = run;
    const { records } = readJournal(path);
    runs[id] = {
      incident,
      resumable: whyEnded(run) ?? true,
      past: pastOf(recordsOf(records, id)),
      approvals: await approvalsOf(records, id, approvers),
    };
  }
  const [next] = waitingRuns(listed.toReversed());
  return plain({
    runs,
    next: next?.run ?? "no run is waiting to be resumed",
    incidents: await states(state, "incidents"),
    halts: await states(state, "halts"),
    journals: journals(state),
  });
}

async function approvalsOf(
  records: ReturnType<typeof readJournal>["records"],
  run: string,
  approvers: readonly Approver[],
): Promise<unknown> {
  const desk = {
    requester: { login: "ada", host: "ny1" },
    approvers: () => Promise.reject(new Error("nobody asks")),
    waits: false,
    arrival: () => Promise.resolve(undefined),
    read: () => Promise.resolve(undefined),
  };
  const kept = new Approvals(desk).restore(approvalRecords(records), run);
  const means = {
    approvers,
    signatures: createSignatures({ PATH: process.env["PATH"] ?? "" }, "nobody"),
    signal: new AbortController().signal,
  };
  const verified = await verifyRecorded(approvalRecords(records), means);
  return {
    open: [...kept.open.keys()],
    over: kept.over,
    standing: kept.standing(["act"]).map(({ request, grant }) => [request.request, grant.approver]),
    verified: verified.map(({ request, step, requester, approved }) => [
      request,
      step,
      requester,
      approved.ok ? approved.value.approver : approved.failure,
    ]),
  };
}

function approversIn(file: string): readonly Approver[] {
  return [...readFileSync(file, "utf8").matchAll(/^ {2}(\w+): \[(.+)\]$/gm)].map(
    ([, name = "", key = ""]) => ({
      name,
      logins: [name],
      keys: [key],
    }),
  );
}

async function states(state: string, room: "incidents" | "halts"): Promise<unknown> {
  const names = namesIn(join(state, room));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await provenState(state, name)])),
  );
}

/** Of every journal: how many records, their head, what is wrong with them. */
function journals(state: string): unknown {
  const paths = readdirSync(state, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("journal.ndjson"))
    .toSorted();
  return Object.fromEntries(
    paths.map((path) => {
      const { length, head, problem, torn } = readJournal(join(state, path));
      return [path, { records: length, head, problem, torn }];
    }),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** Maps and sets as JSON; a whole number that a double cannot hold keeps its digits. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => {
      if (item instanceof Map) return Object.fromEntries(item);
      if (item instanceof Set) return [...item];
      return typeof item === "bigint" ? `${item}n` : item;
    }),
  ) as unknown;
}
