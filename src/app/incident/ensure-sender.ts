import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, fstatSync, ftruncateSync } from "node:fs";
import { resolve } from "node:path";
import { senderLog } from "../../store/layout.ts";
import { openToAppend } from "../../store/state-file.ts";
import { stateFolder } from "../context/state-folder.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import { cardOf, readCard, whyReplace } from "./sender-card.ts";
import { sendingAt, type Sending } from "./sender-lives.ts";
import { toldArgument, waitingFor, type WaitingSender } from "./waiting-sender.ts";

/** Bytes of the log at which the next sender begins it anew. */
const longestLog = 1_048_576;

/**
 * Starts the sender where none lives: of a session of its own, so that neither Ctrl-C nor the end of the terminal is
 * for it, and with this command's environment, whose secrets it sends with. Whoever queued a message calls this after
 * that message is on the disk. A living one is replaced where this program is newer, or this command has other secrets
 * or another platform file: it ends what it is at first.
 * @param plan what the platform file says; without it nobody is replaced
 * @param waiting one that `startWaiting` has started; it is told, unless another one lives by now
 * @returns which process it is, whether it was started now or lives already.
 */
export function ensureSender(
  world: World,
  options: GlobalOptions,
  plan?: IncidentPlan,
  waiting?: WaitingSender,
): Sending {
  const state = resolve(world.cwd, stateFolder(world, options));
  const sending = sendingAt(state);
  if ("why" in sending && sending.why !== undefined) return sending;
  const replaced = "pid" in sending ? sending.pid : undefined;
  if (replaced !== undefined) {
    const card = plan === undefined ? undefined : readCard(state, replaced);
    if (plan === undefined || card === undefined) return sending;
    if (whyReplace(cardOf(world, plan, state), card) === undefined) return sending;
  } else {
    const another = (): void => void spawnSender(world, options, state, { waits: false });
    if (waiting?.tell(another) === true) return { pid: waiting.pid };
  }
  const child = spawnSender(world, options, state, {
    ...(replaced === undefined ? {} : { replaced }),
    waits: false,
  });
  return child.pid === undefined ? { nobody: true } : { pid: child.pid };
}

/**
 * Starts a sender before there is anything to send, where none lives: it loads what it needs while this command records,
 * and sends nothing until it is told. Not told, it ends with this command and leaves nothing behind.
 */
export function startWaiting(world: World, options: GlobalOptions): WaitingSender | undefined {
  const state = resolve(world.cwd, stateFolder(world, options));
  try {
    if (!existsSync(state) || !("nobody" in sendingAt(state))) return undefined;
    return waitingFor(spawnSender(world, options, state, { waits: true }));
  } catch {
    // Whatever stands in the folder's place: the record meets it too, says so, and the page goes out all the same.
    return undefined;
  }
}

function spawnSender(
  world: World,
  { config, env }: GlobalOptions,
  state: string,
  { replaced, waits }: { readonly replaced?: number; readonly waits: boolean },
): ChildProcess {
  const { program, args } = world.again;
  const given = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(env === undefined ? [] : ["--env", env]),
    ...(replaced === undefined ? [] : ["--replace", String(replaced)]),
    ...(waits ? [toldArgument] : []),
  ];
  const log = openLog(state);
  try {
    const child = spawn(program, [...args, "sender", "--state-dir", state, ...given], {
      cwd: world.cwd,
      env: world.env,
      detached: true,
      stdio: [waits ? "pipe" : "ignore", log ?? "ignore", log ?? "ignore"],
    });
    // One that cannot be started is missed by whoever looks for its lock.
    child.on("error", () => {});
    child.unref();
    return child;
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** A disk that takes no log must not keep a page from going out. */
function openLog(state: string): number | undefined {
  try {
    const log = openToAppend(senderLog(state), { root: state });
    if (fstatSync(log).size > longestLog) ftruncateSync(log, 0);
    return log;
  } catch {
    return undefined;
  }
}
