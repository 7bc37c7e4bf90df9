import type { Json } from "../../base/json.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { list, optional, required, text } from "../../language/shape.ts";
import type { Instance, ServiceChoice } from "../../ports/ports.ts";
import type { DisplayArgs, KindContext } from "../kind.ts";
import { shown, shownList } from "../format.ts";
import { starts } from "./instances.ts";

/** Arguments of a step that acts on all instances of a service or on some of them. */
export interface ChoiceArgs {
  readonly service: string;
  readonly only?: readonly string[];
}

export const choiceFields = {
  service: required(text({ refers: "service" }), "The service, as the platform file names it"),
  only: optional(list(text(), { min: 1 }), "Names of the instances that are meant; all without it"),
};

export interface Chosen {
  /** Every instance of the service, and those of them that are meant. */
  readonly all: readonly Instance[];
  readonly meant: readonly Instance[];
}

/** What there is of a choice now; a name that the service has not is a failure: a typo must not pass as done. */
export async function chosen(
  { service, only }: ChoiceArgs,
  { ports, signal }: KindContext,
): Promise<Result<Chosen>> {
  const found = await ports.services.inspect(service, signal);
  if (!found.ok) return found;
  const all = found.value;
  const lost = only?.find((name) => !all.some((one) => one.name === name));
  if (lost !== undefined) return fail(missing(ports.services.describe(service), lost, all));
  return ok({ all, meant: all.filter(({ name }) => only?.includes(name) ?? true) });
}

function missing(target: string, lost: string, all: readonly Instance[]): Failure {
  const has = all.length === 0 ? "none" : all.map(({ name }) => name).join(", ");
  return { type: "missing", target, message: `${target} has no ${lost}; it has ${has}`, effect: "none" };
}

/** `all instances of service gateway of …`, or their names. */
export function chosenText(args: DisplayArgs, describe: (service: string) => string): string {
  const only = shownList(args["only"]);
  const which = only.length === 0 ? "all instances" : only.join(", ");
  return `${which} of ${describe(shown(args["service"]))}`;
}

/** The same choice for a command that is typed by hand. */
export function shownChoice(args: DisplayArgs): ServiceChoice {
  const only = shownList(args["only"]);
  return { service: shown(args["service"]), ...(only.length === 0 ? {} : { only }) };
}

/** What a stop and a start record before they act: what ran and what did not, of those that were meant. */
export interface ChosenBefore {
  /** Names. */
  readonly up: readonly string[];
  readonly down: readonly string[];
  /** Every instance of the service, meant or not. */
  readonly all: readonly string[];
  /** Id → start, of those that were meant. */
  readonly starts: Readonly<Record<string, string | null>>;
}

export function recordOf({ all, meant }: Chosen): { readonly [name: string]: Json } {
  const names = (some: readonly Instance[]): string[] => some.map(({ name }) => name);
  return {
    up: names(meant.filter(isUp)),
    down: names(meant.filter((one) => !isUp(one))),
    all: names(all),
    starts: starts(meant),
  } satisfies ChosenBefore & { readonly [name: string]: Json };
}

/** What a journal has of it; undefined where that is something else. */
export function beforeOf(recorded: Json): ChosenBefore | undefined {
  if (typeof recorded !== "object" || recorded === null || !("all" in recorded)) return undefined;
  return recorded as unknown as ChosenBefore;
}

/** A step on exactly these instances; by the service alone where they are all that it has. */
export function stepOn(service: string, names: readonly string[], { all }: ChosenBefore): Json {
  return names.length === all.length ? service : { service, only: names };
}

/** It runs, or would again by itself: one that the engine starts over and over is not down between two starts. */
export function isUp({ state }: Instance): boolean {
  return state === "running" || state === "restarting" || state === "paused";
}
