// The installation's own texts for messages that go out by themselves. An alert never waits for a file and never fails
// by one: what cannot be read in time, is not trusted or has a problem is not used, and that is said on the screen and
// on record; `lint` finds it before.
import { ok, fail, type Result } from "../../base/result.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import { standardNames, type OwnTemplates, type StandardName } from "../../incident/templates/standard.ts";
import { readTemplate, type Template } from "../../incident/templates/template.ts";
import { place } from "../../language/diagnostic.ts";
import { readSourceFile } from "../../language/source.ts";
import type { Platform } from "../../platform/platform.ts";
import { distrustOf } from "../context/platform-file.ts";
import type { World } from "../context/world.ts";
import { ownPath } from "./templates.ts";

export interface OwnTexts {
  readonly templates: OwnTemplates;
  /** Of each that is named and not used, why. */
  readonly unused: Readonly<Partial<Record<StandardName, string>>>;
}

export const noTexts: OwnTexts = { templates: {}, unused: {} };

/** Milliseconds that all of them have together. */
const patience = 500;

export async function ownTextsOf(world: World, platform: Platform | undefined): Promise<OwnTexts> {
  if (platform === undefined) return noTexts;
  const named = standardNames.flatMap((name) => {
    const path = ownPath(world, platform, name);
    return path === undefined ? [] : [{ name, path }];
  });
  if (named.length === 0) return noTexts;
  const late = new Promise<Result<never, string>>((resolve) => {
    setTimeout(() => resolve(fail(`it could not be read within ${patience} ms`)), patience).unref();
  });
  const read = await Promise.all(
    named.map(async ({ name, path }) => ({
      name,
      path,
      read: await Promise.race([readOwn(world, path), late]),
    })),
  );
  const used = read.flatMap(({ name, read: one }) => (one.ok ? [[name, one.value] as const] : []));
  const unused = read.flatMap(({ name, path, read: one }) =>
    one.ok
      ? []
      : [[name, `template ${name} not used: ${why(path, one.failure)}; the built-in text is sent`] as const],
  );
  return { templates: Object.fromEntries(used), unused: Object.fromEntries(unused) };
}

function why(path: string, failure: string): string {
  return failure.includes(path) ? failure : `${path}: ${failure}`;
}

async function readOwn(world: World, path: string): Promise<Result<Template, string>> {
  const read = await readSourceFile(path);
  if (!read.ok) return read;
  const distrust = await distrustOf(world, path, read.value.stat);
  if (distrust !== undefined) return fail(distrust.why);
  const { source } = read.value;
  const { template, problems } = readTemplate(source.text);
  const [first] = problems;
  return first === undefined ? ok(template) : fail(`${place(source, first.span)}: ${first.message}`);
}

/** What is put on record and said where a template was not used. */
export function unusedNotes(
  { unused }: OwnTexts,
  name: StandardName,
): { readonly records: readonly IncidentRecord[]; readonly says: readonly string[] } {
  const text = unused[name];
  if (text === undefined) return { records: [], says: [] };
  return { records: [{ type: "incident.note", data: { text } }], says: [`warning: ${text}`] };
}
