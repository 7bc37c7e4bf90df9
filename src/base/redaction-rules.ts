/**
 * What a secret nobody told us of looks like. Each pattern begins with `skip`, so that a token that
 * stands there already is stepped over; its groups are what stays before the secret, and the secret.
 * Every repetition that another may follow has a limit: a megabyte of dots must not cost a minute.
 */
export interface RedactionRule {
  readonly name: string;
  readonly pattern: RegExp;
  /** In lower case: a text with none of these holds nothing for the rule. Most texts have none of any. */
  readonly needs: readonly string[];
}

const skip = "‹secret:[a-z]+:[0-9a-f]{8}›";
const words =
  "(?:password|passwd|pwd(?!=/)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential)[\\w.-]{0,40}";
/** What may stand between a name and its value: a closing quote, `=`, `:`, `=>`. */
const becomes = "\\s{0,3}(?:=>|:=|[=:])\\s{0,3}";

const word = "password passwd pwd secret token key authorization credential";

/** @param needs words with spaces between. */
function rule(name: string, needs: string, pattern: string, flags = "g"): RedactionRule {
  return { name, needs: needs.split(" "), pattern: new RegExp(`${skip}|${pattern}`, flags) };
}

export const rules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  rule(
    "pem",
    "-----begin",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$))",
  ),
  // Up to the last @ of the authority: a password may hold one, and a colon.
  rule("url", "://", "([a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+)(?=@)", "gi"),
  rule(
    "header",
    "authorization",
    "(authorization\\\\{0,3}[\"']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}[\"']?(?:bearer|basic|digest|token|apikey)\\s{1,3})([^\\s\"'\\\\,;]+)",
    "gi",
  ),
  // Elsewhere only what no sentence says: "basic authentication" is not a secret.
  rule(
    "bearer",
    "bearer basic",
    "(\\b(?:bearer|basic)\\s{1,3})(?=[a-z_-]{0,200}[0-9+/=.~]|[a-z_-]{24})([a-z0-9+/=_.~-]{6,})",
    "gi",
  ),
  rule("jwt", "eyj", "()(\\beyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*)"),
  rule("aws", "akia asia", "()(\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b)"),
  rule("slack", "hooks.slack.com", "(hooks\\.slack\\.com\\/services\\/)([\\w/]+)"),
  rule(
    "vendor",
    "xox gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ sk_live_",
    "()(\\b(?:xox[abeoprs]-[\\w-]{10,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|sk_live_\\w{10,}))",
  ),
  // "name": "value" of JSON, whole or cut off with a mark, and the same inside a text that JSON holds.
  rule("key", word, `("[\\w.-]{0,40}?${words}"\\s{0,3}:\\s{0,3}")((?:[^"\\\\]|\\\\.)+)(?=["…])`, "gi"),
  rule(
    "escaped",
    word,
    `(${words}\\\\{1,3}"${becomes}\\\\{1,3}")((?:[^"\\\\]|\\\\(?!"))+)(?=\\\\{1,3}")`,
    "gi",
  ),
  rule("quoted", word, `(${words}["']?${becomes}")([^"]+)(?=["…])`, "gi"),
  rule("quoted", word, `(${words}["']?${becomes}')((?:[^']|'')+)(?=')`, "gi"),
  rule(
    "assign",
    word,
    `(${words}["']?${becomes})(?!(?:bearer|basic|digest)\\s)([^\\s'"&,;}{\\]\\\\]{3,})`,
    "gi",
  ),
  rule("requirepass", "requirepass masterauth", "(\\b(?:requirepass|masterauth)\\s{1,3})(\\S+)", "gi"),
  rule("role", "password", "(\\bpassword\\s{1,3}')((?:[^']|'')+)(?=')", "gi"),
];
