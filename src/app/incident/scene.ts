import { ok, type Result } from "../../base/result.ts";
import type { Head } from "../../events/incident-record.ts";
import { foldIncident, type IncidentFold } from "../../incident/fold.ts";
import { statusOf, type IncidentStatus } from "../../incident/status.ts";
import { nearest } from "../../base/suggest.ts";
import { incidentPlanOf, type IncidentPlan } from "../../platform/incident-plan.ts";
import type { Platform } from "../../platform/platform.ts";
import { chooseIncident } from "../context/incident.ts";
import { loadPlatformIfAny } from "../context/platform.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { StateFault } from "../../store/state-check.ts";
import { storeOf } from "../context/store.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { readChain, type ChainPlace } from "./chain.ts";
import { ownTextsOf, type OwnTexts } from "./own-texts.ts";
import { typedTextOf, type TypedText } from "./typed-text.ts";

/** Who responds, as far as a platform file says so. */
export interface Responders {
  readonly plan: IncidentPlan;
  readonly platform: Platform | undefined;
  /** Why there is no platform file in use; undefined where there is one. */
  readonly missing: string | undefined;
  /** The id, in `people`, of whoever types; their login where the file does not know it. */
  readonly me: string;
  readonly text: TypedText;
  /** The installation's own texts of messages. */
  readonly own: OwnTexts;
}

/** The open incident that a command works on, as it stands now. */
export interface Scene extends Responders {
  readonly place: ChainPlace;
  /** Which incident of that name it is. */
  readonly uid: string | undefined;
  readonly fold: IncidentFold;
  readonly status: IncidentStatus;
  /** The desk whose chain it is. */
  readonly desk: string;
  /** Where the chain ends: what is said by this scene quotes it. */
  readonly head: Head;
  readonly now: number;
  /** What is wrong with the journal, where something is. */
  readonly problem: string | undefined;
}

/** Never refuses: an incident is declared, noted and answered with a broken platform file, or without one. */
export async function respondersOf(
  world: World,
  options: GlobalOptions,
  command: string,
): Promise<Responders> {
  const loaded = await loadPlatformIfAny(world, options, {
    command,
    untrusted: "refuse",
    connects: false,
  });
  const platform = loaded.ok && loaded.value.type === "platform" ? loaded.value.platform : undefined;
  const missing = loaded.ok
    ? platform === undefined
      ? "no platform file was found"
      : undefined
    : loaded.failure.message;
  return respondersIn(world, platform, await ownTextsOf(world, platform), missing);
}

/** The same of a platform file that was read before. */
export function respondersIn(
  world: World,
  platform: Platform | undefined,
  own: OwnTexts,
  missing?: string,
): Responders {
  const plan = platform?.incident ?? incidentPlanOf({}, {});
  const me = Object.values(plan.people).find(({ logins }) => logins.includes(world.user))?.id ?? world.user;
  return { plan, platform, missing, me, own, text: typedTextOf(world, plan) };
}

/** @param use `closed`: one that is over may be looked at, where it is named. */
export async function openScene(
  world: World,
  options: GlobalOptions,
  {
    command,
    closed = false,
    careful = false,
  }: { readonly command: string; readonly closed?: boolean; readonly careful?: boolean },
): Promise<Result<Scene, Refusal>> {
  const place = await chosenPlace(world, options, { closed, careful });
  if (!place.ok) return place;
  const responders = await respondersOf(world, options, command);
  const scene = await readScene(responders, place.value);
  const over = closed ? undefined : overText(scene);
  return over === undefined ? ok(scene) : refusal(over, "state");
}

/** Where the incident is that a command works on. */
export async function chosenPlace(
  world: World,
  options: GlobalOptions,
  { closed, careful = false }: { readonly closed: boolean; readonly careful?: boolean },
): Promise<Result<ChainPlace, Refusal>> {
  const chosen = await chooseIncident(world, options, { careful });
  if (!chosen.ok) return chosen;
  if (chosen.value === undefined) return refusal(noneOpen(closed), "state");
  return ok({ store: storeOf(world, options), incident: chosen.value });
}

/** For a person: what is not seen of an incident whose journal does not hold. */
export function damagedText(incident: string, problem: string): string {
  return `the journal of ${incident} is damaged: ${problem}; later records are not shown`;
}

/** Why nothing more is put on record; undefined while it is open. */
export function overText({ place, status: { state, ended } }: Scene): string | undefined {
  if (state === "open" || ended === undefined) return undefined;
  const at = new Date(ended).toISOString().slice(0, 16).replace("T", " ");
  return `${place.incident} was ${state} at ${at} UTC; nothing was recorded`;
}

function noneOpen(closed: boolean): string {
  return closed
    ? "no incident is open; --incident selects an ended one (lav-ir incident list)"
    : 'no incident is open; lav-ir declare P1 "impact" opens one';
}

/** The scene of an incident; undefined where its journal must not be read. */
export async function readableScene(
  world: World,
  options: GlobalOptions,
  place: ChainPlace,
  command: string,
): Promise<Scene | undefined> {
  try {
    return await readScene(await respondersOf(world, options, command), place);
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return undefined;
  }
}

export async function readScene(responders: Responders, place: ChainPlace): Promise<Scene> {
  const { records, head, uid, problem, unread, incomplete } = await readChain(place);
  const fold = foldIncident(records);
  const now = timeNow(fold, head.desk);
  const status = statusOf(fold, now, place.incident);
  const unknown = status.unknown + unread;
  return {
    ...responders,
    place,
    uid,
    fold,
    desk: head.desk,
    head: { ...head, sum: head.sum.slice(0, 12) },
    status: { ...status, unknown, incomplete: status.incomplete || incomplete },
    now,
    problem,
  };
}

/** Now, less what the records say that this desk's clock is ahead. */
export function timeNow({ all }: Pick<IncidentFold, "all">, desk: string, wall = Date.now()): number {
  const said = all.findLast(({ read, record }) => read?.type === "desk.clock" && record.desk === desk)?.read;
  return said?.type === "desk.clock" ? wall - said.data.offset_ms : wall;
}

/** A person as they are typed: an id, a name, a login; `me`. Where the file names nobody, the word as it stands. */
export function personNamed({ plan, me }: Responders, typed: string): Result<string, Refusal> {
  const people = Object.values(plan.people);
  if (typed === "me" || people.length === 0) return ok(typed === "me" ? me : typed);
  const word = typed.toLowerCase();
  const found = people.filter(
    ({ id, name, logins }) => id === word || name.toLowerCase() === word || logins.includes(typed),
  );
  if (found.length === 1 && found[0] !== undefined) return ok(found[0].id);
  const near = nearest(
    word,
    people.map(({ id }) => id),
  );
  const hint =
    near === undefined ? `people: ${people.map(({ id }) => id).join(", ")}` : `did you mean ${near}?`;
  return refusal(`nobody is named ${typed} (${hint})`);
}
