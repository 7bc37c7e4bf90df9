/** When a record that no disk took came into its journal, and by whom. */
export interface Imported {
  /** UTC. */
  readonly at: string;
  /** Who imported it, by their id in the platform file or their login. */
  readonly by: string;
  /** Out of which block; without one, the process that made it had it until the disk had room. */
  readonly block?: string;
}

/**
 * Records of one chain in the order in which they were written: an imported one before the first that was written
 * after it. The others stay as the chain has them, whatever their clock said.
 * @param of whether it was imported, and when it was written, in milliseconds since 1970
 */
export function asWritten<T>(
  chain: readonly T[],
  of: (record: T) => { readonly imported: boolean; readonly at: number },
): readonly T[] {
  const known = chain.map((record) => ({ record, ...of(record) }));
  const own = known.filter(({ imported }) => !imported);
  if (own.length === chain.length) return chain;
  const imported = known.filter((one) => one.imported).toSorted((a, b) => a.at - b.at);
  const placed: T[] = [];
  let next = 0;
  for (const { record, at } of own) {
    for (let came = imported[next]; came !== undefined && came.at < at; came = imported[++next])
      placed.push(came.record);
    placed.push(record);
  }
  return [...placed, ...imported.slice(next).map(({ record }) => record)];
}
