import { isOwnWord } from "./own-words.ts";

/** Characters of a declared secret at least: a shorter one turns up in other text by chance. */
const shortest = 8;

/** What many people choose, and what stands in any log: hidden, each would be a hole in what is shown. */
const common = new Set(
  [
    "password passw0rd password1 password123 changeme changeit letmein1 welcome1 qwertyuiop administrator",
    "12345678 123456789 1234567890 87654321 11111111 00000000 iloveyou sunshine princess football baseball",
    "undefined disabled required optional external internal unlimited anonymous",
    "postgres postgresql rabbitmq localhost container platform production development staging",
    "incident snapshot evidence recovery approved rejected finished succeeded cancelled critical",
    "emergency operator database security username authorization credential credentials secret123",
  ].flatMap((line) => line.split(" ")),
);

/** Why a declared secret could not be hidden without harm, as the rest of a sentence that begins with its name. */
export function whyNotHidable(secret: string): string | undefined {
  if (secret.length < shortest)
    return `has ${secret.length} characters; with fewer than ${shortest} it cannot be told from other text and hidden`;
  return common.has(secret.toLowerCase()) || isOwnWord(secret)
    ? "is a common word; hiding it would hide that word everywhere"
    : undefined;
}
