import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant, or undefined when none is near enough to say so. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const away = between(word.toLowerCase(), candidate.toLowerCase());
    // A family's name that both have makes neither of them nearer.
    const own = word.length - family(word, candidate);
    if (away < least && away <= Math.max(1, Math.floor(own / 3))) {
      least = away;
      best = candidate;
    }
  }
  return best ?? begunBy(word, known);
}

/** Letters of the names before a dot that two words have in common: `service.` */
function family(word: string, candidate: string): number {
  let shared = 0;
  for (let dot = word.indexOf("."); dot !== -1; dot = word.indexOf(".", dot + 1))
    if (candidate.startsWith(word.slice(0, dot + 1))) shared = dot + 1;
  return shared;
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
