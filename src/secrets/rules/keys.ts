import { rule, type RedactionRule } from "../words.ts";

/** Around a line of base64; a JSON text writes its ends as `\n`. */
const lineStart = "(?:(?<=\\\\[nr])|(?<![\\\\A-Za-z0-9+/=]))";
const lineEnd = "(?:\\r?\\n|\\\\r\\\\n|\\\\n)[ \\t]{0,40}";

/** Private keys, whole and in pieces, and the hashes of passwords. */
export const keyRules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  // finds: «-----BEGIN EC PRIVATE KEY-----⏎MHcCAQEE⏎-----END EC PRIVATE KEY-----»
  // leaves: -----BEGIN CERTIFICATE-----⏎MIIB⏎-----END CERTIFICATE-----
  rule(
    "pem",
    "-----begin",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$))",
  ),
  // finds: «---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----⏎P2/56wAA⏎---- END SSH2 ENCRYPTED PRIVATE KEY ----»
  // leaves: ---- BEGIN SSH2 PUBLIC KEY ----⏎AAAA⏎---- END SSH2 PUBLIC KEY ----
  rule(
    "pem",
    "----·begin·ssh2",
    "()(---- BEGIN SSH2 [A-Z ]{0,20}PRIVATE KEY ----[\\s\\S]*?(?:---- END SSH2 [A-Z ]{0,20}PRIVATE KEY ----|$))",
  ),
  // finds: «Private-Lines: 1⏎AAAAIQDk⏎Private-MAC: 0a1b»
  // leaves: Public-Lines: 1
  rule(
    "pem",
    "private-lines:",
    "()(Private-Lines: \\d{1,4}\\r?\\n[\\s\\S]*?(?:Private-MAC: [0-9a-f]{1,128}|$))",
    "iy",
  ),
  // The tail of a key whose beginning was cut off.
  // finds: «MHcCAQEEIMHcCAQEEIMHcCAQEEIMHcCAQEEIMHcCAQEEIMHcCAQEE⏎oQ==⏎-----END EC PRIVATE KEY-----»
  // leaves: MIIB⏎-----END CERTIFICATE-----
  rule(
    "pem",
    "-----end",
    `()((?:${lineStart}(?:[A-Za-z0-9+/=]{40,80}${lineEnd}){0,399}[A-Za-z0-9+/=]{1,80}${lineEnd})?-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)`,
    "y",
    linesBefore,
  ),
  // finds: lav:$6$«Abc123$0123456789abcdefghij»:19000
  // leaves: cost=$2b$12$
  rule(
    "hash",
    "$1$ $5$ $6$ $y$ $gy$ $7$ $2a$ $2b$ $2x$ $2y$ $apr1$ $argon2",
    "(\\$(?:[1567]|g?y|2[abxy]|apr1|argon2[a-z]{0,2})\\$(?:(?:v|m|rounds|t)=[\\w=,]{1,60}\\$|\\d\\d\\$|j[\\w./]{2,6}\\$){0,3})([\\w./+$=]{20,})",
  ),
  // finds: SCRAM-SHA-256$4096:«Abc12345678=$0123=:4567=»
  // leaves: mechanism SCRAM-SHA-256
  rule(
    "hash",
    "scram-sha- pbkdf2",
    "((?:scram-sha-\\d{1,4}\\$|pbkdf2[\\w:-]{0,20}[$:])\\d{1,8}[:$])([\\w+/=$:.-]{12,})",
    "iy",
  ),
  // finds: {SSHA}«Abc12345678=»
  // leaves: {sha256} of it
  rule(
    "hash",
    "{sha} {ssha} {sha256} {ssha256} {sha512} {ssha512} {md5} {smd5} {crypt}",
    "(\\{s?(?:sha(?:256|512)?|md5|crypt)\\})([\\w+/=$.]{8,})",
    "iy",
  ),
  // As PostgreSQL keeps it: a checksum has a sign or a name before its digits.
  // finds: lav | md5«0123456789abcdef0123456789abcdef»
  // leaves: md5sum of it
  rule("hash", "md5", "((?<!\\w)md5)([0-9a-f]{32})(?!\\w)", "iy"),
];

const lineBefore = new RegExp(`${lineStart}[A-Za-z0-9+/=]{1,80}${lineEnd}$`);

/** Where the lines of base64 begin that end here; a short one is the last of a key, or none of it. */
function linesBefore(text: string, at: number, from: number): number | undefined {
  let start = at;
  for (let most = 400; most > 0; most--) {
    const found = lineBefore.exec(text.slice(Math.max(from, start - 128), start));
    if (found === null || (start !== at && !/[\w+/=]{40}/.test(found[0]))) break;
    start -= found[0].length;
  }
  return start;
}
