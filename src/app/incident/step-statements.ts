// What the steps of a run say in an incident, by the functions of the typed commands: the scene, what it says, the
// record, then the wire. A step may be run again after a kill, so what it says carries the step's own key, and so do
// the messages: said twice under one key, it is said once, whatever the clock shows by then.
//
//   kill before the record       nothing was said: it is asked for and said
//   between record and sender    `wasSaid` finds the record, and whoever sends
//   behind both                  the same

import { canonicalJson, type Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import { clockTexts } from "../../incident/clock-text.ts";
import type { Placed } from "../../incident/order.ts";
import { outcomeOf, sinceOf } from "../../incident/people.ts";
import type { Recipients } from "../../incident/pages.ts";
import type { Platform } from "../../platform/platform.ts";
import { severityNamed } from "../../platform/severity.ts";
import type { Foreseen, Said, Saying, Standing } from "../../ports/incident.ts";
import { mostSevere, openOnes } from "../../store/pick-incident.ts";
import { StateFault } from "../../store/state-check.ts";
import type { Refusal } from "../context/refusal.ts";
import { storeOf } from "../context/store.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { appendRecords } from "./chain.ts";
import { ensureSender } from "./ensure-sender.ts";
import { nameOf } from "./record-command.ts";
import { ownTextsOf } from "./own-texts.ts";
import { bodyOf, briefPreview, previewed } from "./preview.ts";
import { overText, readScene, respondersIn, type Scene } from "./scene.ts";
import { nobodySends } from "./sender-lives.ts";
import * as statements from "./statements.ts";
import type { Statement } from "./statements.ts";
import { update } from "./update.ts";

/** Whose steps speak, of which run. */
export interface RunDeskSettings {
  readonly world: World;
  /** They name the platform file, for the sender. */
  readonly options: GlobalOptions;
  readonly platform: Platform;
  /** The run's own; undefined: the one that is open when a step speaks. */
  readonly incident: string | undefined;
  /** Nothing is put on record, and nobody is reached. */
  readonly rehearsal: boolean;
  /** Hides what the run knows of secrets. */
  readonly hide: (text: string) => string;
}

export async function foresee(settings: RunDeskSettings, saying: Saying): Promise<Result<Foreseen>> {
  const scene = await sceneOf(settings);
  if (!scene.ok) return scene;
  const made = madeBy(scene.value, saying);
  if (!made.ok) return refused(saying, made.failure);
  return ok(foreseenIn(scene.value, made.value));
}

export async function say(
  settings: RunDeskSettings,
  saying: Saying,
  key: string,
  incident: string | undefined,
): Promise<Result<Said>> {
  const found = await sceneOf(settings, incident);
  if (!found.ok) return found;
  const scene = found.value;
  const made = madeBy(scene, saying);
  const before = saidBefore(scene, saying, key, made);
  if (before !== undefined) {
    const unsent = sendQueued(settings, scene, key);
    return ok(saidIn(scene, made, { ref: before.ref, again: true, unsent }));
  }
  if (!made.ok) return refused(saying, made.failure);
  if (settings.rehearsal) return ok(saidIn(scene, made, { ref: "", again: false, unsent: [] }));
  const written = await appendRecords(scene.place, ...marked(made.value, key));
  if (!written.ok) return await notWritten(settings, scene, key, written.failure);
  const now = await readScene(scene, scene.place);
  const unsent = sendQueued(settings, now, key);
  return ok(saidIn(now, made, { ref: written.value[0] ?? "", again: false, unsent }));
}

export async function wasSaid(
  settings: RunDeskSettings,
  key: string,
  incident: string,
): Promise<"yes" | "no" | "unknown"> {
  const scene = await sceneOf(settings, incident, "ended");
  if (!scene.ok) return "unknown";
  if (recordsOf(scene.value, key).length === 0) return "no";
  // A process that was killed right behind its record started no sender: whoever finds it does.
  sendQueued(settings, scene.value, key);
  return "yes";
}

export async function standing(settings: RunDeskSettings): Promise<Result<Standing>> {
  const found = await sceneOf(settings);
  if (!found.ok) return found;
  const { status, fold, now, place } = found.value;
  const clocks = clockTexts(status.clocks);
  const since = sinceOf(fold);
  const pages = [...fold.messages.values()].filter(
    ({ queued: { data, at } }) => data.kind === "page" && at >= since,
  );
  const commander = status.roles.find(({ role }) => role === "commander")?.holders[0]?.who;
  return ok({
    incident: place.incident,
    severity: status.severity ?? "",
    security: status.security,
    elapsed: Math.max(0, now - (status.declared?.at ?? now)),
    clocks,
    events: Object.fromEntries(Object.entries(status.events).map(([name, { at }]) => [name, new Date(at)])),
    commander,
    paged: pages.map((page) => `${wayText(page.queued.data)}: ${outcomeOf(page)}`),
    silent: status.silent.map(({ who }) => who),
    text: [nameOf(status), ...Object.entries(clocks).map(([name, text]) => `${name} ${text}`)].join("; "),
  });
}

/** The incident named, the run's own, or the only open one of the highest severity. */
async function sceneOf(
  settings: RunDeskSettings,
  named = settings.incident,
  over: "refuse" | "ended" = "refuse",
): Promise<Result<Scene>> {
  const { world, options, platform, hide } = settings;
  const store = storeOf(world, options);
  const refuse = (message: string): Result<never> =>
    fail({ type: "missing", target: "incident", message, effect: "none" });
  try {
    const left = named === undefined ? mostSevere(openOnes(await store.incidents())) : [];
    const incident = named ?? left[0]?.id;
    if (incident === undefined) return refuse('no incident is open; lav-ir declare P0 "impact" opens one');
    if (left.length > 1)
      return refuse(
        `several incidents are open: ${left.map(({ id }) => id).join(", ")}; name one with --incident`,
      );
    const responders = respondersIn(world, platform, await ownTextsOf(world, platform));
    const text: Scene["text"] = (typed, what) => responders.text(hide(typed), what);
    const scene = await readScene({ ...responders, text }, { store, incident });
    const ended = over === "refuse" ? overText(scene) : undefined;
    return ended === undefined ? ok(scene) : refuse(ended);
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return fail({ type: "unreadable", target: named ?? "incident", message: error.message, effect: "none" });
  }
}

function madeBy(scene: Scene, saying: Saying): Result<Statement, Refusal> {
  switch (saying.do) {
    case "page":
      return statements.page(scene, saying.who, saying.text);
    case "update":
      return update(scene, saying.text, saying);
    case "note":
      return statements.note(scene, saying.text, saying);
    case "fact":
      return statements.fact(scene, saying.name, saying.value, saying);
    case "role":
      return statements.role(scene, saying.role, saying.person);
    case "severity":
      return statements.severity(scene, saying.to, saying.why);
  }
}

function refused(saying: Saying, { message }: Refusal): Result<never> {
  return fail({ type: "argument", target: saying.do, message, effect: "none" });
}

function recordsOf({ fold }: Scene, key: string): readonly Placed[] {
  return fold.all.filter(({ record }) => record.data["step"] === key);
}

/**
 * What this step said before. Of a message and a change of the severity its key is enough; of a note, a fact or a role
 * the content has to be the same, because a read that is read again may have learned something else.
 */
function saidBefore(
  scene: Scene,
  saying: Saying,
  key: string,
  made: Result<Statement, Refusal>,
): Placed | undefined {
  const own = recordsOf(scene, key);
  if (saying.do === "page" || saying.do === "update") return own[0];
  // It is so already: whoever made it so.
  if (saying.do === "severity")
    return (
      own[0] ??
      (scene.status.severity === severityNamed(saying.to, scene.plan.severityNames)
        ? scene.fold.severities.at(-1)?.by
        : undefined)
    );
  const wanted = made.ok ? contentOf(made.value.records[0]?.data ?? {}) : undefined;
  return own.find(({ record }) => contentOf(record.data) === wanted);
}

function contentOf({ at: _at, step: _step, ...data }: Readonly<Record<string, unknown>>): string {
  return canonicalJson(data as Json);
}

/** With the step's key, in the record and in the keys of its messages. */
function marked(
  { records: [first, ...rest], quoting }: Statement,
  key: string,
): [readonly IncidentRecord[], Statement["quoting"]] {
  const own = first === undefined ? [] : [{ ...first, data: { ...first.data, step: key } } as IncidentRecord];
  return [[...own, ...rest], quoting && ((_refs, head, chain) => quoting([key], head, chain))];
}

/** A write that failed may have reached the disk: looked at, before anybody is told. */
async function notWritten(
  settings: RunDeskSettings,
  scene: Scene,
  key: string,
  why: string,
): Promise<Result<never>> {
  const { incident } = scene.place;
  const there = await wasSaid(settings, key, incident);
  const effect = there === "no" ? "none" : "unknown";
  return fail({ type: "rejected", target: incident, message: `NOT RECORDED: ${why}`, effect });
}

/** @returns that nobody sends them, where that is so */
function sendQueued(
  { world, options, rehearsal }: RunDeskSettings,
  { fold }: Scene,
  key: string,
): readonly string[] {
  const waits = [...fold.messages.values()].some(
    (message) => message.key.endsWith(`/${key}`) && message.state.state === "queued",
  );
  return waits && !rehearsal ? nobodySends(ensureSender(world, options)) : [];
}

function foreseenIn(scene: Scene, statement: Statement): Foreseen {
  const { says, recipients, sends } = statement;
  const { place, status } = scene;
  const { reaches, call, left } = audienceOf(recipients);
  const running = Object.entries(clockTexts(status.clocks)).filter(([, text]) => !text.startsWith("met"));
  return {
    incident: place.incident,
    severity: status.severity ?? "",
    reaches,
    call,
    lines: [
      `${nameOf(status)}: ${says.join("; ")}`,
      ...(recipients === undefined ? [] : audienceLines({ reaches, call, left }, sends ?? "pages")),
      ...(running.length === 0 ? [] : [running.map(([name, text]) => `${name} ${text}`).join("; ")]),
      ...briefPreview(previewed(scene, statement), bodyOf(scene, statement)),
    ],
  };
}

interface Audience {
  readonly reaches: readonly string[];
  readonly call: readonly string[];
  readonly left: readonly string[];
}

function audienceOf(recipients: Recipients | undefined): Audience {
  const { send = [], call = [], left = [] } = recipients ?? {};
  return { reaches: send.map(wayText), call: call.map(({ id }) => id), left };
}

/** Without numbers: a preview is on record, and records name people by id. */
function audienceLines({ reaches, call, left }: Audience, what: string): readonly string[] {
  return [
    reaches.length === 0 ? "nobody is reached by a channel" : `${what} go to ${reaches.join(", ")}`,
    ...(call.length === 0 ? [] : [`call ${call.join(", ")}: ${contactsOf(call)}`]),
    ...(left.length === 0 ? [] : [`not used, because they may not carry it: ${left.join(", ")}`]),
  ];
}

function contactsOf(call: readonly string[]): string {
  return call.map((person) => `lav-ir contacts ${person}`).join(", ");
}

function saidIn(
  { place, status }: Scene,
  made: Result<Statement, Refusal>,
  {
    ref,
    again,
    unsent,
  }: { readonly ref: string; readonly again: boolean; readonly unsent: readonly string[] },
): Said {
  const { reaches, call } = audienceOf(made.ok ? made.value.recipients : undefined);
  const what = made.ok ? (made.value.sends ?? "pages") : "pages";
  const how = again ? "on record already" : ref === "" ? "a rehearsal: not on record" : "on record";
  const text = [
    `${place.incident}: ${how}${ref === "" ? "" : ` (${ref})`}`,
    ...(reaches.length === 0 || again ? [] : [`${what} queued: ${reaches.join(", ")}`]),
    ...(call.length === 0 ? [] : [`call ${call.join(", ")}: ${contactsOf(call)}`]),
    ...unsent,
  ].join("; ");
  return { incident: place.incident, ref, again, reaches, call, text, clocks: clockTexts(status.clocks) };
}

function wayText({ channel, person }: { readonly channel: string; readonly person?: string }): string {
  return person === undefined ? channel : `${channel} (${person})`;
}
