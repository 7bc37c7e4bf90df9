import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { Changes } from "../../base/changes.ts";
import { jsonText } from "../../base/json.ts";
import { withoutSecrets } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";
import type { HaltFlags } from "./flags.ts";
import { keeperCommand, longestKeeping, type Order, type Word } from "./orders.ts";
import { haltFolder } from "../../store/layout.ts";
import { stateFolder } from "../context/state-folder.ts";

/** Where one halt is on record. Nothing of it is waited for but at the very end, and then not for long. */
export interface HaltRecord {
  /** The state folder, as a whole path. */
  readonly state: string;
  /** `<state>/halts/<id>`. */
  readonly folder: string;
  put(order: Order): void;
  /**
   * Says that nothing more comes. Why what was given is not recorded: once it is, or cannot be, or after so many
   * milliseconds.
   */
  end(within: number): Promise<string | undefined>;
}

interface Told {
  /** The first thing that could not be written. */
  fault(why: string): void;
  note(text: string): void;
}

/** Milliseconds from its beginning in which the first word must come of a disk that answers. */
const patience = 2000;

/**
 * Starts the process that writes, and hands it what there is to write. This one never touches the state
 * folder: a disk that hangs would keep it from ending.
 */
export function openHaltRecord(world: World, flags: HaltFlags, halt: string, told: Told): HaltRecord {
  const { program, args } = world.again;
  const state = resolve(world.cwd, stateFolder(world, flags));
  const begun = performance.now();
  let fault: string | undefined;
  let open = 0;
  let heard = false;
  const changes = new Changes();
  const failed = (why: string): void => {
    if (fault === undefined) told.fault(why);
    fault ??= why;
    changes.tell();
  };
  const child = spawn(program, [...args, keeperCommand], {
    cwd: "/",
    env: withoutSecrets(world.env),
    // Of its own group: Ctrl-C is not for it, and it outlives this process.
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.unref();
  child.on("error", (error) => failed(`cannot start the process that writes the record: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (open > 0) failed(`the process that writes the record ended with ${signal ?? code}`);
  });
  child.stdin.on("error", () => {});
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    const lines = `${text}${piece}`.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const word = JSON.parse(line) as Word;
      open -= 1;
      heard = true;
      if (word.note !== undefined) told.note(word.note);
      if (word.fault !== undefined) failed(word.fault);
    }
    changes.tell();
  });
  const put = (order: Order): void => {
    open += 1;
    child.stdin.write(`${jsonText(order)}\n`);
  };
  return {
    state,
    folder: haltFolder(state, halt),
    put,
    end: async (within) => {
      child.stdin.end();
      // Whoever has not said a word for so long will not do so now.
      const left = heard ? within : Math.max(0, begun + patience - performance.now());
      await changes.until(() => open === 0 || fault !== undefined, left);
      if (fault !== undefined || open === 0) return fault;
      return `the disk of ${state} does not answer; do not wait for it: process ${child.pid} keeps trying in the background for ${longestKeeping / 60_000} minutes`;
    },
  };
}
