import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { fields } from "../../incident/templates/fields.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, type Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import type { Scene } from "./scene.ts";
import { filled, givenFields, missingFields, standardBody, type GivenOptions } from "./templated.ts";
import { loadTemplate, type NamedTemplate } from "./templates.ts";

/** At a terminal each field that is not known is asked for; Enter leaves it so. @returns `name=value` */
export async function askMissing(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  typed: string,
  own: GivenOptions,
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

/** The text of a notice by a template of any name, as the incident stands in this scene. */
export async function noticeBody(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  name: string,
  own: GivenOptions,
): Promise<Result<string, Refusal>> {
  const template = await loadTemplate(world, name, scene.platform);
  if (!template.ok) return template;
  const asked = await askMissing(world, options, scene, "", own, template.value);
  if (!asked.ok) return asked;
  const given = givenFields(scene, "", { ...own, set: [...(own.set ?? []), ...asked.value] });
  if (!given.ok) return given;
  const made = filled(scene, template.value.template, given.value);
  if (made.missing.length > 0) return missingFields(made);
  return ok(scene.status.security ? standardBody(scene, "resolution") : made.text);
}
