import { formatDuration } from "../base/duration.ts";
import { canonicalJson } from "../base/json.ts";
import type { Evidence, EvidenceTarget, EvidenceTaking } from "../ports/ports.ts";
import type { StepPlace } from "../events/run.ts";
import { storeOf } from "../plan/plan.ts";
import { mainStore } from "../platform/stores.ts";
import type { Step } from "../runbook/runbook.ts";
import { record } from "./session.ts";
import type { StepInstance, Running } from "./step-types.ts";

/** Milliseconds from its beginning that the capture may take, and that a yes is kept waiting at most. */
export const evidenceTakes = 5000;

/** What a change would destroy, being captured while the operator reads the question. */
export interface Gathering {
  /** Waits for the rest, at most as long as is left to it, and puts on record what there is and what is missing. */
  settle(): Promise<void>;
  /** The digest of what was captured, on record once it is sealed; the change is over by then. */
  sealed(): Promise<void>;
  /** There is no change, so nothing is lost: what is not sealed yet goes. What is sealed already is put on record. */
  abandon(): Promise<void>;
}

const none: Gathering = {
  settle: () => Promise.resolve(),
  sealed: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
};

/**
 * Begins to capture what these changes would destroy; nothing where the kind names no target. It never
 * fails: a change is not to be kept from an operator by what could not be captured before it.
 */
export async function gather(
  running: Running,
  place: StepPlace,
  todo: readonly StepInstance[],
): Promise<Gathering> {
  const { session, step } = running;
  const evidence: Evidence | undefined = session.ports.evidence;
  const targets = targetsOf(step, todo);
  if (evidence === undefined || targets.length === 0) return none;
  const { skipEvidence } = session.consent;
  if (skipEvidence !== undefined) {
    await record(session, "evidence.skipped", { ...place, targets, reason: skipEvidence });
    return none;
  }
  const given = new AbortController();
  const taking = evidence.before(targets, evidenceTakes, AbortSignal.any([given.signal, session.kill]));
  let sealing = true;
  return {
    settle: async () => {
      const { clock } = session.ports;
      const asked = clock.monotonic();
      const captured = await inTime(running, taking, given.signal);
      const waited = Math.round(clock.monotonic() - asked);
      sealing = captured !== undefined;
      await record(session, "evidence.captured", {
        ...place,
        targets,
        waited_ms: waited,
        ...(captured ?? {
          taken: [],
          missed: [`nothing was captured within ${formatDuration(evidenceTakes)}`],
        }),
      });
    },
    sealed: async () => {
      if (!sealing) return;
      const sealed = await taking.sealed;
      await record(session, sealed.ok ? "evidence.sealed" : "evidence.failed", {
        ...place,
        ...(sealed.ok ? sealed.value : { message: sealed.failure }),
      });
    },
    abandon: async () => {
      given.abort();
      await taking.abandon();
      const sealed = await Promise.race([taking.sealed, Promise.resolve(undefined)]);
      if (sealed?.ok === true) await record(session, "evidence.sealed", { ...place, ...sealed.value });
    },
  };
}

/** What a capture that does not keep its own deadline is worth waiting for. */
async function inTime(
  { session }: Running,
  taking: EvidenceTaking,
  given: AbortSignal,
): Promise<Awaited<EvidenceTaking["captured"]> | undefined> {
  const over = new AbortController();
  const late = session.ports.clock
    .sleep(evidenceTakes, AbortSignal.any([over.signal, given, session.kill]))
    .then(() => undefined);
  try {
    return await Promise.race([taking.captured, late]);
  } finally {
    over.abort();
  }
}

function targetsOf(step: Step, todo: readonly StepInstance[]): readonly EvidenceTarget[] {
  const all = todo.flatMap(({ args, names }) => {
    const at = storeOf(step, names);
    const named = at.ok && at.value !== mainStore ? at.value : undefined;
    const of = step.kind.evidence?.(args) ?? [];
    return of.map((target) =>
      target.type === "service" || named === undefined ? target : { ...target, at: named },
    );
  });
  return [...new Map(all.map((target) => [canonicalJson(target), target])).values()];
}
