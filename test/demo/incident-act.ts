import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createClock } from "../../src/drivers/clock.ts";
import { fileStore } from "../../src/store/file-store.ts";
import { senderLock } from "../../src/store/layout.ts";
import { lockHolder } from "../../src/store/lock.ts";
import type { Channels } from "./channels.ts";

/** Runs lav-ir as somebody at this desk. @returns its exit code */
export type Types = (...args: readonly string[]) => Promise<number>;

export interface ActSettings {
  /** Somebody sits at the terminal, and is asked. */
  readonly person: boolean;
  readonly say: (line: string) => void;
  /** The state folder. */
  readonly state: string;
  /** Fires when the demonstration is to end. */
  readonly stopped: AbortSignal;
}

/** Milliseconds in which the sender sends what is queued, and hears an answer. */
const patience = 15_000;

/**
 * The second act: orders fail at every venue. An incident is declared and its people are paged while trading is
 * halted; one of them answers in PagerDuty, and takes command.
 * @returns the exit code of the first command that did not do what it should; 0.
 */
export async function incidentAct(
  types: Types,
  { slack, duty, texts }: Channels,
  { person, say, state, stopped }: ActSettings,
): Promise<number> {
  const impact = "orders rejected at all venues";
  say("\nNow the worst: orders are rejected at all venues.");
  const declared = await types("declare", "P0", impact, "--affects", "executioner");
  if (declared !== 0) return declared;
  // At a terminal declare has asked for the halt.
  const halted = person ? 0 : await types("halt-all", "--reason", impact, "--yes");
  if (halted !== 0) return halted;
  await until(
    () => slack.posts.length > 0 && duty.incidents.length > 0 && texts.messages.length > 1,
    stopped,
  );
  say("\nMeanwhile it has arrived:");
  for (const { text } of slack.posts) say(`  in the war room   ${text.split("\n")[0] ?? ""}`);
  for (const { summary } of duty.incidents) say(`  in PagerDuty      ${summary.slice(0, 64)}`);
  for (const { to, body } of texts.messages) say(`  as a text to ${to}   ${body.split("\n")[0] ?? ""}`);
  const [page] = duty.incidents;
  if (page !== undefined) {
    say("\nBob acknowledges in PagerDuty, and takes command.");
    duty.acknowledge(page.key, "P02BOB");
  }
  const commands = await types("role", "commander", "bob");
  if (commands !== 0) return commands;
  // The sender reads answers every five seconds.
  await until(async () => await answered(state), stopped);
  const shown = await types("status");
  if (shown !== 0) return shown;
  const resolved = await types(
    "resolve",
    "the venues' session was restarted",
    "--cause",
    "not known yet",
    "--review-on",
    "next",
  );
  // The sender ends with the incident, once everybody who was paged has been told.
  await until(() => lockHolder(senderLock(state)) === undefined, stopped);
  return resolved;
}

/** Whether an answer is on record in one of the incidents. */
async function answered(state: string): Promise<boolean> {
  const store = fileStore({ state, actor: "demo", host: hostname() }, createClock());
  for (const { id } of await store.incidents()) {
    const records = (await store.read({ incident: id }))?.records ?? [];
    if (records.some(({ type }) => type === "incident.answer")) return true;
  }
  return false;
}

/** Resolves when it is so, or after its time, or when the demonstration ends: what follows shows which. */
async function until(so: () => boolean | Promise<boolean>, stopped: AbortSignal): Promise<void> {
  const end = Date.now() + patience;
  while (!(await so()) && Date.now() < end && !stopped.aborted)
    await sleep(100, undefined, { signal: stopped }).catch(() => {});
}
