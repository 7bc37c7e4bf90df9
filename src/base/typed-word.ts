import { printable } from "./printable.ts";

/** Characters: longer than this nobody types without a mistake. */
const longest = 60;

/**
 * What a person is asked to type. It is the name of the thing, where that can be typed: on one line, seen as it
 * is, neither secret nor empty. Else it is the beginning of the digest, which stands for the same thing.
 * @param shown the name as it may be shown, secrets hidden
 */
export function wordToType(name: string, shown: string, digest: string): string {
  const typeable =
    name === shown &&
    name === printable(name) &&
    name.length <= longest &&
    /^[\p{L}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{N}\p{P}\p{S}]+)*$/u.test(name);
  return typeable ? name : digest.slice(0, 8);
}
