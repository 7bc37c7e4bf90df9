import type { Vouched } from "../kind.ts";

/** Whether a word is what will be run; in a plan, one may wait for the run. */
type Known = (word: string) => boolean;

/**
 * The entry of the platform file that vouches for a command, the first that does. A word that
 * is not known yet fits wherever it could.
 */
export function vouchedFor(
  command: readonly string[],
  programs: readonly Vouched[],
  known: Known,
): Vouched | undefined {
  return programs.find(({ words, path }) => {
    const [program = "", ...pattern] = words;
    const [named = "", ...rest] = command;
    return (named === program || named === path) && fits(pattern, rest, known);
  });
}

/** Whether words fit a pattern. Row by row, so that many `**` cost no more than pattern × words. */
function fits(pattern: readonly string[], words: readonly string[], known: Known): boolean {
  const open = (word: string): boolean => !known(word) || !(word.startsWith("-") || word.includes(".."));
  // reached[n]: the pattern so far takes exactly the first n words.
  let reached = [true, ...words.map(() => false)];
  for (const part of pattern) {
    const next = [part === "**" && reached[0] === true];
    for (const [before, word] of words.entries()) {
      const one = part === "*" ? open(word) : word === part || !known(word);
      next.push(
        part === "**"
          ? reached[before + 1] === true || (next[before] === true && open(word))
          : reached[before] === true && one,
      );
    }
    reached = next;
  }
  return reached[words.length] === true;
}
