/**
 * What a secret nobody told us of looks like. Its pattern is sticky; its groups are what stays before the
 * secret, and the secret. Every repetition that another may follow has a limit: a megabyte of dots must not
 * cost a minute.
 */
export interface RedactionRule {
  readonly name: string;
  readonly pattern: RegExp;
  /** In lower case: each of its finds holds one of these, whatever the case of the letters. */
  readonly needs: readonly string[];
  /** Where the first find from `from` on begins that has what it needs at `at`; undefined when there is none. */
  readonly begins: (text: string, at: number, from: number) => number | undefined;
}

const words =
  "(?:password|passwd|pwd(?!=/)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential|cookie)[\\w.-]{0,40}";
/** What may stand between a name and its value: a closing quote, `=`, `:`, `=>`. */
const becomes = "\\s{0,3}(?:=>|:=|[=:])\\s{0,3}";

const keys = ["api", "access", "private"].map((kind) => `${kind}key ${kind}_key ${kind}-key`).join(" ");
/** Each way in which `words` begins. */
const word = `password passwd pwd secret token ${keys} authorization credential cookie`;
/** Where a word begins, also right behind a newline or a tab that JSON has written as `\\n` or `\\t`. */
const begin = "(?:\\b|(?<=\\\\[nrt]))";

/** @param needs words with spaces between; a find begins with one, unless `begins` says where. */
function rule(
  name: string,
  needs: string,
  pattern: string,
  flags: "y" | "iy" = "y",
  begins: RedactionRule["begins"] = (_text, at) => at,
): RedactionRule {
  return { name, needs: needs.split(" "), pattern: new RegExp(pattern, flags), begins };
}

/** The quote before the name that the word is in. */
function quoteBefore(text: string, at: number): number | undefined {
  let start = at - 1;
  for (const least = at - 41; start > least && /[\w.-]/.test(text.charAt(start));) start--;
  return text[start] === '"' ? start : undefined;
}

/** The first letter of the scheme before `://`. */
function schemeBefore(text: string, at: number, from: number): number | undefined {
  let start = at;
  const least = Math.max(from, at - 31);
  while (start > least && /[a-z0-9+.-]/i.test(text.charAt(start - 1))) start--;
  while (start < at && !/[a-z]/i.test(text.charAt(start))) start++;
  return start < at ? start : undefined;
}

export const rules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  rule(
    "pem",
    "-----begin",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$))",
  ),
  // Up to the last @ of the authority: a password may hold one, and a colon.
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@)|[^\\s/\"'<>…]+(?=…))",
    "iy",
    schemeBefore,
  ),
  rule(
    "header",
    "authorization",
    "(authorization\\\\{0,3}[\"']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}[\"']?(?:bearer|basic|digest|token|apikey)\\s{1,3})([^\\s\"'\\\\,;]+)",
    "iy",
  ),
  // Elsewhere only what no sentence says: "basic authentication" is not a secret.
  rule(
    "bearer",
    "bearer basic",
    `(${begin}(?:bearer|basic)\\s{1,3})(?=[a-z_-]{0,200}[0-9+/=.~]|[a-z_-]{24})([a-z0-9+/=_.~-]{6,})`,
    "iy",
  ),
  rule("jwt", "eyj", `()(${begin}eyJ[\\w-]{8,}(?:\\.[\\w-]{8,}\\.[\\w-]*|(?:\\.[\\w-]*)?(?=…)))`),
  rule("aws", "akia asia", `()(${begin}(?:AKIA|ASIA)[A-Z0-9]{16}\\b)`),
  rule("slack", "hooks.slack.com", "(hooks\\.slack\\.com\\/services\\/)([\\w/]+)"),
  rule(
    "vendor",
    "xox gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ sk_live_",
    `()(${begin}(?:xox[abeoprs]-[\\w-]{10,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|sk_live_\\w{10,}))`,
  ),
  // "name": "value" of JSON, whole or cut off with a mark, and the same inside a text that JSON holds.
  rule(
    "key",
    word,
    `("[\\w.-]{0,40}?${words}"\\s{0,3}:\\s{0,3}")((?:[^"\\\\]|\\\\.)+)(?=["…])`,
    "iy",
    quoteBefore,
  ),
  // A quote inside of JSON is escaped, inside of CSV it is doubled, and one may be in the other.
  rule(
    "escaped",
    word,
    `(${words}(?:\\\\{0,7}["']{1,2})?${becomes}(?:\\\\{1,7}"{1,2}|""(?![\\s,;}\\]])))((?:[^"\\\\]|\\\\(?!\\\\{0,6}"))+)(?=["\\\\…]|$)`,
    "iy",
  ),
  rule("cookie", "cookie", "(cookie:\\s{1,3})([^\\r\\n\"'\\\\]+)", "iy"),
  rule("quoted", word, `(${words}["']?${becomes}")([^"]+)(?=["…])`, "iy"),
  rule("quoted", word, `(${words}["']?${becomes}')((?:[^']|'')+)(?=')`, "iy"),
  rule(
    "assign",
    word,
    `(${words}["']?${becomes})(?!(?:bearer|basic|digest)\\s)([^\\s'"&,;}{\\]\\\\]{3,})`,
    "iy",
  ),
  rule(
    "requirepass",
    "requirepass masterauth",
    `(${begin}(?:requirepass|masterauth)\\s{1,3}\\\\{0,3}["']?)([^\\s"'\\\\]+)`,
    "iy",
  ),
  rule("role", "password", `(${begin}password\\s{1,3}'(?!'))((?:[^'…]|'')+)(?=['…])`, "iy"),
  // The same in a text that is itself in quotes.
  rule("role", "password", `(${begin}password\\s{1,3}'{2,8})([^'…\\n]+)(?=['…])`, "iy"),
];
