import { printable } from "../../base/printable.ts";
import type { Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { Recipients } from "../../incident/pages.ts";
import type { IncidentStatus } from "../../incident/status.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import { refuse } from "../context/refuse.ts";
import { show } from "../context/telling.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { appendRecords } from "./chain.ts";
import { ensureSender } from "./ensure-sender.ts";
import { notRecorded, type Unrecorded } from "./not-recorded.ts";
import { damagedText, openScene, type Scene } from "./scene.ts";
import { nobodySends } from "./sender-lives.ts";
import type { Statement } from "./statements.ts";

export interface RecordOptions extends GlobalOptions {
  readonly yes?: boolean;
  /** An incident that is over may be named. */
  readonly closed?: boolean;
  /** Shows what each channel would get, and records nothing. */
  readonly dryRun?: boolean;
  /** At a terminal the messages are shown first, and asked for. */
  readonly previews?: boolean;
}

/** A question that must be answered with yes before anything is recorded; undefined: there is nothing to ask. */
export type Asks = (scene: Scene) => string | undefined;

/** One command that puts something on record: the scene, what it says, the record, and what is told of it. */
export async function recordCommand(
  world: World,
  options: RecordOptions,
  command: string,
  make: (scene: Scene) => Result<Statement, Refusal>,
  asks?: Asks,
): Promise<number> {
  const { closed = false } = options;
  const scene = await openScene(world, options, { command, closed, careful: asks !== undefined && !closed });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const made = make(scene.value);
  if (!made.ok) return refuse(world, options, made.failure);
  if (options.dryRun === true) {
    const { showDryRun } = await import("./ask-preview.ts");
    return showDryRun(world, options, scene.value, made.value);
  }
  const question = options.yes === true ? undefined : asks?.(scene.value);
  if (question !== undefined) {
    const no = await declined(world, options, question);
    if (no !== undefined) return refuse(world, options, no);
  }
  if (options.previews === true && options.yes !== true) {
    const { askPreview } = await import("./ask-preview.ts");
    const sends = await askPreview(world, options, scene.value, made.value);
    if (!sends.ok) return refuse(world, options, sends.failure);
  }
  const { records, quoting, says, recipients, sends: what } = made.value;
  const { place, uid, status, problem } = scene.value;
  const written = await appendRecords(place, records, quoting);
  if (!written.ok) {
    const what = { incident: place.incident, uid, why: written.failure, says, records };
    return await notRecorded(world, options, scene.value, { ...what, ...alertOf(scene.value, made.value) });
  }
  if (problem !== undefined) world.stderr.write(`${printable(damagedText(place.incident, problem))}\n`);
  const [ref = ""] = written.value;
  const { send = [], call = [] } = recipients ?? {};
  const unsent = send.length === 0 ? [] : nobodySends(ensureSender(world, options, planInUse(scene.value)));
  if (options.json === true) for (const line of unsent) world.stderr.write(`${printable(line)}\n`);
  const rows = records.map(({ type: record, data }) => ({
    type: "incident.recorded" as const,
    incident: place.incident,
    ref,
    record,
    data,
    pages: send,
    call: call.map(({ id }) => id),
  }));
  show(world, options, rows, () => [
    `${nameOf(status)}: on record (${ref})`,
    ...says.map((line) => `  ${line}`),
    ...(recipients === undefined ? [] : recipientLines(scene.value, recipients, what)),
    ...unsent.map((line) => `  ${line}`),
  ]);
  return 0;
}

/** Undefined where there is no platform file in use. */
export function planInUse({ platform, plan }: Pick<Scene, "platform" | "plan">): Scene["plan"] | undefined {
  return platform === undefined ? undefined : plan;
}

/** What a command pages goes out where no disk takes it. */
function alertOf(scene: Scene, { quoting, recipients, says }: Statement): Pick<Unrecorded, "alert"> {
  if (quoting === undefined || recipients === undefined) return {};
  const { severity = "P3", drill, security } = scene.status;
  const { incident } = scene.place;
  const call = recipients.call.map(({ id }) => id);
  const say = [incident, severity, ...says].join(", ");
  const head = { desk: scene.desk, seq: 0, sum: "" };
  return {
    alert: (about) => ({
      incident,
      severity,
      drill,
      security,
      call,
      say,
      records: quoting([about], head, []),
    }),
  };
}

/** `INC-2026-0042 P0`. */
export function nameOf({ number, severity }: Pick<IncidentStatus, "number" | "severity">): string {
  return severity === undefined ? number : `${number} ${severity}`;
}

/** Who is paged by what, and whom somebody has to call. */
export function recipientLines(
  { plan, missing }: Pick<Scene, "plan" | "missing">,
  { send, call, left }: Recipients,
  what = "pages",
): readonly string[] {
  const queued = send.map(({ channel, person }) =>
    person === undefined ? channel : `${channel} (${person})`,
  );
  return [
    queued.length === 0 ? "  nobody is reached by a channel" : `  ${what} queued: ${queued.join(", ")}`,
    ...call.map(
      ({ id, name, phone }) => `  call ${name} (${id}): ${phone ?? "no number in the platform file"}`,
    ),
    ...(left.length === 0 ? [] : [`  not used, because they may not carry it: ${left.join(", ")}`]),
    ...(missing === undefined && Object.keys(plan.channels).length === 0
      ? ["  the platform file has no channels"]
      : []),
  ];
}

async function declined(
  world: World,
  options: RecordOptions,
  question: string,
): Promise<Refusal | undefined> {
  const settings = questionsOf(world, options);
  const needs = refusal(
    "this needs consent, and there is no terminal to ask at; pass --yes",
    "consent",
  ).failure;
  if (!settings.available) return needs;
  const answer = await createPrompt(settings, new Turn()).confirm(question, world.interruption.stop);
  if (!answer.answered)
    return answer.why === "cancelled" ? interrupted(world, "nothing was recorded").failure : needs;
  return answer.value ? undefined : refusal("declined; nothing was recorded", "consent").failure;
}
