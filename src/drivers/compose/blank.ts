import type { Failure } from "../../base/failure.ts";
import type { Definition } from "./definition.ts";
import { givenTo, sameVariable, type Made } from "./made.ts";

/** Variables that Compose says it put nothing in for: 2 quotes them in a log line, 1.29 does not. */
export function blanksIn(stderr: string): readonly string[] {
  const said = stderr.matchAll(/\bThe \\?["']?([A-Za-z_][A-Za-z0-9_]*)\\?["']? variable is not set/g);
  return [...new Set([...said].map(([, name = ""]) => name))].toSorted();
}

/** The variable that the definition demands (`${NAME:?why}`) and that is not set. */
export function demandedIn(stderr: string): string | undefined {
  const two = /required variable ([A-Za-z_][A-Za-z0-9_]*) is missing a value/.exec(stderr);
  const one = /^(?:ERROR: )?Missing mandatory value for .*\$\{([A-Za-z_][A-Za-z0-9_]*):?\?/m.exec(stderr);
  return two?.[1] ?? one?.[1];
}

/** A value that fits where a text or a number is wanted, and that nothing else has. */
export function marks(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, at) => [name, String(61_001 + at)]));
}

/** A variable that would be lost, and where the service has it. */
export interface Lost {
  readonly variable: string;
  readonly where: string;
}

export interface Sight {
  readonly plain: Definition;
  /** The same with a mark in the place of each blank; undefined when no definition came of it. */
  readonly marked: Definition | undefined;
  readonly blanks: readonly string[];
  readonly made: readonly Made[];
  /** Compose's hash of the definition as it is now. */
  readonly hash: string | undefined;
}

/**
 * The variables that this service would lose: a blank goes into it, and what runs was not made with that very
 * blank. One that another service of the file needs is that one's affair.
 */
export function lostIn(sight: Sight): readonly Lost[] {
  const { plain, made, blanks, hash } = sight;
  const passed = [...plain.environment]
    .filter(([name, value]) => value === null && made.some((one) => givenTo(one, name)))
    .map(([name]) => ({ variable: name, where: `its environment ${name}` }));
  const asItRuns = hash !== undefined && made.length > 0 && made.every((one) => one.hash === hash);
  if (asItRuns) return passed;
  const mark = marks(blanks);
  return [
    ...passed,
    ...blanks.flatMap((variable) => {
      const where = placeOf(sight, mark[variable] ?? "");
      return where === undefined ? [] : [{ variable, where }];
    }),
  ];
}

/** Where the mark stands and what runs has something else; undefined when nowhere. */
function placeOf({ plain, marked, made }: Sight, mark: string): string | undefined {
  if (marked === undefined) return "its definition";
  const differs = (same: (one: Made) => boolean): boolean => made.length === 0 || !made.every(same);
  if (marked.image?.includes(mark) === true && differs(({ image }) => image === plain.image)) {
    return "its image";
  }
  for (const [name, value] of marked.environment) {
    if (value?.includes(mark) !== true || plain.environment.get(name) === value) continue;
    if (differs((one) => sameVariable(plain, name, one))) return `its environment ${name}`;
  }
  for (const [place, what] of marked.mounts) {
    if (what.includes(mark) && differs(({ mounts }) => mounts.get(place) === plain.mounts.get(place))) {
      return `its mount ${place}`;
    }
  }
  // A place in the container that a blank goes into has another name there.
  const places = [...marked.mounts.keys(), ...marked.environment.keys(), ...marked.unnamed];
  return places.some((name) => name.includes(mark)) || marked.rest.includes(mark)
    ? "its definition"
    : undefined;
}

const howToGive =
  "name it under compose.environment in the platform file and export it, or name the file that sets it under compose.env_file";

/** Nothing is done with a blank in the place of what the operator gave. */
export function lostFailure(target: string, lost: readonly Lost[], made: readonly Made[]): Failure {
  const each = [...new Set(lost.map(({ variable }) => variable))].map((variable) => {
    const at = lost.filter((one) => one.variable === variable).map(({ where }) => where);
    return `${variable} (${at.join(", ")})`;
  });
  const [one] = made;
  const now = one === undefined ? "" : `, but ${one.name} runs with a value`;
  const message = `not set for Compose: ${each.join(", ")}. The service would start with an empty value${now}; ${howToGive}`;
  return { type: "rejected", target, code: "VARIABLE_NOT_SET", message, effect: "none" };
}

export function demandedFailure(target: string, variable: string): Failure {
  const message = `its Compose file demands ${variable}, which is not set for Compose; ${howToGive}`;
  return { type: "rejected", target, code: "VARIABLE_NOT_SET", message, effect: "none" };
}
