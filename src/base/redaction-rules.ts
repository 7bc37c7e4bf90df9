/**
 * What a secret nobody told us of looks like. Each pattern begins with `skip`, so that a token that
 * stands there already is stepped over; its groups are what stays before the secret, and the secret.
 * Every repetition that another may follow has a limit: a megabyte of dots must not cost a minute.
 */
export interface RedactionRule {
  readonly name: string;
  readonly pattern: RegExp;
}

const skip = "‹secret:[a-z]+:[0-9a-f]{8}›";
const words =
  "(?:password|passwd|pwd(?!=/)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential)[\\w.-]{0,40}";
/** What may stand between a name and its value: a closing quote, `=`, `:`, `=>`. */
const becomes = "\\s{0,3}(?:=>|:=|[=:])\\s{0,3}";

function rule(name: string, pattern: string, flags = "g"): RedactionRule {
  return { name, pattern: new RegExp(`${skip}|${pattern}`, flags) };
}

export const rules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  rule(
    "pem",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$))",
  ),
  // Up to the last @ of the authority: a password may hold one, and a colon.
  rule("url", "([a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+)(?=@)", "gi"),
  rule(
    "header",
    "(authorization\\\\{0,3}[\"']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}[\"']?(?:bearer|basic|digest|token|apikey)\\s{1,3})([^\\s\"'\\\\,;]+)",
    "gi",
  ),
  // Elsewhere only what no sentence says: "basic authentication" is not a secret.
  rule(
    "bearer",
    "(\\b(?:bearer|basic)\\s{1,3})(?=[a-z_-]{0,200}[0-9+/=.~]|[a-z_-]{24})([a-z0-9+/=_.~-]{6,})",
    "gi",
  ),
  rule("jwt", "()(\\beyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*)"),
  rule("aws", "()(\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b)"),
  rule("slack", "(hooks\\.slack\\.com\\/services\\/)([\\w/]+)"),
  rule(
    "vendor",
    "()(\\b(?:xox[abeoprs]-[\\w-]{10,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|sk_live_\\w{10,}))",
  ),
  // "name": "value" of JSON, and the same inside a text that JSON holds.
  rule("key", `("[\\w.-]{0,40}?${words}"\\s{0,3}:\\s{0,3}")((?:[^"\\\\]|\\\\.)+)(?=")`, "gi"),
  rule("escaped", `(${words}\\\\{1,3}"${becomes}\\\\{1,3}")((?:[^"\\\\]|\\\\(?!"))+)(?=\\\\{1,3}")`, "gi"),
  rule("quoted", `(${words}["']?${becomes}")([^"]+)(?=")`, "gi"),
  rule("quoted", `(${words}["']?${becomes}')((?:[^']|'')+)(?=')`, "gi"),
  rule("assign", `(${words}["']?${becomes})(?!(?:bearer|basic|digest)\\s)([^\\s'"&,;}{\\]\\\\]{3,})`, "gi"),
  rule("requirepass", "(\\b(?:requirepass|masterauth)\\s{1,3})(\\S+)", "gi"),
  rule("role", "(\\bpassword\\s{1,3}')((?:[^']|'')+)(?=')", "gi"),
];
