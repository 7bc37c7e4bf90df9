import { secretNames } from "../app/context/secret-sources.ts";
import { isSecretAddress } from "../platform/secret-address.ts";

/**
 * Hides the secrets that the environment holds, letter for letter: for what is written before anything is loaded that
 * knows the other shapes of a secret, or when that is what is broken.
 */
export function hidesPlainly(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const values = [
    ...secretNames.map((name) => env[name]?.trim() ?? ""),
    ...Object.keys(env)
      .filter(isSecretAddress)
      .map((name) => login.exec(env[name] ?? "")?.[1] ?? ""),
  ].filter((value) => value.length >= shortest);
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, "‹secret›"), text);
}

/** The password of an address, as it stands there. */
const login = /^[^/]*:\/\/[^:]*:(.*)@/s;
/** Characters: anything shorter would turn up in every text by chance. */
const shortest = 4;
