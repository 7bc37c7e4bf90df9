import { resolve } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { begunText } from "../../platform/begun.ts";
import { servicesBeside } from "../../platform/services-beside.ts";
import { platformSchema } from "../../runbook/platform-schema.ts";
import { runbookSchema } from "../../runbook/schema.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import type { Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { kinds } from "../wiring/all-kinds.ts";
import { beginningOf } from "./ask-begun.ts";
import { firstRunbook } from "./first-runbook.ts";
import { writeFiles } from "./write-files.ts";

/** A file that was written, and what it is for. */
export interface Written {
  /** Below the folder. */
  readonly path: string;
  readonly what: string;
}

export interface Initialised {
  readonly written: readonly Written[];
  /** What the operator has to know, a sentence each. */
  readonly notes: readonly string[];
  /** Commands to type next, in the folder. */
  readonly next: readonly string[];
}

/** Begins a platform file and a first runbook in `runbooks/`, where every command finds them. */
export async function begin(
  world: World,
  options: GlobalOptions,
  folder: string,
): Promise<Result<Initialised, Refusal>> {
  const root = resolve(world.cwd, folder);
  const beside = await servicesBeside(root);
  const found = typeof beside === "string" ? undefined : beside;
  const asked = await beginningOf(world, options, root, found);
  if (!asked.ok) return asked;
  const { begun, first, example } = asked.value;
  const runbook = firstRunbook(first, begun.project !== undefined && !begun.unreached.includes(first.name));
  const names = begun.services.map(({ name }) => name).join(", ");
  const schema = "what your editor completes and checks it with";
  const files = [
    { path: "runbooks/platform.yaml", what: `services and addresses: ${names}`, text: begunText(begun) },
    { path: `runbooks/${runbook.name}.yaml`, what: "a first runbook", text: runbook.text },
    { path: "runbooks/platform.schema.json", what: schema, text: json(platformSchema()) },
    { path: "runbooks/runbook.schema.json", what: schema, text: json(runbookSchema(kinds, interlockNames)) },
  ];
  const written = await writeFiles(world, root, files, ["platform.yaml"]);
  if (!written.ok) return written;
  const notes = [
    ...(typeof beside === "string" ? [beside] : []),
    ...(found === undefined ? [] : [`services are from ${found.file}: names and published ports alone`]),
    ...(begun.unreached.length === 0
      ? []
      : [`without a published port, and so a comment alone: ${begun.unreached.join(", ")}`]),
    ...(example
      ? [`${first.url} is an example: put your service's address into runbooks/platform.yaml`]
      : []),
    ...(options.config === undefined
      ? []
      : [`${options.config} is used instead of runbooks/platform.yaml: unset LAV_IR_CONFIG`]),
  ];
  const { name } = runbook;
  const next = ["lav-ir lint", `lav-ir run ${name} --dry-run`, `lav-ir run ${name}`];
  return ok({ written: files.map(({ path, what }) => ({ path, what })), notes, next });
}

function json(schema: object): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
