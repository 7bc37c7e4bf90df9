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

/**
 * What a secret that nobody named looks like, in the order in which the rules are asked. A rule sees the text that the
 * rules before it left, tokens included, so the order is part of it: the sure ones stand first (a PEM key, a URL's
 * password), those that go by a name behind them, `assign`, which takes almost anything behind `password=`, near the
 * end. A rule that is moved forward takes more than its part, and the token then names the wrong rule.
 *
 * How a rule is read: its name (of the token), the words of which each find holds one (the text is searched for these
 * once; without one no pattern is asked), its pattern with two groups (what stays, and the secret), its flags, and where
 * a find begins when not at its word. A pattern is sticky: it is tried at that place and nowhere else.
 *
 * What must not be broken:
 * - Every repetition that another may follow has a limit, or a megabyte of dots takes a minute.
 * - A pattern is its two groups, and behind them what only looks: of the groups alone it is made out where a find is
 *   open (`openFind`), so that a stream does not cut it in two.
 * - `finds` and `leaves` above a rule are tested: the text between « and » is exactly what the rule takes, and no rule
 *   takes anything of the second. ⏎ is a newline.
 */
export const rules: readonly RedactionRule[] = [
  // Whole or cut off, with real newlines or written as \n.
  // finds: «-----BEGIN EC PRIVATE KEY-----⏎MHcCAQEE⏎-----END EC PRIVATE KEY-----»
  // leaves: -----BEGIN CERTIFICATE-----⏎MIIB⏎-----END CERTIFICATE-----
  rule(
    "pem",
    "-----begin",
    "()(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$))",
  ),
  // Up to the last @ of the authority: a password may hold one, and a colon.
  // finds: postgres://lav:«hunter2»@db:5432/lav
  // leaves: http://localhost:3001/health
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@)|[^\\s/\"'<>…]+(?=…))",
    "iy",
    schemeBefore,
  ),
  // The same where a slash is escaped, and percent-encoded in another address.
  // finds: postgres:\/\/lav:«hunter2»@db
  // leaves: http:\/\/localhost:3001\/health
  rule(
    "url",
    ":\\/\\/ :\\\\/\\\\/",
    "([a-z][a-z0-9+.-]{0,30}:\\\\{1,3}\\/\\\\{1,3}\\/[^\\s:@/?#\"'<>]{0,200}:)([^\\s/\"'<>]+(?=@))",
    "iy",
    schemeBefore,
  ),
  // finds: ?to=postgres%3A%2F%2Flav%3A«hunter2»%40db
  // leaves: ?to=http%3A%2F%2Flocalhost%3A3001
  rule(
    "url",
    "%3a%2f%2f",
    "([a-z][a-z0-9+.-]{0,30}%3a%2f%2f[^\\s:@/?#\"'<>&%]{0,200}%3a)((?:[^\\s/\"'<>&%]|%(?!40|2f))+(?=%40))",
    "iy",
    schemeBefore,
  ),
  // A key alone, as where errors are reported to.
  // finds: https://«0123456789abcdef0123456789abcdef»@sentry.example/1
  // leaves: ssh://git@example.com/lav
  rule(
    "url",
    "://",
    "([a-z][a-z0-9+.-]{0,30}:\\/\\/)((?=[a-z_-]{0,60}\\d)[\\w-]{20,}(?=@))",
    "iy",
    schemeBefore,
  ),
  // finds: https://bucket/x?X-Amz-Signature=«0123abcd4567»
  // leaves: signature=verified
  rule(
    "signed",
    "signature= sig=",
    "((?<=[?&;]|0026|amz-|goog-)(?:signature|sig)=)([^\\s\"'&\\\\]{8,})",
    "iy",
  ),
  // finds: Authorization: Digest «hunter2»
  // leaves: Authorization: Bearer $TOKEN
  rule(
    "header",
    "authorization",
    "(authorization\\\\{0,3}[\"']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}[\"']?(?:bearer|basic|digest|token|apikey)\\s{1,3})([^\\s\"'\\\\,;]+)",
    "iy",
  ),
  // Elsewhere only what no sentence says: "basic authentication" is not a secret.
  // finds: sent Bearer «abc123def456»
  // leaves: Basic authentication is off
  rule(
    "bearer",
    "bearer basic",
    `(${begin}(?:bearer|basic)\\s{1,3})(?=[a-z_-]{0,200}[0-9+/=.~]|[a-z_-]{24})([a-z0-9+/=_.~-]{6,})`,
    "iy",
  ),
  // finds: got «eyJhbGciOiJI.eyJzdWIiOiIx.c2ln» from it
  // leaves: eyJ is how each begins
  rule("jwt", "eyj", `()(${begin}eyJ[\\w-]{8,}(?:\\.[\\w-]{8,}\\.[\\w-]*|(?:\\.[\\w-]*)?(?=…)))`),
  // finds: key «AKIAIOSFODNN7EXAMPLE» used
  // leaves: AKIA is how each begins
  rule("aws", "akia asia", `()(${begin}(?:AKIA|ASIA)[A-Z0-9]{16}\\b)`),
  // finds: https://hooks.slack.com/services/«T000/B000/XXXX»
  // leaves: https://hooks.slack.com/docs
  rule("slack", "hooks.slack.com", "(hooks\\.slack\\.com\\/services\\/)([\\w/]+)"),
  // finds: https://discord.example/api/webhooks/123/«abcDEF»
  // leaves: GET /api/webhooks/list
  rule("hook", "/api/webhooks/", "(\\/api\\/webhooks\\/\\d{1,30}\\/)([\\w-]+)"),
  // finds: https://api.telegram.org/bot«123:abc»/getMe
  // leaves: https://api.telegram.org/robots.txt
  rule("hook", "api.telegram.org/bot", "(api\\.telegram\\.org\\/bot)([\\w:-]+)"),
  // finds: token «ghp_0123456789abcdefghij» used
  // leaves: npm_config_cache=/x
  rule(
    "vendor",
    "xox gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ sk_live_ sk_test_ rk_live_ rk_test_ whsec_ glpat- npm_ aiza sk-proj- sk-ant- age-secret-key-",
    `()(${begin}(?:xox[abeoprs]-[\\w-]{10,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|[rs]k_(?:live|test)_\\w{10,}|whsec_[\\w+/]{16,}|glpat-[\\w-]{16,}|npm_\\w{30,}|AIza[\\w-]{30,}|sk-(?:proj|ant)-[\\w-]{16,}|AGE-SECRET-KEY-\\w{10,}))`,
  ),
  // "name": "value" of JSON, whole or cut off with a mark, and the same inside a text that JSON holds.
  // finds: {"db_password": "«hunter2»"}
  // leaves: {"user": "lav"}
  rule(
    "key",
    word,
    `("[\\w.-]{0,40}?${words}"\\s{0,3}:\\s{0,3}(?:\\[\\s{0,20})?")((?:[^"\\\\]|\\\\.)+)(?=["…])`,
    "iy",
    quoteBefore,
  ),
  // A quote inside of JSON is escaped, inside of CSV it is doubled, and one may be in the other.
  // finds: {"log": "{\"password\": \"«hunter2»\"}"}
  // leaves: {"log": "{\"user\": \"lav\"}"}
  rule(
    "escaped",
    word,
    `(${words}(?:\\\\{0,7}["']{1,2})?${becomes}(?:\\\\{1,7}"{1,2}|""(?![\\s,;}\\]])))((?:[^"\\\\]|\\\\(?!\\\\{0,6}"))+)(?=["\\\\…]|$)`,
    "iy",
  ),
  // finds: Cookie: «a=1; b=2»
  // leaves: a cookie was set
  rule("cookie", "cookie", "(cookie:\\s{1,3})([^\\r\\n\"'\\\\]+)", "iy"),
  // finds: password = "«hunter2»"
  // leaves: the "password" was asked for
  rule("quoted", word, `(${words}["']?${becomes}[bru]?")([^"]+)(?=["…])`, "iy"),
  // finds: password = '«it''s»'
  // leaves: the 'password' was asked for
  rule("quoted", word, `(${words}["']?${becomes}[bru]?')((?:[^']|'')+)(?=')`, "iy"),
  // A name and its value as two fields, and as two attributes.
  // finds: {"name": "DB_PASSWORD", "value": "«hunter2»"}
  // leaves: {"name": "token_type", "value": "bearer"}
  rule(
    "pair",
    word,
    `(${words}(?<!algorithm|class|length|ms|name|type|url)\\\\{0,3}["']\\s{0,3},?\\s{0,20}\\\\{0,3}["']?value\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["'])((?!(?:\\d+|true|false)\\\\{0,3}["'])[^"'\\\\]+)`,
    "iy",
  ),
  // finds: <password>«hunter2»</password>
  // leaves: <password/>
  rule("element", word, `(${words}>)([^<]+)(?=<\\/)`, "iy"),
  // finds: password: |⏎  «hunter2»
  // leaves: password: |⏎
  rule("block", word, `(${words}["']?:\\s{0,3}[|>][+-]?\\s{0,3}\\n\\s{1,40})([^\\n]+)`, "iy"),
  // finds: ?password%3D«hunter2»&x=1
  // leaves: ?password%20reset
  rule(
    "encoded",
    word,
    `(${words}(?:%22|%27)?(?:%20|\\+){0,3}%3[ad](?:%20|\\+){0,3}(?:%22|%27)?)((?:[^\\s'"&,;%\\\\]|%(?!2[267c]))+)`,
    "iy",
  ),
  // An option of a command and the argument behind it; what only says where or how long is none.
  // finds: tool --password «hunter2»
  // leaves: tool --password-file /run/x
  rule(
    "option",
    `${word} pass`,
    `((?<![\\w-])--?[\\w-]{0,40}?(?:${words}|pass)(?<!dir|file|id|lifetime|name|path|prompt|stdin|ttl|type|url)${next})([^\\s"'\\\\<[-][^\\s"'\\\\]{3,})`,
    "iy",
    optionBefore,
  ),
  // finds: redis-cli -h db -a «hunter2» PING
  // leaves: redis-cli -h db PING
  rule("option", "redis-cli", `(redis-cli(?:${next}[^\\s"',]{1,100}){0,8}?${next}-a${next})([^\\s"'\\\\]+)`),
  // finds: curl -s -u lav:«hunter2» http://db
  // leaves: curl -s -u lav http://db
  rule(
    "option",
    "curl",
    `(curl\\b[^\\n]{0,400}?[\\s"',](?:-u|-U|--user|--proxy-user)[\\s"',=]{1,4}[^\\s:"',]{1,100}:)([^\\s"'\\\\,]+)`,
  ),
  // The client of a database takes its password in the same argument as the option; -P is its port.
  // finds: mysqldump -u lav -p«hunter2» lav
  // leaves: mysqldump -u lav -P 3306 lav
  rule("option", "mysql", `(mysql\\w{0,10}\\b[^\\n]{0,400}?[\\s"',]-p)([^\\s"'\\\\,]+)`),
  // finds: mariadb -u lav -p«hunter2» lav
  // leaves: mariadb -u lav lav
  rule("option", "iadb", `(mariadb\\b[^\\n]{0,400}?[\\s"',]-p)([^\\s"'\\\\,]+)`, "y", back("mar")),
  // finds: sshpass -p «hunter2» ssh db
  // leaves: sshpass -e ssh db
  rule("option", "sshpass", `(sshpass${next}-p(?:${next})?)([^\\s"'\\\\]+)`),
  // Of a netrc: behind the login on one line, or alone on a line that is indented.
  // finds: machine db login lav password «hunter2»
  // leaves: login with a password first
  rule(
    "netrc",
    "password",
    `((?<=\\b(?:machine\\s{1,20}\\S{1,100}|default)\\s{1,20}login\\s{1,20}\\S{1,100}\\s{1,20})password\\s{1,20})([^\\s"'\\\\]+)`,
    "iy",
  ),
  // finds: machine db⏎  login lav⏎  password «hunter2»
  // leaves:   password required
  rule("netrc", "password", `((?<=^[ \\t]{1,20})password[ \\t]{1,20})((?=\\D*\\d)\\S+)(?=[ \\t]*$)`, "imy"),
  // Whoever has it is who logged in. A short one, or one of digits alone, is a count or a name.
  // finds: PHPSESSID=«0123456789abcdef»
  // leaves: session_id: 12345
  rule(
    "session",
    "sess",
    `((?<=(?<![a-z])(?:php|j)?)sess(?:ion)?[_-]?(?:id|key)?\\\\{0,3}["']?\\s{0,2}[:=]\\s{0,2}\\\\{0,3}["']?)((?=[\\w%+/=.~-]{0,100}?\\d)(?=[\\w%+/=.~-]{0,100}?[a-z])[\\w%+/=.~-]{16,})`,
    "iy",
  ),
  // finds: connect.sid=«s%3Aabc.def»
  // leaves: connect.sidecar=1
  rule(
    "session",
    "t.sid",
    `(connect\\.sid["']?\\s{0,2}[:=]\\s{0,2}["']?)(s(?::|%3A)[^\\s"';,]+)`,
    "iy",
    back("connec"),
  ),
  // As one word of a name written in one: dbPass.
  // finds: dbPass=«hunter2»
  // leaves: bypassed=3
  rule(
    "pass",
    "pass",
    `((?<=[a-z0-9])Pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!true\\b|false\\b|https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|[^\\s'"&,;}{\\]\\\\]{3,})`,
  ),
  // finds: pass: «hunter2»
  // leaves: pass: true
  rule(
    "pass",
    "pass",
    `((?<![a-z])pass\\\\{0,3}["']?\\s{0,3}[:=]\\s{0,3}\\\\{0,3}["']?)(?!true\\b|false\\b|https?:)((?<=["'])[^"'\\\\]+(?=["'\\\\…])|[^\\s'"&,;}{\\]\\\\]{3,})`,
    "iy",
  ),
  // finds: password=«hunter2»
  // leaves: password = $PGPASSWORD
  rule(
    "assign",
    word,
    `(${words}["']?${becomes})(?!(?:bearer|basic|digest)\\s)([^\\s'"&,;}{\\]\\\\]{3,})`,
    "iy",
  ),
  // finds: requirepass «hunter2»
  // leaves: no requirepass, no masterauth
  rule(
    "requirepass",
    "requirepass masterauth",
    `(${begin}(?:requirepass|masterauth)\\s{1,3}\\\\{0,3}["']?)([^\\s"'\\\\]+)`,
    "iy",
  ),
  // finds: ALTER ROLE lav PASSWORD '«hunter2»'
  // leaves: ALTER ROLE lav PASSWORD ''
  rule("role", "password", `(${begin}password\\s{1,3}E?'(?!'))((?:[^'…]|'')+)(?=['…])`, "iy"),
  // The same in a text that is itself in quotes.
  // finds: 'ALTER ROLE lav PASSWORD ''«hunter2»'''
  // leaves: a password is asked for
  rule("role", "password", `(${begin}password\\s{1,3}'{2,8})([^'…\\n]+)(?=['…])`, "iy"),
  // finds: ALTER ROLE lav PASSWORD $x$«hunter2»$x$
  // leaves: ALTER ROLE lav PASSWORD NULL
  rule("role", "password", `(${begin}password\\s{1,3}\\$\\w{0,40}\\$)([\\s\\S]+?)(?=\\$)`, "iy"),
];
