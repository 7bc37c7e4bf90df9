import { fail, ok, type Result } from "../base/result.ts";
import type { InterlockState } from "../ports/trading.ts";
import { withDeadline } from "./deadline.ts";
import type { StepPlace } from "../events/run.ts";
import { emit } from "./session.ts";
import type { Running } from "./step-types.ts";

/** Milliseconds a check may take: it is a measurement of its own, and not part of the step. */
const patience = 20_000;
/** A check older than this, in milliseconds, says nothing about now. */
const fresh = 3000;

/** What a step requires, looked at: when, and what was overridden and needs no second look. */
export interface Met {
  readonly at: number;
  readonly overridden: ReadonlySet<string>;
}

/**
 * Looks whether everything the step requires holds. What does not hold may be overridden with a reason, by
 * flag or by typing it at the terminal; either is on record before anything changes.
 */
export async function meetInterlocks(running: Running, place: StepPlace, before?: Met): Promise<Result<Met>> {
  const { session, step } = running;
  const overridden = new Set(before?.overridden);
  for (const name of step.requires) {
    if (overridden.has(name)) continue;
    const state = await checked(running, name);
    const told = { type: "interlock", ...place, interlock: name, message: state.message } as const;
    if (state.holds) {
      await emit(session, { ...told, decision: "held" }, { sync: true });
      continue;
    }
    const reason = await reasonFor(running, name, state);
    if (reason === undefined) {
      await emit(session, { ...told, decision: "refused" }, { sync: true });
      const message = `${step.id} requires ${name}: ${state.message}`;
      return fail({ type: "interlock", target: step.id, message, meets: state.meets, effect: "none" });
    }
    await emit(session, { ...told, decision: "overridden", ...reason }, { sync: true });
    overridden.add(name);
  }
  return ok({ at: session.ports.clock.monotonic(), overridden });
}

/** After a question, which may have stood for an hour: what was met is looked at again. */
export async function stillMet(running: Running, place: StepPlace, met: Met): Promise<Result<Met>> {
  const age = running.session.ports.clock.monotonic() - met.at;
  return age < fresh ? ok(met) : await meetInterlocks(running, place, met);
}

async function checked({ session, step }: Running, name: string): Promise<InterlockState> {
  const doing = `checking whether ${name} holds`;
  const deadline = { within: patience, target: step.id, doing, signal: session.kill };
  const state = await withDeadline(deadline, async (signal) =>
    ok(await session.ports.interlocks.check(name, signal)),
  );
  if (state.ok) return state.value;
  const message = `the check timed out after ${patience / 1000} s`;
  return { holds: false, message, meets: "lav-ir trading status" };
}

async function reasonFor(
  { session, step, prompt }: Running,
  name: string,
  state: InterlockState,
): Promise<{ readonly how: "--override" | "prompt"; readonly reason: string } | undefined> {
  const given = session.consent.override?.[name];
  if (given !== undefined) return { how: "--override", reason: given };
  if (!prompt.available) return undefined;
  const question = [
    `${step.id} requires ${name}, which does not hold: ${state.message}`,
    `    to meet it: ${state.meets}`,
    `  To override it, type the reason (Enter alone: stop):`,
  ].join("\n");
  const answer = await prompt.text(session.redactor.text(question), session.stop);
  const reason = answer.answered ? answer.value.trim() : "";
  return reason === "" ? undefined : { how: "prompt", reason };
}
