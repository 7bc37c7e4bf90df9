import { genesis, sealed } from "../../src/store/chain.ts";

/**
 * A journal without what is of the machine on which it was written: the same records with other words in these places,
 * in a chain of their own.
 * @param words what stands there now, and what is to stand there
 */
export function portable(journal: string, words: readonly (readonly [string | RegExp, string])[]): string {
  let prev = genesis;
  const lines = journal
    .trimEnd()
    .split("\n")
    .map((text) => {
      const renamed = words.reduce((line, [from, to]) => line.replaceAll(from, to), text);
      const { sum: _sum, ...record } = JSON.parse(renamed) as Record<string, unknown>;
      const { line, sum } = sealed(JSON.stringify({ ...record, prev }));
      prev = sum;
      return `${line}\n`;
    });
  return lines.join("");
}
