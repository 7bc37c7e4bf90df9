import { recordCommand } from "../../../app/incident/record-command.ts";
import { openScene, type Scene } from "../../../app/incident/scene.ts";
import { filled, givenFields } from "../../../app/incident/templated.ts";
import { loadTemplate, type NamedTemplate } from "../../../app/incident/templates.ts";
import { update, type UpdateOptions } from "../../../app/incident/update.ts";
import { questionsOf } from "../../../app/context/questions.ts";
import { interrupted, type Refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { ok, type Result } from "../../../base/result.ts";
import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import { fields } from "../../../incident/templates/fields.ts";

export interface UpdateCommandOptions extends UpdateOptions {
  readonly template?: string;
  readonly nothingNew?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `lav-ir update`: what was typed, or a template that records and answers fill. */
export async function updateCommand(
  world: World,
  options: GlobalOptions,
  typed: string,
  own: UpdateCommandOptions,
): Promise<number> {
  const name = own.template ?? (own.nothingNew === true ? "nothing-new" : undefined);
  const { yes, dryRun } = own;
  const how = {
    ...options,
    ...(yes === undefined ? {} : { yes }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  if (name === undefined)
    return await recordCommand(world, how, "update", (scene) => update(scene, typed, own));
  const template = await loadTemplate(world, name);
  if (!template.ok) return refuse(world, options, template.failure);
  const scene = await openScene(world, options, { command: "update" });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const asked = await askMissing(world, options, scene.value, typed, own, template.value);
  if (!asked.ok) return refuse(world, options, asked.failure);
  const whole = { ...own, set: [...(own.set ?? []), ...asked.value] };
  const make = (now: Scene) => update(now, typed, whole, template.value);
  return await recordCommand(world, { ...how, previews: true }, "update", make);
}

/** At a terminal each field that is not known is asked for; Enter leaves it so. @returns `name=value` */
async function askMissing(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  typed: string,
  own: UpdateOptions,
  { template }: NamedTemplate,
): Promise<Result<readonly string[], Refusal>> {
  const given = givenFields(scene, typed, own);
  if (!given.ok) return given;
  const settings = questionsOf(world, options);
  if (!settings.available) return ok([]);
  const prompt = createPrompt(settings, new Turn());
  const answers: string[] = [];
  for (const { field } of filled(scene, template, given.value).missing) {
    const answer = await prompt.text(`${field}: ${fields[field].doc}`, world.interruption.stop);
    if (!answer.answered) return interrupted(world, "nothing was sent");
    if (answer.value.trim() !== "") answers.push(`${field}=${answer.value}`);
  }
  return ok(answers);
}
