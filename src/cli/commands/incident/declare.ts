import { isBlank, printable } from "../../../base/printable.ts";
import { ok, type Result } from "../../../base/result.ts";
import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import { createClock } from "../../../drivers/clock.ts";
import { awaitPages } from "../../../app/incident/await-pages.ts";
import { declareIncident, type Declaration, type Declared } from "../../../app/incident/declare.ts";
import { planInUse, recipientLines } from "../../../app/incident/record-command.ts";
import { declareUnrecorded } from "../../../app/incident/declare-unrecorded.ts";
import { ensureSender, startWaiting } from "../../../app/incident/ensure-sender.ts";
import { nobodySends, type Sending } from "../../../app/incident/sender-lives.ts";
import type { WaitingSender } from "../../../app/incident/waiting-sender.ts";
import { unusedNotes } from "../../../app/incident/own-texts.ts";
import { respondersOf, type Responders } from "../../../app/incident/scene.ts";
import { saysWhen } from "../../../app/incident/statements.ts";
import { cutText } from "../../../app/incident/typed-text.ts";
import { questionsOf } from "../../../app/context/questions.ts";
import { interrupted, refusal, type Refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { show } from "../../../app/context/telling.ts";
import { storeOf } from "../../../app/context/store.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { haltAll } from "../../../app/halt/start.ts";
import { readTyped } from "../../../incident/typed-time.ts";
import { platformLine } from "../../../platform/line.ts";
import { severityNamed } from "../../../platform/severity.ts";
import { formatDuration, parseDuration } from "../../../base/duration.ts";
import { askSeverity } from "./ask-severity.ts";

export interface DeclareOptions {
  readonly mine?: boolean;
  readonly affects?: readonly string[];
  readonly started?: string;
  readonly key?: string;
  readonly security?: boolean;
  readonly drill?: boolean;
  /** How long to wait for what the channels say. */
  readonly wait?: string;
}

/** `lav-ir declare [P0..P3] IMPACT`: on record first, then the pages, then the question whether to halt. */
export async function declare(
  world: World,
  options: GlobalOptions,
  words: readonly string[],
  own: DeclareOptions,
): Promise<number> {
  const wait = own.wait === undefined ? 0 : parseDuration(own.wait);
  if (wait === undefined)
    return refuse(world, options, refusal(`--wait ${own.wait ?? ""} is not a duration such as 10s`).failure);
  // It starts while this is read and recorded, and sends nothing before it is told.
  const waiting = startWaiting(world, options);
  try {
    return await declareWith(world, options, words, own, { wait, waiting });
  } finally {
    waiting?.dismiss();
  }
}

async function declareWith(
  world: World,
  options: GlobalOptions,
  words: readonly string[],
  own: DeclareOptions,
  { wait, waiting }: { readonly wait: number; readonly waiting: WaitingSender | undefined },
): Promise<number> {
  const responders = await respondersOf(world, options, "declare");
  const declaration = await declarationOf(world, options, responders, words, own);
  if (!declaration.ok) return refuse(world, options, declaration.failure);
  let sending: Sending | undefined;
  // On record first, then the wire: from here on the pages go out, whatever becomes of this process.
  const queued = (): void => void (sending = ensureSender(world, options, planInUse(responders), waiting));
  const declared = await declareIncident(storeOf(world, options), responders, declaration.value, queued);
  // A question whether to halt may stand for long.
  waiting?.dismiss();
  if (!declared.ok)
    return await declareUnrecorded(world, options, responders, declaration.value, declared.failure);
  tell(world, options, responders, declaration.value, declared.value, sending);
  if (declared.value.is === "joined") return 0;
  const code = await offerHalt(world, options, responders, declaration.value, declared.value);
  // Nothing waits for a channel: what the channels say is asked for, and comes behind the halt.
  const accepted = wait === 0 || (await channelsAccept(world, options, declared.value.number, wait));
  return code === 0 && !accepted ? 1 : code;
}

/** Tells what becomes of the pages, as it comes. @returns false where a channel has not accepted its page */
async function channelsAccept(
  world: World,
  options: GlobalOptions,
  incident: string,
  ms: number,
): Promise<boolean> {
  const place = { store: storeOf(world, options), incident };
  const { stop } = world.interruption;
  return await awaitPages(place, { clock: createClock(), ms, stop }, ({ to, outcome, accepted }) => {
    const line = accepted ? `${to}: ${outcome}` : `NOT ACCEPTED ${to}: ${outcome}`;
    if (options.quiet !== true || !accepted) world.stderr.write(`${printable(line)}\n`);
  });
}

async function declarationOf(
  world: World,
  options: GlobalOptions,
  responders: Responders,
  words: readonly string[],
  own: DeclareOptions,
): Promise<Result<Declaration, Refusal>> {
  const [first = ""] = words;
  const names = responders.plan.severityNames;
  const named = severityNamed(first, names);
  if (named === undefined && /^[pP]\d+$/.test(first))
    return refusal(`unknown severity ${first} (${Object.keys(names).join(", ")})`);
  if (own.drill === true && responders.platform?.production === true)
    return refusal("a drill is refused on a production platform; name another environment with --env");
  // With a severity nothing is measured: the incident is on record before anything else.
  const severity =
    named === undefined
      ? await askSeverity(world, options, responders)
      : ok({ severity: named, triggers: [] });
  if (!severity.ok) return severity;
  const typed = (named === undefined ? words : words.slice(1)).join(" ");
  const impact = await impactOf(world, options, responders, typed);
  if (!impact.ok) return impact;
  const { zone } = responders.plan.settings;
  const started = own.started === undefined ? undefined : readTyped(own.started, zone, Date.now());
  if (started !== undefined && !started.ok) return refusal(started.failure);
  const affects = (own.affects ?? []).map((name) => responders.text(name, "--affects"));
  const bad = affects.find((name) => !name.ok);
  if (bad !== undefined && !bad.ok) return refusal(bad.failure);
  const key = own.key === undefined ? undefined : responders.text(own.key, "--key");
  if (key !== undefined && !key.ok) return refusal(key.failure);
  return ok({
    ...severity.value,
    impact: impact.value,
    affects: affects.flatMap((name) => (name.ok ? [name.value] : [])),
    ...(key === undefined ? {} : { key: key.value }),
    ...(started === undefined ? {} : { started: started.value }),
    security: own.security === true,
    drill: own.drill === true,
    mine: own.mine === true,
  });
}

async function impactOf(
  world: World,
  options: GlobalOptions,
  { text }: Responders,
  typed: string,
): Promise<Result<string, Refusal>> {
  const settings = questionsOf(world, options);
  let impact = typed;
  while (isBlank(impact)) {
    if (!settings.available)
      return refusal('declare needs the impact: lav-ir declare P1 "orders rejected at LMAX"');
    const prompt = createPrompt(settings, new Turn());
    const answer = await prompt.text("What is the impact, in one sentence?", world.interruption.stop);
    if (!answer.answered) return interrupted(world, "nothing was declared");
    impact = answer.value;
  }
  const cut = cutText(impact);
  if (cut !== impact) world.stderr.write("the impact is longer than a record takes and was truncated\n");
  const clean = text(cut, "the impact");
  return clean.ok ? clean : refusal(clean.failure);
}

function tell(
  world: World,
  options: GlobalOptions,
  responders: Responders,
  declaration: Declaration,
  declared: Declared,
  sending: Sending | undefined,
): void {
  const { number, status } = declared;
  const { missing, platform } = responders;
  const recipients = declared.is === "declared" ? declared.recipients : { send: [], call: [], left: [] };
  const unsent = sending === undefined ? [] : nobodySends(sending);
  const adopted = ["halted", "evidence"].flatMap((name) => status.events[name]?.value ?? []);
  // A program reads stdout; the person who started it has to know all the same.
  if (options.json === true || options.quiet === true)
    for (const line of [...unsent, ...unread(missing)]) world.stderr.write(`${printable(line)}\n`);
  if (options.json === true) {
    show(world, options, [lineOf(declaration, declared, adopted, missing)], () => [], platform);
    return;
  }
  if (options.quiet === true) {
    world.stdout.write(`${number}\n`);
    return;
  }
  if (platform !== undefined) world.stderr.write(`${printable(platformLine(platform))}\n`);
  const lines =
    declared.is === "joined"
      ? [`${number} is open with the key ${declaration.key ?? ""}; added there as a note`]
      : [
          `${number}  ${declaration.severity} ${responders.plan.severities[declaration.severity].name.toUpperCase()}  on record`,
          `  ${declaration.impact}`,
          ...saysWhen(declaration.started).map((line) => `  began ${line}`),
          ...recipientLines(responders, recipients),
          ...unusedNotes(responders.own, "alert").says.map((line) => `  ${line}`),
          ...unsent.map((line) => `  ${line}`),
          ...unread(missing).map((line) => `  ${line}`),
          ...(adopted.length === 0 ? [] : [`  adopted: ${adopted.join(", ")}`]),
          ...clockLines(declared),
          `  lav-ir status${declaration.drill ? ` --incident ${number}` : ""} shows what is due`,
        ];
  world.stdout.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Without a platform file nobody is paged, whoever reads stdout. */
function unread(missing: string | undefined): readonly string[] {
  return missing === undefined ? [] : [`nobody is paged: ${missing}`];
}

function lineOf(
  { severity, impact, affects, security, drill, key = "" }: Declaration,
  declared: Declared,
  adopted: readonly string[],
  problem: string | undefined,
) {
  const { number: incident } = declared;
  if (declared.is === "joined") return { type: "incident.joined" as const, incident, key };
  const { send: pages, call } = declared.recipients;
  const people = call.map(({ id }) => id);
  const what = {
    incident,
    severity,
    impact,
    affects,
    security,
    drill,
    adopted,
    pages,
    call: people,
    problem,
  };
  return { type: "incident.declared" as const, ...what };
}

function clockLines({ status }: Declared): readonly string[] {
  const due = status.clocks.flatMap(({ name, current, state }) =>
    current && state.is === "running" ? [{ name, left: state.left, due: state.due }] : [],
  );
  if (due.length === 0) return [];
  const first = due.toSorted((a, b) => a.due - b.due).slice(0, 4);
  return [
    `  due: ${first.map(({ name, left }) => `${name} in ${formatDuration(Math.ceil(left / 1000) * 1000)}`).join(", ")}`,
  ];
}

/** Where a halt is due: the question that `halt-all` asks; a no leaves the incident declared. */
async function offerHalt(
  world: World,
  options: GlobalOptions,
  { platform }: Responders,
  { drill, impact }: Declaration,
  { number, status }: Declared,
): Promise<number> {
  const due = status.clocks.some(
    ({ until, current, state }) => until === "halted" && current && state.is === "running",
  );
  if (!due || drill || platform === undefined || options.json === true) return 0;
  if (!questionsOf(world, options).available) {
    if (options.quiet !== true)
      world.stderr.write('trading is not halted; lav-ir halt-all --reason "…" halts it\n');
    return 0;
  }
  const code = await haltAll(world, {
    ...options,
    reason: impact,
    incident: number,
    ...(options.quiet === true ? {} : { named: platform.path }),
  });
  if (code !== 2 && code !== 3) return code;
  world.stderr.write(`${number} is on record; trading is NOT halted\n`);
  // A no is no fault; a halt that could not begin is, and the incident is on record all the same.
  return code === 3 ? 0 : 1;
}
