import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant, or undefined when none is near enough to say so. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const away = between(word.toLowerCase(), candidate.toLowerCase());
    if (away < least) {
      least = away;
      best = candidate;
    }
  }
  return best ?? begunBy(word, known);
}

/** The shortest candidate that begins with the word: it was not typed to its end. */
function begunBy(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < shortestBeginning) return undefined;
  const begun = candidates.filter((candidate) => candidate.startsWith(word));
  return begun.toSorted((a, b) => a.length - b.length)[0];
}

/** Fewer letters begin too much. */
const shortestBeginning = 3;

/** Two letters in the wrong order are one slip, where the distance counts two. */
function between(word: string, candidate: string): number {
  let first = 0;
  while (first < word.length && word[first] === candidate[first]) first++;
  const swapped =
    word.slice(0, first) + (word[first + 1] ?? "") + (word[first] ?? "") + word.slice(first + 2);
  return swapped === candidate && swapped !== word ? 1 : distance(word, candidate);
}

/** ` (did you mean X?)`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const best = nearest(word, candidates);
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}
