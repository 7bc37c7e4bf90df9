import { whyNotHidable } from "./hidable.ts";

/** Characters of a word in a path or a query from which on it is a key, and no name that other texts have as well. */
const keyLength = 16;

/**
 * What of a secret that is a URL is a secret by itself: its path and its query, which a server says again without the
 * rest, and the keys in them.
 */
export function partsOfUrl(secret: string): readonly string[] {
  if (!/^https?:\/\/\S+$/i.test(secret) || !URL.canParse(secret)) return [];
  const { pathname, search } = new URL(secret);
  const words = `${pathname}${search}`.split(/[/?&=]/).filter(({ length }) => length >= keyLength);
  const parts = [`${pathname}${search}`, pathname, search.slice(1), ...words];
  return [...new Set(parts)].filter((part) => whyNotHidable(part) === undefined);
}
