/**
 * What is said of a journal whose records are another run's.
 * @param owner the run in whose folder it is
 */
export function misplaced(owner: string, other: string): string {
  return `it is the journal of ${other}, in the folder of ${owner}`;
}
