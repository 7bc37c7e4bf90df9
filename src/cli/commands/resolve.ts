import { printable } from "../../base/printable.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import { appendRecords } from "../../app/incident/chain.ts";
import { audienceOf } from "../../incident/notices.ts";
import { closingOf, type Closing, type ClosingOptions } from "../../app/incident/closing.ts";
import { endNotices, type EndNotices } from "../../app/incident/end-notices.ts";
import { foreseenScene } from "../../app/incident/foreseen-scene.ts";
import { ensureSender } from "../../app/incident/ensure-sender.ts";
import { nobodySends } from "../../app/incident/sender-lives.ts";
import { readableScene, type Scene } from "../../app/incident/scene.ts";
import { questionsOf } from "../../app/context/questions.ts";
import { knownSecrets } from "../../app/wiring/secrets.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { chooseIncident } from "../../app/context/incident.ts";
import { interrupted, refusal, type Refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { show } from "../../app/context/telling.ts";
import { storeOf } from "../../app/context/store.ts";

export interface ResolveOptions extends ClosingOptions {
  readonly dryRun?: boolean;
  /** The template of the notice, in place of the standard one. */
  readonly notice?: string;
  readonly set?: readonly string[];
  readonly yes?: boolean;
}

/**
 * `lav-ir resolve`: the end of an incident, on record in its journal with who says so, what resolved it, the cause as
 * far as it is known and when the review is. Nothing else is touched: what is halted stays halted. Again it is the
 * same end.
 */
export async function resolve(
  world: World,
  options: GlobalOptions,
  given: string | undefined,
  own: ResolveOptions = {},
): Promise<number> {
  const store = storeOf(world, options);
  const found = await chooseIncident(world, options, { careful: true });
  if (!found.ok) return refuse(world, options, found.failure);
  const incident = found.value;
  if (incident === undefined) return refuse(world, options, refusal("no incident is open", "state").failure);
  const state = await store.incident(incident);
  if (state?.is === "closed") return tell(world, options, incident, state);
  // Nothing keeps an incident from its end, not even records that cannot be read.
  const scene = await readableScene(world, options, { store, incident }, "resolve");
  if (scene !== undefined) warnWhileHalted(world, scene);
  const text = await whatResolved(world, options, incident, given);
  if (!text.ok) return refuse(world, options, text.failure);
  const message = createRedactor(knownSecrets(world, {})).text(text.value);
  const closing = scene === undefined ? ok(plain) : await closingOf(world, options, scene, own);
  if (!closing.ok) return refuse(world, options, closing.failure);
  const { data, says } = closing.value;
  const record: IncidentRecord = { type: "incident.resolved", data: { message, ...data } };
  const told = scene === undefined ? ok(nobody) : await noticesOf(world, options, scene, record, own);
  if (!told.ok) return refuse(world, options, told.failure);
  const { targets, quoting, records: notes, says: unused } = told.value;
  const statement = { records: [record, ...notes], quoting };
  if (scene !== undefined && (own.dryRun === true || own.notice !== undefined)) {
    const { askPreview, showDryRun } = await import("../../app/incident/ask-preview.ts");
    if (own.dryRun === true) return showDryRun(world, options, scene, statement);
    const sends = own.yes === true ? ok(undefined) : await askPreview(world, options, scene, statement);
    if (!sends.ok) return refuse(world, options, sends.failure);
  }
  const written = await appendRecords({ store, incident }, statement.records, quoting);
  if (!written.ok) {
    const why = `${incident} is NOT resolved: the resolution could not be recorded: ${written.failure}`;
    return refuse(world, options, refusal(why, "state").failure);
  }
  return tell(world, options, incident, undefined, [
    ...[...says, ...unused].map((line) => `  ${line}`),
    ...tellEverybody(world, options, targets),
  ]);
}

const plain: Closing = { data: {}, says: [] };
const nobody: EndNotices = { targets: [], quoting: () => [], records: [], says: [] };

/** By the template that is named, else by the standard one. */
async function noticesOf(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  record: IncidentRecord,
  own: ResolveOptions,
): Promise<Result<EndNotices, Refusal>> {
  if (own.notice === undefined) return ok(endNotices(scene, "resolution", record));
  const { noticeBody } = await import("../../app/incident/filled-body.ts");
  const body = await noticeBody(world, options, foreseenScene(scene, [record]), own.notice, own);
  return body.ok ? ok(endNotices(scene, "resolution", record, { body: body.value })) : body;
}

function warnWhileHalted({ stderr }: World, { status: { trading } }: Scene): void {
  if (trading.is === "not halted") return;
  const how = trading.is === "halted" ? "halted" : "being resumed in stages";
  const line = `warning: trading is ${how}, as far as is on record; resolving changes nothing of that (lav-ir trading status)`;
  stderr.write(`${printable(line)}\n`);
}

/** @returns lines on whom the end is told. */
function tellEverybody(
  world: World,
  options: GlobalOptions,
  targets: EndNotices["targets"],
): readonly string[] {
  if (targets.length === 0) return [];
  const whom = audienceOf(targets).map(({ channel, person }) =>
    person === undefined ? channel : `${channel} (${person})`,
  );
  return [`  notices queued: ${whom.join(", ")}`, ...nobodySends(ensureSender(world, options))];
}

async function whatResolved(
  world: World,
  options: GlobalOptions,
  incident: string,
  given = "",
): Promise<Result<string, Refusal>> {
  if (given.trim() !== "") return ok(given.trim());
  const { interruption } = world;
  const settings = questionsOf(world, options);
  if (!settings.available)
    return refusal(`resolve needs what resolved it: lav-ir resolve "the venue is back"`);
  const question = `What resolved ${incident}? (Enter alone: it stays open)`;
  const answer = await createPrompt(settings, new Turn()).text(question, interruption.stop);
  if (!answer.answered) {
    const said = "it stays open";
    return answer.why === "cancelled" ? interrupted(world, said) : refusal(said, "consent");
  }
  const text = answer.value.trim();
  return text === "" ? refusal("it stays open", "consent") : ok(text);
}

function tell(
  world: World,
  options: GlobalOptions,
  incident: string,
  before: { readonly by: string; readonly at: string } | undefined,
  more: readonly string[] = [],
): number {
  const type = "incident.resolved";
  const [resolved_by, resolved_at] = [before?.by, before?.at];
  const row = { type, incident, repeated: before !== undefined, resolved_by, resolved_at } as const;
  const when = before === undefined ? "" : ` already, at ${before.at} by ${before.by}`;
  show(world, options, [row], () => [`${incident} is resolved${when}`, ...more]);
  return 0;
}
