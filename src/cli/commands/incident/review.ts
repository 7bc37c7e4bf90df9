import {
  digestOf,
  writtenIn,
  missingIn,
  readReview,
  writePage,
  writeReview,
  type ReviewFile,
} from "../../../app/incident/review.ts";
import { recordCommand } from "../../../app/incident/record-command.ts";
import { reviewPage } from "../../../output/review-page.ts";
import { openScene, type Scene } from "../../../app/incident/scene.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { ok } from "../../../base/result.ts";
import type { Missing } from "../../../incident/review/check.ts";

export interface ReviewOptions {
  readonly check?: boolean;
  readonly done?: boolean;
  readonly html?: boolean;
}

/**
 * `lav-ir review`: makes the review's generated parts anew. `--check` changes nothing and lists what is missing;
 * `--done` puts on record that it was held, where nothing is.
 * @returns 1, where --check or --done finds something missing.
 */
export async function review(world: World, options: GlobalOptions, own: ReviewOptions): Promise<number> {
  const scene = await openScene(world, options, { command: "review", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const read = await readReview(scene.value);
  if (!read.ok) return refuse(world, options, read.failure);
  const wanted = own.check === true || own.done === true;
  const file = wanted ? read : await writeReview(scene.value, read.value);
  if (!file.ok) return refuse(world, options, file.failure);
  const missing = missingIn(file.value);
  if (!missing.ok) return refuse(world, options, missing.failure);
  if (own.html === true) return await page(world, options, scene.value, file.value);
  if (own.done === true && missing.value.length === 0) return await held(world, options, file.value);
  tell(world, options, scene.value, file.value, missing.value, wanted);
  return wanted && missing.value.length > 0 ? 1 : 0;
}

/** The same as one page for a browser, with what people wrote. */
async function page(world: World, options: GlobalOptions, scene: Scene, file: ReviewFile): Promise<number> {
  const written = await writePage(scene, reviewPage(file.model, writtenIn(file)));
  if (!written.ok) return refuse(world, options, written.failure);
  const { incident } = scene.place;
  const row = { type: "incident.review_page" as const, incident, path: written.value };
  show(world, options, [row], () => [written.value]);
  return 0;
}

/** That it was held is a record, with the digest of what was held. */
async function held(world: World, options: GlobalOptions, { text = "" }: ReviewFile): Promise<number> {
  const data = { sha256: digestOf(text), state: "done" as const };
  return await recordCommand(world, { ...options, closed: true }, "review", () =>
    ok({ records: [{ type: "incident.review", data }], says: [`review held: SHA-256 ${data.sha256}`] }),
  );
}

function tell(
  world: World,
  options: GlobalOptions,
  { place: { incident } }: Scene,
  { path, text }: ReviewFile,
  missing: readonly Missing[],
  list: boolean,
): void {
  const sha256 = text === undefined ? undefined : digestOf(text);
  const rows = [
    { type: "incident.reviewed" as const, incident, path, sha256, missing: missing.length },
    ...missing.map(({ what, fill }) => ({ type: "incident.missing" as const, incident, what, fill })),
  ];
  show(world, options, rows, () => {
    if (!list)
      return [
        path,
        missing.length === 0
          ? "  nothing is missing; lav-ir review --done puts on record that it was held"
          : `  ${missing.length} missing; lav-ir review --check lists them`,
      ];
    if (missing.length === 0) return [`${incident}: nothing is missing from its review`];
    return [
      `${incident}: ${missing.length} missing from its review`,
      ...missing.map(({ what, fill }) => `  ${what}: ${fill}`),
    ];
  });
}
