import { judge } from "./judge.ts";
import type { Sample } from "./load.ts";
import type { Sighting } from "./oracle.ts";

/** What redaction, and the oracle beside it, made of a family. */
export interface Score {
  readonly family: string;
  readonly secrets: number;
  readonly found: number;
  /** Lines that lost more than their secrets, or that hold none and changed. */
  readonly spoilt: number;
  readonly lines: number;
  readonly oracle: { readonly found: number; readonly false: number };
}

/**
 * @param clean redacts a line.
 * @param sightings what the oracle sees in it.
 */
export async function scores(
  samples: readonly Sample[],
  clean: (text: string) => string,
  sightings: (text: string) => Promise<readonly Sighting[]>,
): Promise<readonly Score[]> {
  const byFamily = new Map<string, Score>();
  for (const sample of samples) {
    const { gone, secrets, kept } = judge(sample, clean(sample.text));
    const seen = await sightings(sample.text);
    const hidden = placesOf(sample);
    const before = byFamily.get(sample.family);
    byFamily.set(sample.family, {
      family: sample.family,
      secrets: (before?.secrets ?? 0) + secrets,
      found: (before?.found ?? 0) + gone,
      // Of a line whose secret stands the rest is not judged: it is missed already.
      spoilt: (before?.spoilt ?? 0) + (gone === secrets && !kept ? 1 : 0),
      lines: (before?.lines ?? 0) + 1,
      oracle: {
        found: (before?.oracle.found ?? 0) + hidden.filter((one) => seen.some(meets(one))).length,
        false: (before?.oracle.false ?? 0) + seen.filter((one) => !hidden.some(meets(one))).length,
      },
    });
  }
  return [...byFamily.values()];
}

interface Place {
  readonly start: number;
  readonly end: number;
}

const meets =
  (one: Place) =>
  (other: Place): boolean =>
    one.start < other.end && other.start < one.end;

/** Where the secrets of a line stand. */
function placesOf({ stays, goes }: Sample): readonly Place[] {
  let at = 0;
  return goes.map((secret, index) => {
    const start = at + (stays[index] ?? "").length;
    at = start + secret.length;
    return { start, end: at };
  });
}

/** All families together: secrets found of those there are, and finds that are one of those that were made. */
export function totals(all: readonly Score[]): { readonly recall: number; readonly precision: number } {
  const sum = (of: (score: Score) => number): number => all.reduce((total, one) => total + of(one), 0);
  const [secrets, found, spoilt] = [
    sum((one) => one.secrets),
    sum((one) => one.found),
    sum((one) => one.spoilt),
  ];
  return {
    recall: secrets === 0 ? 1 : found / secrets,
    precision: found === 0 ? 1 : found / (found + spoilt),
  };
}

/** The families of which a secret is left standing. */
export function missed(all: readonly Score[]): readonly string[] {
  return all.filter(({ found, secrets }) => found < secrets).map(({ family }) => family);
}
