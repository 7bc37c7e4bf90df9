import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createClock } from "../../drivers/clock.ts";
import { openJournal, type OpenJournal } from "../../incident/journal.ts";
import { stateFolder, type GlobalOptions, type World } from "../world.ts";

/** Where one halt is on record. What cannot be written is said once and holds nothing up. */
export interface HaltRecord {
  /** `<state>/halts/<id>`. */
  readonly folder: string;
  /** Resolves when it is on the disk, or cannot be. */
  put(type: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  attach(name: string, text: string): Promise<string | undefined>;
  /** Why something could not be written. */
  readonly fault: () => string | undefined;
  close(): void;
}

/** A halt has a journal of its own: it waits for no lock that another process holds. */
export function openHaltRecord(
  world: World,
  options: GlobalOptions,
  id: string,
  fell: (why: string) => void,
): HaltRecord {
  const root = stateFolder(world, options);
  const folder = join(root, "halts", id);
  const { user: actor, host } = world;
  let fault: string | undefined;
  const fail = (error: unknown): undefined => {
    const first = fault === undefined;
    fault ??= error instanceof Error ? error.message : String(error);
    if (first) fell(fault);
    return undefined;
  };
  const opened = openJournal({ folder, root, actor, host, clock: createClock(), shared: false }).catch(fail);
  return {
    folder,
    put: async (type, data) => {
      const journal = await opened;
      await journal?.append(type, data, { sync: true }).catch(fail);
    },
    attach: async (name, text) => await (await opened)?.attach(name, text).catch(fail),
    fault: () => fault,
    close: () => void opened.then((journal: OpenJournal | undefined) => journal?.close()),
  };
}

/** An incident's journal that is longer is not looked through before a halt. */
const longest = 4 * 1024 * 1024;

/** The newest incident, when its journal does not say that it is resolved. */
export function openIncident(world: World, options: GlobalOptions): string | undefined {
  if (options.incident !== undefined) return options.incident;
  try {
    const folder = join(stateFolder(world, options), "incidents");
    const [newest] = existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.startsWith("INC-"))
          .toSorted()
          .toReversed()
      : [];
    if (newest === undefined) return undefined;
    const path = join(folder, newest, "journal.ndjson");
    if (statSync(path).size > longest) return newest;
    return readFileSync(path, "utf8").includes('"type":"incident.resolved"') ? undefined : newest;
  } catch {
    return undefined;
  }
}
