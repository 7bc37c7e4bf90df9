// Consent to one change. docs/decisions/0002-consent-binds-to-a-digest.md has the idea; this is the loop:
//
//   preview -> digest, shown ----------------------------------------------------------------------+
//     a flag fits (--yes for a change, --approve CODE)       -> granted                            |
//     nobody can be asked                                    -> "needed", exit 3                   |
//     asked (question.ts): no -> declined; interrupted -> interrupted                              |
//     asked: yes -> preview again: moved or grown by a tenth? -> once more, saying so -------------+
//   yes, but another run was given consent since it was asked      -> once more, saying by whom
//   granted -> two people wanted? -> second-person.ts -> preview again: moved? -> their yes is void, once more
//
// What must not be broken:
// - Who and what is in the digest (`binding`), and nothing in it moves by itself; how many is a counter, compared
//   apart.
// - The digest is of what is about to happen, also for flags: --approve takes a code of this digest and of no other,
//   for a day (approve-code.ts).
// - The decision is on the disk before `approve` returns. "nobody" (the process was sent to the background at the
//   question) is "needed", never "declined": nobody said no.
// - A preview may raise the effect to destructive; it never lowers it.

import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Preview } from "../kinds/kind.ts";
import { approveCode, codeFor, goodFor, haveMoved, type CodeState } from "./approve-code.ts";
import { secondPerson, voidApproval } from "./second-person.ts";
import { ask } from "./question.ts";
import { emit, type Session } from "./session.ts";
import type { Request } from "./consent-request.ts";

/** SHA-256 over the runbook, the rendered action and what of its preview binds. */
function approvalDigest(session: Session, request: Request, preview: Preview): string {
  const { runbook } = session.plan;
  const bound = {
    runbook: runbook.digest,
    platform: session.plan.platform.name,
    environment: session.plan.platform.environment ?? null,
    step: request.place.step,
    action: request.action,
    args: request.args,
    binding: inAnyOrder(preview.binding),
    ...(request.items.length === 0 ? {} : { items: request.items }),
    ...(request.stores.length === 0 ? {} : { stores: request.stores }),
    ...(request.covers.length === 0 ? {} : { covers: request.covers }),
  };
  return createHash("sha256").update(canonicalJson(bound)).digest("hex");
}

/**
 * What is bound is who and what, and these come in whatever order they were read in: the binding, or a list in it, is
 * the same set. What is within one of them (a row's own list) keeps its order.
 */
function inAnyOrder(binding: Json): Json {
  const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
  const sorted = (value: Json): Json => {
    if (!isList(value)) return value;
    const keyed = value.map((item) => [canonicalJson(item), item] as const);
    return keyed.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
  };
  if (isList(binding) || typeof binding !== "object" || binding === null) return sorted(binding);
  return Object.fromEntries(Object.entries(binding).map(([name, value]) => [name, sorted(value)]));
}

/**
 * Asks for consent, by flag or at the terminal. The preview is read again after the answer; what moved
 * in between starts the question over, so that nobody agrees to something else than what happens.
 */
export async function approve(session: Session, request: Request): Promise<Result<string>> {
  const hasMoved = "what it would change has moved since the last question";
  for (let again: string | undefined; ;) {
    const begun = session.ports.clock.now();
    const preview = await request.preview();
    if (!preview.ok) return preview;
    const digest = await showPreview(session, request, preview.value);
    const effect = effectNow(request, preview.value);
    const code = codeFor(digest, session.consent.approve, session.ports.clock.now(), preview.value.moving);
    const flag = byFlag(session, effect, code);
    if (flag === undefined) {
      const needs = { effect, digest, code, moving: preview.value.moving };
      if (!request.prompt.available) return await needed(session, request, needs);
      const answer = await ask(session, request, { effect, preview: preview.value, digest, again });
      // It was sent to the background, and nobody came.
      if (answer.ok && answer.value === "nobody") return await needed(session, request, needs);
      if (!answer.ok) {
        const { failure } = answer;
        const instead = failure.type === "declined" && failure.instead !== undefined;
        const why = instead ? { message: failure.message } : {};
        await emit(
          session,
          { type: "approval", ...request.place, digest, decision: "declined", how: "prompt", ...why },
          { sync: true },
        );
        return answer;
      }
      const same = await unmoved(session, request, preview.value, digest);
      if (!same.ok) return same;
      if (!same.value) {
        again = hasMoved;
        continue;
      }
    }
    const own = await grantedAlone(session, request, digest, flag, begun);
    if (typeof own === "string") {
      again = own;
      continue;
    }
    if (request.approvers === 1) return own;
    const seconded = await secondPerson(session, request, preview.value, digest);
    if (!seconded.ok) return seconded;
    const same = await unmoved(session, request, preview.value, digest);
    if (!same.ok) return same;
    if (same.value) {
      session.approvals?.agreed(digest, seconded.value.asker, seconded.value.approver);
      return own;
    }
    await voidApproval(session, request, seconded.value);
    again = hasMoved;
  }
}

/** Whether what was agreed to is still what would happen. */
async function unmoved(
  session: Session,
  request: Request,
  before: Preview,
  digest: string,
): Promise<Result<boolean>> {
  const now = await request.preview();
  if (!now.ok) return now;
  return ok(
    approvalDigest(session, request, now.value) === digest &&
      !grown(before, now.value) &&
      !haveMoved(before.moving, now.value.moving),
  );
}

/** A kind's own effect, or a greater one that its preview finds it would have now. */
function effectNow(request: Request, preview: Preview): Request["effect"] {
  return preview.destructive === true ? "destructive" : request.effect;
}

/** Shows what a change would touch. @returns the digest that consent to exactly this is given by. */
export async function showPreview(session: Session, request: Request, preview: Preview): Promise<string> {
  const digest = approvalDigest(session, request, preview);
  await emit(session, {
    type: "preview",
    ...request.place,
    effect: effectNow(request, preview),
    action: request.action,
    lines: preview.lines,
    counters: preview.counters,
    digest,
    approve: approveCode(digest, session.ports.clock.now(), preview.moving),
    ...(request.irreversible === undefined ? {} : { irreversible: request.irreversible }),
  });
  return digest;
}

function byFlag(
  session: Session,
  effect: Request["effect"],
  code: CodeState | undefined,
): "--yes" | "--approve" | undefined {
  if (code === "good") return "--approve";
  return effect === "change" && session.consent.yes ? "--yes" : undefined;
}

/**
 * Their yes, put on record while no other run is given one. Two operators who both say yes must not both act: who
 * comes second is asked again, because the first has acted.
 * @returns why it is asked again
 */
async function grantedAlone(
  session: Session,
  request: Request,
  digest: string,
  flag: "--yes" | "--approve" | undefined,
  asked: Date,
): Promise<Result<string> | string> {
  const grant = async (): Promise<Result<string>> =>
    await granted(session, request, digest, flag ?? "prompt");
  const { others } = session;
  if (others === undefined) return await grant();
  return await others.whileConsenting(async () => {
    // A flag was given before anything was shown.
    const other = flag === undefined ? (await others.consentsSince(asked)).at(-1) : undefined;
    if (other === undefined) return await grant();
    const { actor, step, runbook, run, at } = other;
    return `${actor} has agreed to ${step} of ${runbook} since this was asked (${run}, ${at.toISOString().slice(11, 19)} UTC)`;
  });
}

async function granted(
  session: Session,
  request: Request,
  digest: string,
  how: "prompt" | "--yes" | "--approve",
): Promise<Result<string>> {
  // On the disk before anything happens by it: with the intent, which follows it.
  await emit(session, { type: "approval", ...request.place, digest, decision: "granted", how });
  return ok(digest);
}

const whyNeeded = {
  none: "there is no terminal to ask at",
  old: `the --approve that was given is older than ${goodFor}h`,
  moved: "what it would change has moved since the --approve that was given",
  good: "there is no terminal to ask at",
} as const;

interface Needs {
  readonly effect: Request["effect"];
  readonly digest: string;
  /** What became of a code that was given for it. */
  readonly code: CodeState | undefined;
  readonly moving: Preview["moving"];
}

async function needed(
  session: Session,
  request: Request,
  { effect, digest, code, moving }: Needs,
): Promise<Result<string>> {
  const how = "no-terminal" as const;
  await emit(
    session,
    { type: "approval", ...request.place, digest, decision: "needed", how },
    { sync: true },
  );
  const approve = approveCode(digest, session.ports.clock.now(), moving);
  const flag = effect === "change" ? "--yes" : `--approve ${approve}`;
  const message = `needs consent, and ${whyNeeded[code ?? "none"]}; pass ${flag}`;
  return fail({ type: "approval-needed", target: request.place.step, digest: approve, message });
}

/** A counter that grew by more than a tenth is another question. */
function grown(before: Preview, after: Preview): boolean {
  return Object.entries(after.counters).some(([name, now]) => {
    const then = Number(before.counters[name] ?? 0);
    return Number(now) > then * 1.1;
  });
}
