import { didYouMean } from "../../base/suggest.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Prompt } from "../../ports/ports.ts";
import { readParam } from "../../runbook/parse-params.ts";
import type { Param, Runbook } from "../../runbook/runbook.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/** Values by name; a parameter without one is not in it. */
export type Params = Readonly<Record<string, unknown>>;

/** `--param name=value`: each once, each known, each of its type; then the defaults. */
export async function readParams(
  runbook: Runbook,
  given: readonly string[],
): Promise<Result<Params, Refusal>> {
  const values: Record<string, unknown> = { ...defaultParams(runbook) };
  const seen = new Set<string>();
  const names = runbook.params.map((param) => param.name);
  for (const text of given) {
    const at = text.indexOf("=");
    if (at <= 0) return refusal(`--param ${text}: write NAME=VALUE`);
    const name = text.slice(0, at);
    const param = runbook.params.find((candidate) => candidate.name === name);
    if (param === undefined) {
      const has = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
      return refusal(
        `--param ${name}: ${runbook.id} has no such parameter${didYouMean(name, names)}; ${has}`,
      );
    }
    if (seen.has(name)) return refusal(`--param ${name} is given twice`);
    seen.add(name);
    const value = await readParam(param, text.slice(at + 1));
    if (!value.ok) return refusal(`--param ${name} ${value.failure}`);
    values[name] = value.value;
  }
  return ok(values);
}

export function defaultParams(runbook: Runbook): Params {
  return Object.fromEntries(
    runbook.params.flatMap((param) => (param.default === undefined ? [] : [[param.name, param.default]])),
  );
}

/** The parameters that still have no value. */
export function missingParams(runbook: Runbook, values: Params): readonly Param[] {
  return runbook.params.filter((param) => !Object.hasOwn(values, param.name));
}

/** Says which parameters are missing, each with its question. */
export function refuseMissing(
  runbook: Runbook,
  missing: readonly Param[],
): { readonly ok: false; readonly failure: Refusal } {
  const wanted = missing.map(({ name, ask }) => `--param ${name}=…${ask === undefined ? "" : ` (${ask})`}`);
  return refusal(`${runbook.id} needs ${wanted.join(" and ")}`);
}

/**
 * Asks a person for what is missing, again while the answer does not fit.
 * @returns `name=value` as the command line would have it, so that a resumed run can be given the same.
 */
export async function askParams(
  missing: readonly Param[],
  prompt: Prompt,
  signal: AbortSignal,
): Promise<Result<readonly string[], Refusal>> {
  const given: string[] = [];
  for (const param of missing) {
    const question = param.ask ?? `Value of ${param.name} (${param.type})`;
    const choices = param.shape.type === "string" ? param.shape.enum : undefined;
    for (let hint = ""; ;) {
      const answer =
        choices === undefined
          ? await prompt.text(`${question}${hint}:`, signal)
          : await prompt.choose(question, choices, signal);
      if (!answer.answered) return refusal(`${param.name} was not given`, "consent");
      const value = await readParam(param, answer.value);
      if (value.ok) {
        given.push(`${param.name}=${answer.value}`);
        break;
      }
      hint = `, which ${value.failure}`;
    }
  }
  return ok(given);
}
