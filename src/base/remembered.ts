/**
 * What was worked out for a text, for as long as it is likely to be asked again: all is forgotten when there is too
 * much of it. Only for what follows from the text alone, and is never changed.
 * @param most texts that are kept
 */
export function remembered<T>(most: number): (text: string, make: () => T) => T {
  const known = new Map<string, { readonly made: T }>();
  return (text, make) => {
    const before = known.get(text);
    if (before !== undefined) return before.made;
    const made = make();
    if (known.size >= most) known.clear();
    known.set(text, { made });
    return made;
  };
}
