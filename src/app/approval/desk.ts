import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { ok, fail } from "../../base/result.ts";
import { readState } from "../../store/state-file.ts";
import { createClock } from "../../drivers/clock.ts";
import type { ApprovalDesk } from "../../approval/approvals.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { loadPlatform } from "../context/platform.ts";

/** Milliseconds between two looks for an approval: it is a person who is waited for. */
const pause = 250;
/** An approval is a few hundred bytes; what is longer is something else. */
const longest = 64 * 1024;

/** Where a run looks for a second person's approval. */
export function approvalDesk(
  world: World,
  options: GlobalOptions,
  files: readonly string[],
  journal: string,
): ApprovalDesk {
  const clock = createClock();
  const path = (name: string): string => (isAbsolute(name) ? name : join(world.cwd, name));
  const named = files.map(path);
  const given = new Set<string>();
  return {
    requester: { login: world.user, host: world.host },
    // Read again each time: a key that was taken out while a person was waited for counts no more.
    approvers: async () => {
      const platform = await loadPlatform(world, options, {
        command: "run",
        untrusted: "refuse",
        connects: false,
      });
      return platform.ok ? ok(platform.value.approvers) : fail(platform.failure.message);
    },
    waits: named.length > 0,
    arrival: async (request, signal) => {
      const beside = journal === "" ? [] : [join(dirname(journal), `${request}.approval.txt`)];
      while (!signal.aborted) {
        for (const place of [...named, ...beside]) {
          const text = await (beside.includes(place) ? readBeside(place) : readShort(place));
          const key = `${request} ${place} ${text ?? ""}`;
          if (text === undefined || text.trim() === "" || given.has(key)) continue;
          given.add(key);
          return text;
        }
        await clock.sleep(pause, signal);
      }
      return undefined;
    },
    read: async (name) => await readShort(path(name)),
  };
}

/** Another person put it there: whose file it is says nothing, what is signed in it does. */
async function readBeside(path: string): Promise<string | undefined> {
  const bytes = await readState(path, longest, { owner: "any" }).catch(() => undefined);
  return bytes?.toString("utf8");
}

async function readShort(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    return size > longest ? undefined : await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
