import {
  back,
  becomes,
  begin,
  optionBefore,
  quoteBefore,
  rule,
  schemeBefore,
  word,
  words,
  type RedactionRule,
} from "./words.ts";

/** Between two arguments of a command, on one line or as a list of JSON or YAML has them. */
const next = `(?:\\s{1,3}["']?|\\\\{0,3}["'],?\\s{0,20}\\\\{0,3}["']|\\s{1,20}- ["']?)`;

export const rules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  rule(
    "pem",
    "-----begin",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$))",
  ),
  // Up to the last @ of the authority: a password may hold one, and a colon.
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@)|[^\\s/\"'<>…]+(?=…))",
    "iy",
    schemeBefore,
  ),
  // The same where a slash is escaped, and percent-encoded in another address.
  rule(
    "url",
    ":\\/\\/ :\\\\/\\\\/",
    "([a-z][a-z0-9+.-]{0,30}:\\\\{1,3}\\/\\\\{1,3}\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@))",
    "iy",
    schemeBefore,
  ),
  rule(
    "url",
    "%3a%2f%2f",
    "([a-z][a-z0-9+.-]{0,30}%3a%2f%2f[^\\s:@/?#\"'<>&%]{0,200}%3a)((?:[^\\s/\"'<>&%]|%(?!40|2f))+(?=%40))",
    "iy",
    schemeBefore,
  ),
  // A key alone, as where errors are reported to.
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/)((?=[a-z_-]{0,60}\\d)[\\w-]{20,}(?=@))",
    "iy",
    schemeBefore,
  ),
  rule(
    "signed",
    "signature= sig=",
    "((?<=[?&;]|0026|amz-|goog-)(?:signature|sig)=)([^\\s\"'&\\\\]{8,})",
    "iy",
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
  rule("hook", "/api/webhooks/", "(\\/api\\/webhooks\\/\\d{1,30}\\/)([\\w-]+)"),
  rule("hook", "api.telegram.org/bot", "(api\\.telegram\\.org\\/bot)([\\w:-]+)"),
  rule(
    "vendor",
    "xox gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ glpat- npm_ aiza sk-proj- sk-ant- age-secret-key-",
    `()(${begin}(?:xox[abeoprs]-[\\w-]{10,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|[rs]k_(?:live|test)_\\w{10,}|whsec_[\\w+/]{16,}|glpat-[\\w-]{16,}|npm_\\w{30,}|AIza[\\w-]{30,}|sk-(?:proj|ant)-[\\w-]{16,}|AGE-SECRET-KEY-\\w{10,}))`,
  ),
  // "name": "value" of JSON, whole or cut off with a mark, and the same inside a text that JSON holds.
  rule(
    "key",
    word,
    `("[\\w.-]{0,40}?${words}"\\s{0,3}:\\s{0,3}(?:\\[\\s{0,20})?")((?:[^"\\\\]|\\\\.)+)(?=["…])`,
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
  rule("quoted", word, `(${words}["']?${becomes}[bru]?")([^"]+)(?=["…])`, "iy"),
  rule("quoted", word, `(${words}["']?${becomes}[bru]?')((?:[^']|'')+)(?=')`, "iy"),
  // A name and its value as two fields, and as two attributes.
  rule(
    "pair",
    word,
    `(${words}(?<!algorithm|class|length|ms|name|type|url)\\\\{0,3}["']\\s{0,3},?\\s{0,20}\\\\{0,3}["']?value\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["'])((?!(?:\\d+|true|false)\\\\{0,3}["'])[^"'\\\\]+)`,
    "iy",
  ),
  rule("element", word, `(${words}>)([^<]+)(?=<\\/)`, "iy"),
  rule("block", word, `(${words}["']?:\\s{0,3}[|>][+-]?\\s{0,3}\\n\\s{1,40})([^\\n]+)`, "iy"),
  rule(
    "encoded",
    word,
    `(${words}(?:%22|%27)?(?:%20|\\+){0,3}%3[ad](?:%20|\\+){0,3}(?:%22|%27)?)((?:[^\\s'"&,;%\\\\]|%(?!2[267c]))+)`,
    "iy",
  ),
  // An option of a command and the argument behind it; what only says where or how long is none.
  rule(
    "option",
    `${word} pass`,
    `((?<![\\w-])--?[\\w-]{0,40}?(?:${words}|pass)(?<!dir|file|id|lifetime|name|path|prompt|stdin|ttl|type|url)${next})([^\\s"'\\\\<[-][^\\s"'\\\\]{3,})`,
    "iy",
    optionBefore,
  ),
  rule("option", "redis-cli", `(redis-cli(?:${next}[^\\s"',]{1,100}){0,8}?${next}-a${next})([^\\s"'\\\\]+)`),
  rule(
    "option",
    "curl",
    `(curl\\b[^\\n]{0,400}?[\\s"',](?:-u|-U|--user|--proxy-user)[\\s"',=]{1,4}[^\\s:"',]{1,100}:)([^\\s"'\\\\,]+)`,
  ),
  // The client of a database takes its password in the same argument as the option; -P is its port.
  rule("option", "mysql", `(mysql\\w{0,10}\\b[^\\n]{0,400}?[\\s"',]-p)([^\\s"'\\\\,]+)`),
  rule("option", "iadb", `(mariadb\\b[^\\n]{0,400}?[\\s"',]-p)([^\\s"'\\\\,]+)`, "y", back("mar")),
  rule("option", "sshpass", `(sshpass${next}-p(?:${next})?)([^\\s"'\\\\]+)`),
  // Of a netrc: behind the login on one line, or alone on a line that is indented.
  rule(
    "netrc",
    "password",
    `((?<=\\b(?:machine\\s{1,20}\\S{1,100}|default)\\s{1,20}login\\s{1,20}\\S{1,100}\\s{1,20})password\\s{1,20})([^\\s"'\\\\]+)`,
    "iy",
  ),
  rule("netrc", "password", `((?<=^[ \\t]{1,20})password[ \\t]{1,20})((?=\\D*\\d)\\S+)(?=[ \\t]*$)`, "imy"),
  // Whoever has it is who logged in. A short one, or one of digits alone, is a count or a name.
  rule(
    "session",
    "sess",
    `((?<=(?<![a-z])(?:php|j)?)sess(?:ion)?[_-]?(?:id|key)?\\\\{0,3}["']?\\s{0,2}[:=]\\s{0,2}\\\\{0,3}["']?)((?=[\\w%+/=.~-]{0,100}?\\d)(?=[\\w%+/=.~-]{0,100}?[a-z])[\\w%+/=.~-]{16,})`,
    "iy",
  ),
  rule(
    "session",
    "t.sid",
    `(connect\\.sid["']?\\s{0,2}[:=]\\s{0,2}["']?)(s(?::|%3A)[^\\s"';,]+)`,
    "iy",
    back("connec"),
  ),
  // As one word of a name written in one: dbPass.
  rule(
    "pass",
    "pass",
    `((?<=[a-z0-9])Pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!true\\b|false\\b|https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|[^\\s'"&,;}{\\]\\\\]{3,})`,
  ),
  rule(
    "pass",
    "pass",
    `((?<![a-z])pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!true\\b|false\\b|https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|[^\\s'"&,;}{\\]\\\\]{3,})`,
    "iy",
  ),
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
  rule("role", "password", `(${begin}password\\s{1,3}E?'(?!'))((?:[^'…]|'')+)(?=['…])`, "iy"),
  // The same in a text that is itself in quotes.
  rule("role", "password", `(${begin}password\\s{1,3}'{2,8})([^'…\\n]+)(?=['…])`, "iy"),
  rule("role", "password", `(${begin}password\\s{1,3}\\$\\w{0,40}\\$)([\\s\\S]+?)(?=\\$)`, "iy"),
];
