import { isBlank, printable } from "../../base/printable.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { longestText } from "../../events/incident-record.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { envSecretAtRest } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";
import { secretNamesOf } from "./sender-card.ts";
import { knownSecrets } from "../wiring/secrets.ts";

/** What a person typed as a record may have it: without secrets, on one line of visible characters, and bounded. */
export type TypedText = (typed: string, what: string) => Result<string, string>;

export function typedTextOf(world: World, plan: IncidentPlan): TypedText {
  const redactor = createRedactor(knownSecrets(world, channelSecrets(world, plan)));
  return (typed, what) => {
    const text = printable(redactor.text(typed.trim()).replaceAll(/\s*[\n\t]\s*/g, " "));
    if (isBlank(typed)) return fail(`${what} is empty`);
    const bytes = Buffer.byteLength(text);
    if (bytes <= longestText) return ok(text);
    return fail(
      `${what} is ${Math.ceil(bytes / 1024)} KiB; a record takes ${longestText / 1024}: shorten it, or split it`,
    );
  };
}

/** The strings of a record that somebody pastes, without secrets and with their controls written out. */
export type CleanValue = <T>(value: T) => T;

export function cleanValueOf(world: World, plan: IncidentPlan): CleanValue {
  const redactor = createRedactor(knownSecrets(world, channelSecrets(world, plan)));
  return (value) => JSON.parse(JSON.stringify(redactor.value(value), visible)) as typeof value;
}

function visible(_key: string, value: unknown): unknown {
  return typeof value === "string" ? printable(value) : value;
}

/** The same cut to what a record takes: an alert is never refused for its length. */
export function cutText(typed: string): string {
  const bytes = Buffer.from(typed);
  if (bytes.length <= longestText / 2) return typed;
  // Half of it: what is escaped later is longer.
  return `${bytes
    .subarray(0, longestText / 2)
    .toString("utf8")
    .replace(/\ufffd+$/, "")} … (cut)`;
}

function channelSecrets(world: World, plan: IncidentPlan): Readonly<Record<string, string>> {
  const read = secretNamesOf(plan).flatMap((name) => {
    const value = envSecretAtRest(world.env, name, plan.secrets);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(read);
}
