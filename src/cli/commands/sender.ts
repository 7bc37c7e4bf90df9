import { printable } from "../../base/printable.ts";
import { createSleeplessClock } from "../../drivers/clock.ts";
import { platformLine } from "../../platform/line.ts";
import { ownTextsOf } from "../../app/incident/own-texts.ts";
import { runSender } from "../../app/incident/sender.ts";
import { wasTold } from "../../app/incident/waiting-sender.ts";
import { loadPlatform } from "../../app/context/platform.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { storeOf } from "../../app/context/store.ts";
import { stateFolder } from "../../app/context/state-folder.ts";
import { createDirectory } from "../../app/wiring/channel-directory.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { cardOf, leaveCard } from "../../app/incident/sender-card.ts";
import { senderLock } from "../../store/layout.ts";
import { askHolderToEnd, holderText, lockHolder } from "../../store/lock.ts";
import { asStateFault } from "../../store/state-file.ts";
import { makeStateFolder } from "../../store/state-folder.ts";
import { watchJournals } from "../../store/watch-journals.ts";

/** Milliseconds in which the one that is replaced ends: it may wait for a provider, and for a disk. */
const patience = 60_000;

/**
 * `lav-ir sender`: sends what open incidents have to send, and ends with the last of them. Commands that queue a
 * message start it in the background; a desk that is always on runs it as a service.
 * @returns 0 when nothing is left, 2 where another one sends already, 130 or 143 when it was interrupted.
 */
export async function senderCommand(
  world: World,
  options: GlobalOptions,
  {
    once = false,
    replace,
    whenTold = false,
  }: { readonly once?: boolean; readonly replace?: string; readonly whenTold?: boolean },
): Promise<number> {
  const platform = await loadPlatform(world, options, {
    command: "sender",
    untrusted: "refuse",
    connects: false,
  });
  if (!platform.ok) return refuse(world, options, platform.failure);
  const { stderr, interruption } = world;
  const clock = createSleeplessClock();
  const state = stateFolder(world, options);
  const directory = createDirectory(world, platform.value.incident, platform.value.tls?.ca);
  if (whenTold) {
    // What the first request needs is loaded while the command that started this one records.
    await directory.prepare();
    if (!(await wasTold())) return 0;
  }
  try {
    makeStateFolder(state);
  } catch (error) {
    throw asStateFault(state, error);
  }
  const say = (text: string): void => void stderr.write(`${printable(directory.redact(text))}\n`);
  if (options.quiet !== true) say(platformLine(platform.value));
  const plan = platform.value.incident;
  if (replace !== undefined) askHolderToEnd(senderLock(state), Number(replace));
  const held = await runSender({
    store: storeOf(world, options, { clock }),
    clock,
    directory,
    plan,
    texts: async () => await ownTextsOf(world, platform.value),
    patience: replace === undefined ? 0 : patience,
    begins: () => leaveCard(state, lockHolder(senderLock(state))?.pid ?? 0, cardOf(world, plan, state)),
    stop: interruption.stop,
    once,
    say,
    watch: (changed) => watchJournals(state, changed),
  });
  if (held !== undefined)
    return refuse(
      world,
      options,
      refusal(`a sender is already running: ${holderText(held.heldBy)}`, "state").failure,
    );
  return interruption.stop.aborted ? interruption.exitCode() : 0;
}
