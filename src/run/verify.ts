import { formatDuration } from "../base/duration.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { render, type Value } from "../language/value.ts";
import type { Rung, VerifyFindings } from "../runbook/runbook.ts";
import type { Verification } from "../events/run.ts";
import type { Progress } from "./progress.ts";
import type { Scope } from "./scope.ts";
import { emit } from "./session.ts";

/** What a rung is judged by. Times in milliseconds. */
export interface Limits {
  readonly findings: "all" | readonly string[];
  /** By when the findings named must begin to hold. */
  readonly within: number;
  readonly every: number;
  /** How long from there, at every measurement. */
  readonly hold: number;
  /** False: the first time that they do not hold is the end. */
  readonly patient: boolean;
}

export interface RungVerified {
  /** The findings named held, and nothing that was ok has failed. */
  readonly named: boolean;
  /** All of them held, named or not. */
  readonly all: boolean;
  /** Findings that were ok before the rung, and are not. */
  readonly broke: readonly string[];
}

/** The limits that a rung was written with, or why they cannot be made out. */
export function limitsOf(
  { verify }: Rung,
  progress: Progress,
  scope: Scope,
): Result<Omit<Limits, "patient">, string> {
  // Its own steps have judged it; the findings are looked at once, and must hold as long as after any rung.
  if (verify.type === "steps") return ok({ findings: "all", within: 0, every: 1000, hold: 30_000 });
  const times: Record<string, number> = {};
  for (const [name, value] of Object.entries({
    within: verify.within,
    every: verify.every,
    hold: verify.hold,
  } satisfies Record<string, Value>)) {
    const read = render(value, scope.names());
    if (!read.ok) return fail(`cannot evaluate ${name}: ${read.failure.message}`);
    times[name] = Number(read.value);
  }
  const findings = namedBy(verify, progress);
  const { within = 0, every = 1000, hold = 0 } = times;
  return ok({ findings, within, every, hold });
}

/** The findings that decide a rung: a group stands for all that is in it. */
function namedBy({ findings }: VerifyFindings, progress: Progress): Limits["findings"] {
  return findings === "all" ? "all" : findings.flatMap(({ id }) => progress.named(id));
}

/** Whether every finding that decides the rung holds by its last measurement; at least one was measured. */
export function namedHold({ verify }: Rung, progress: Progress): boolean {
  if (verify.type === "steps") return false;
  return lookAt(progress, namedBy(verify, progress), new Set()).named;
}

interface Look {
  /** Of the findings named: how many hold, and how many there are. */
  readonly ok: number;
  readonly of: number;
  readonly named: boolean;
  readonly all: boolean;
  readonly broke: readonly string[];
}

function lookAt(progress: Progress, named: Limits["findings"], wasOk: ReadonlySet<string>): Look {
  const measured = progress.counted();
  const decides = ({ id }: { readonly id: string }): boolean => named === "all" || named.includes(id);
  const chosen = measured.filter(decides);
  const holding = chosen.filter(({ result }) => result.status === "ok").length;
  const broke = measured
    .filter(({ id, result }) => result.status !== "ok" && wasOk.has(id))
    .map(({ id }) => id);
  return {
    ok: holding,
    of: chosen.length,
    named: chosen.length > 0 && holding === chosen.length && broke.length === 0,
    all: measured.every(({ result }) => result.status === "ok"),
    broke,
  };
}

/**
 * Measures all findings again, until those named have held for `hold`, beginning by `within`; broken, it
 * begins anew. Over at `within` + `hold`. What else holds by then says whether it is resolved or mitigated.
 * @param wasOk findings that were ok before the rung: one that is not any more breaks it.
 * @param tell shows how it stands, in one line.
 * @returns undefined when the run is being ended.
 */
export async function verifyFindings(
  rung: Rung,
  progress: Progress,
  limits: Limits,
  wasOk: ReadonlySet<string>,
  tell: (text: string) => void,
): Promise<RungVerified | undefined> {
  const { session } = progress;
  const { clock } = session.ports;
  const { within, every, hold } = limits;
  const begun = clock.monotonic();
  const told = new Told(rung, progress, tell);
  let named: number | undefined;
  let all: number | undefined;
  for (;;) {
    const looked = clock.monotonic();
    await progress.measureAgain();
    if (progress.halted()) return undefined;
    const now = clock.monotonic();
    const look = lookAt(progress, limits.findings, wasOk);
    if (!look.named) {
      const broken = named !== undefined;
      named = all = undefined;
      const left = begun + within - now;
      await told.say(look, broken ? "broken" : "waiting", { left: Math.max(0, left) });
      if (!limits.patient || left <= 0) return { named: false, all: false, broke: look.broke };
      await clock.sleep(Math.min(every, left), session.stop);
    } else {
      named ??= now;
      all = look.all ? (all ?? now) : undefined;
      const over = (since: number): boolean => hold === 0 || looked >= since + hold;
      await told.say(look, "holding", { held: now - named, left: Math.max(0, named + hold - now), hold });
      if (all !== undefined && over(all)) return { named: true, all: true, broke: [] };
      // The others may still be on their way, as long as they began in time.
      const late = all === undefined || all > begun + within;
      if (over(named) && late) return { named: true, all: false, broke: [] };
      const until = (over(named) && all !== undefined ? all : named) + hold;
      await clock.sleep(Math.max(1, Math.min(every, until - now)), session.stop);
    }
    if (progress.halted()) return undefined;
  }
}

interface Times {
  readonly held?: number;
  readonly left: number;
  readonly hold?: number;
}

/** Tells at every look in the place of the task, and as an event when something has changed. */
class Told {
  private readonly rung: Rung;
  private readonly progress: Progress;
  private readonly tell: (text: string) => void;
  private last = "";

  constructor(rung: Rung, progress: Progress, tell: (text: string) => void) {
    this.rung = rung;
    this.progress = progress;
    this.tell = tell;
  }

  async say(look: Look, state: Verification["state"], { held, left, hold }: Times): Promise<void> {
    const count = `${look.ok} of ${look.of} finding${look.of === 1 ? "" : "s"} hold${look.of === 1 ? "s" : ""}`;
    const broke = look.broke.length === 0 ? "" : `; was ok and no longer is: ${look.broke.join(", ")}`;
    const time =
      held === undefined || hold === undefined
        ? `${seconds(left)} left`
        : `for ${seconds(held)} of ${seconds(hold)}`;
    const message = `${count}, ${time}${broke}`;
    this.tell(`verifying: ${message}`);
    const changed = `${look.ok}/${look.of} ${state === "broken" ? "waiting" : state} ${look.broke.join(" ")}`;
    if (changed === this.last) return;
    this.last = changed;
    await emit(this.progress.session, {
      type: "verification",
      rung: this.rung.id,
      state,
      ok: look.ok,
      of: look.of,
      ...(held === undefined ? {} : { held_ms: Math.round(held) }),
      left_ms: Math.round(left),
      message,
    });
  }
}

/** Whole seconds: a finer time would only flicker. */
function seconds(ms: number): string {
  return ms < 1000 ? "0s" : formatDuration(Math.floor(ms / 1000) * 1000);
}
