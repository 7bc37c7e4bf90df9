// What stands under the name of a secret, and is none. A name is read as English reads it: what it names is its last
// noun. `db_password` names a password, `password_file` a file, `token.lifetime.ms` a time. A value is judged by its
// form: a number, a date, a path, a reference or a mask is what a reader of a log needs, and opens nothing.
//
// Two kinds of names: under a password's, any word is a secret, because people choose words; under a token's or a
// key's, a plain word is a setting (`authorization: none`, `routing_key: orders.eu`), because machines make those.

/** Whose keys are secrets. */
export const keyed =
  "api access private account client encryption master routing signing shared storage license app auth".split(
    " ",
  );

const chosen = /^(?:pass|pwd|secrets?$)|(?:passwords?|passwd|passphrase|secrets?)$/;
const made =
  /tokens?$|credentials?$|^authorization$|cookies?$|^(?:password|passwd|passphrase|secret|token|credential|cookie)/;
const keyOfOne = new RegExp(`(?:${keyed.join("|")})keys?$`);

/** What is said about a secret, as the last word of a name. */
const about = new Set(
  [
    "name names file files path paths dir folder location url uri urls endpoint host port domain store provider helper",
    "service server backend engine manager validator issuer audience source mode modes",
    "type types kind class algorithm alg encryption plugin mechanism format version scheme policy policies method",
    "status state enabled disabled required optional secure samesite scope scopes header field column prompt stdin ref",
    "ttl age lifetime expiry expires expired expiration expire ms seconds sec minutes at on by since until",
    "count total length len size limit max min number per second rate ratio budget usage bucket buckets",
    "id ids rotation rotated changed reset resets refresh refreshed requests attempts retries misses hits errors",
    "js ts tsx mjs cjs go py rb rs cc cpp java kt cs php html css md",
  ].flatMap((line) => line.split(" ")),
);
const aboutEnd =
  /(?:word|secret|token|cookie|credentials?)(?:name|file|path|dir|type|length|count|url|ttl|age|expiry|policy|id)$/;

/** Whether a name is one of a secret: `DB_PASSWORD`, `apiKey`, `client-secret`; not `token_type`. */
export function namesSecret(name: string): boolean {
  return secretOf(name) !== undefined;
}

/** @returns whether a person chose it, or a machine made it. */
function secretOf(name: string): "chosen" | "made" | undefined {
  const parts = name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
  // `existingSecret` is the name of one, as charts have it.
  if (parts[0] === "existing") return undefined;
  const last = parts.findLastIndex(
    (part, at) =>
      chosen.test(part) ||
      made.test(part) ||
      keyOfOne.test(part) ||
      keyOfOne.test(`${parts[at - 1] ?? ""}${part}`),
  );
  const word = parts[last];
  if (word === undefined || aboutEnd.test(word) || /^tokeni[sz]/.test(word)) return undefined;
  const tail = parts.slice(last + 1);
  // The id of a secret is half of a login with Vault; of anything else it is an id.
  const end = tail.at(-1);
  if (end !== undefined && about.has(end) && !(end === "id" && word === "secret")) return undefined;
  return chosen.test(word) ? "chosen" : "made";
}

const nothing =
  /^(?:true|false|yes|no|on|off|null|nil|none|undefined|n\/a|unset|unknown|missing|empty|default|required|optional|enabled|disabled|mandatory|external(?:ly)?|anonymous|default)[.,;:!?]?$/i;
const duration =
  /^[+-]?(?:\d[\d_.]{0,20}\s?(?:ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?|[kmg]?i?b)\s?){1,3}$/i;
const algorithm =
  /^(?:ed25519|rsa-?\d*|[rhep]s\d{3}|sha-?\d+|hmac-?sha\d+|aes-?\d*(?:-?[a-z]{3})?|md5|bcrypt|argon2\w*)$/i;
/** The name of a variable. */
const variable = /^[A-Z][A-Z]*(?:_[A-Z]+)+$/;
const date = /^\d{4}-\d\d-\d\d(?:[T ][\d:.,Z+-]*)?$|^\d\d:\d\d(?::[\d.]+)?$/;
const places = /^[+-]?\d[\d:.,()]*(?:e[+-]?\d{1,3})?%?$|^\d+\]/i;
/** What a declaration says of a value that it does not give. */
const declared =
  /^(?:(?:string|str|text|bool(?:ean)?|number|int(?:eger)?|bytes|varchar(?:\(\d{1,6}\))?)\??|(?:map|list|array|option(?:al)?|vec|readonly)[[<(].{0,60})[;,]?$/i;
/** What is called for it. */
const called = /^[a-z][a-zA-Z_.]{1,40}\([a-zA-Z_., ]{0,60}\)?[;,]?$/;
const path = /^(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?:[\w.@ -]{1,80}[/\\])*[\w.@-]{0,80}$/;
const mask =
  /^[*•.x#X-]{3,}$|^<[^<>]{0,60}>$|^\[[A-Za-z _-]{0,40}\]$|^\([A-Za-z _-]{1,40}\)$|redacted|^\*{3}/i;
/** How a text names a value that stands elsewhere: a shell, a template, a program. */
const elsewhere =
  /^(?:\$[A-Z_][A-Z0-9_]*|\$\{.*|\$\(.*|\{\{.*|%\(?\w*\)?[sdvq%]|!\w+|(?:process\.env|os\.environ|os\.getenv|var|local|data|module|env|self|this|config|settings|args|opts|options|req|params)[.([[].*|\$\d{1,3}\)?,?|\?|:\w+|[A-Za-z_.]{1,40}\()$/;
/** A word of a language, or several with dots between: what no machine makes. */
const word = /^[a-z]{2,20}(?:[._#*-][a-z0-9#*]{1,20}){0,8}[.,;:!?]?$|^[A-Z][a-z]{2,20}[.,;:!?]?$/;

/**
 * Whether a value is no secret, whatever it stands under.
 * @param behind what follows it in its text: a word with words behind it is a sentence.
 */
export function harmless(name: string, value: string, behind = ""): boolean {
  const of = secretOf(name);
  if (of === undefined) return true;
  const bare = value.trim();
  if (nothing.test(bare) || duration.test(bare) || date.test(bare) || mask.test(bare) || elsewhere.test(bare))
    return true;
  if (algorithm.test(bare) || variable.test(bare) || declared.test(bare)) return true;
  // A mask of several words ends behind the value.
  if (/^<[a-z]+$/i.test(bare) && /^ [^<>\n]{0,60}>/.test(behind)) return true;
  if (places.test(bare)) return of === "made" || !/^\d{6,}$/.test(bare);
  if (path.test(bare)) return !random(bare);
  if (/^[A-Za-z]+[,.]?$/.test(bare) && /^ [a-z]{2,}(?: [\w"(]|$)/.test(behind)) return true;
  return of === "made" && (word.test(bare) || called.test(bare)) && !random(bare);
}

/** Whether no person would write it: digits and letters of both cases, or many of both. */
export function random(text: string): boolean {
  return (
    /(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])\S{8,}/.test(text) || /(?=[a-z\d]*\d[a-z]+\d)[a-z\d]{10,}/i.test(text)
  );
}
