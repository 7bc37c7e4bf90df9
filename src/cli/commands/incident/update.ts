import { recordCommand } from "../../../app/incident/record-command.ts";
import { openScene, type Scene } from "../../../app/incident/scene.ts";
import { askMissing } from "../../../app/incident/filled-body.ts";
import { loadTemplate } from "../../../app/incident/templates.ts";
import { update, type UpdateOptions } from "../../../app/incident/update.ts";
import { refuse } from "../../../app/context/refuse.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";

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
  const scene = await openScene(world, options, { command: "update" });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const template = await loadTemplate(world, name, scene.value.platform);
  if (!template.ok) return refuse(world, options, template.failure);
  const asked = await askMissing(world, options, scene.value, typed, own, template.value);
  if (!asked.ok) return refuse(world, options, asked.failure);
  const whole = { ...own, set: [...(own.set ?? []), ...asked.value] };
  const make = (now: Scene) => update(now, typed, whole, template.value);
  return await recordCommand(world, { ...how, previews: true }, "update", make);
}
