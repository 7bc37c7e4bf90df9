import { back, named, optionBefore, rule, word, words, type RedactionRule } from "../words.ts";

/** Between two arguments of a command, on one line or as a list of JSON or YAML has them. */
const next = `(?:\\s{1,3}["']?|\\\\{0,3}["'],?\\s{0,20}\\\\{0,3}["']|\\s{1,20}- ["']?)`;
/** An argument that is a secret: neither a reference nor another option. */
const argument = `(?![$%<-])[^\\s"'\\\\,|<>]+`;

/** A digit, or a capital behind a small letter: what no word of a log has. */
const noWord = `\\S{0,100}(?:\\d|[a-z][A-Z])`;

/** Arguments of commands, lines of protocols and statements, files of logins. */
export const commandRules: readonly RedactionRule[] = [
  // An option of a command and the argument behind it; what only says where or how long is none.
  // finds: tool --password «hunter2»
  // leaves: tool --password-file /run/x
  named(
    "option",
    `${word} pass`,
    `((?<![\\w-])--?[\\w-]{0,40}?(?:${words}|pass)${next})([^\\s"'\\\\<[-][^\\s"'\\\\]{3,})`,
    "iy",
    optionBefore,
  ),
  // finds: redis-cli -h db -a «hunter2» PING
  // leaves: redis-cli -h db PING
  rule(
    "option",
    "redis-cli",
    `(redis-cli(?:${next}[^\\s"',]{1,100}){0,8}?${next}-a(?:${next}|["']))(${argument})`,
  ),
  // finds: curl -s -u lav:«hunter2» http://db
  // leaves: curl -s -u lav http://db
  rule(
    "option",
    "curl",
    `(curl\\b[^\\n]{0,400}?[\\s"',](?:-u|-U|--user|--proxy-user)[\\s"',=]{1,4}[^\\s:"',]{1,100}:)(${argument})`,
  ),
  // The client of a database takes its password in the same argument as the option; -P is its port.
  // finds: mysqldump -u lav -p«hunter2» lav
  // leaves: mysqldump -u lav -P 3306 lav
  rule("option", "mysql", `(mysql\\w{0,10}\\b[^\\n]{0,400}?[\\s"',]-p["']?)(${argument})`),
  // finds: mariadb -u lav -p«hunter2» lav
  // leaves: mariadb -u lav lav
  rule("option", "iadb", `(mariadb\\b[^\\n]{0,400}?[\\s"',]-p["']?)(${argument})`, "y", back("mar")),
  // finds: sshpass -p «hunter2» ssh db
  // leaves: sshpass -e ssh db
  rule("option", "sshpass", `(sshpass${next}-p(?:${next}|["'])?)(${argument})`),
  // finds: ldapsearch -x -D cn=lav -w «hunter2» -b dc=x
  // leaves: ldapsearch -x -W -b dc=x
  rule("option", "ldap", `(ldap\\w{3,12}\\b[^\\n|]{0,400}?[\\s"',]-w[\\s"',]{0,4})(${argument})`),
  // finds: smbclient //host/share -U lav%«hunter2»
  // leaves: smbclient //host/share -U lav
  rule(
    "option",
    "smbclient rpcclient smbget",
    `((?:smbclient|rpcclient|smbget)\\b[^\\n|]{0,400}?-U[\\s"',]{0,4}[^\\s%"']{1,100}%)(${argument})`,
  ),
  // finds: mongosh -u lav -p «hunter2» db
  // leaves: mongosh -u lav --port 27017
  rule(
    "option",
    "mongo cqlsh docker·login",
    `((?:mongo\\w{0,8}|cqlsh|docker login)\\b[^\\n|]{0,400}?[\\s"',](?:-u|--username)[^\\n|]{1,200}?[\\s"',]-p[\\s"',]{1,4})(${argument})`,
  ),
  // finds: sqlcmd -S db -U lav -P «hunter2»
  // leaves: sqlcmd -S db -E
  rule(
    "option",
    "sqlcmd unzip ipmitool osql mosquitto_",
    `((?:sqlcmd|unzip|ipmitool|osql|mosquitto_[ps]ub)\\b[^\\n|]{0,400}?[\\s"',]-P[\\s"',]{0,4})(${argument})`,
  ),
  // finds: bcp lav.t out x -U lav -P «hunter2»
  // leaves: bcp lav.t out x -T
  rule("option", "bcp·", `(\\bbcp [^\\n|]{0,400}?[\\s"',]-P[\\s"',]{0,4})(${argument})`),
  // finds: 7z x -p«hunter2» x.7z
  // leaves: 7z x x.7z
  rule("option", "7z·x· 7z·a· 7z·e·", `(7z [^\\n|]{0,200}?\\s-p)(${argument})`),
  // finds: snmpget -v3 -u lav -A «hunter2» h
  // leaves: snmpget -v3 -u lav h
  rule("option", "snmp", `(snmp\\w{3,8} [^\\n|]{0,400}?\\s-A[\\s"']{0,3})(${argument})`),
  // finds: snmpget -v3 -u lav -X «hunter2» h
  // leaves: snmptrapd -c f
  rule("option", "snmp", `(snmp\\w{3,8} [^\\n|]{0,400}?\\s-X[\\s"']{0,3})(${argument})`),
  // finds: htpasswd -b f lav «hunter2»
  // leaves: htpasswd -c f lav
  rule(
    "option",
    "htpasswd",
    `(htpasswd\\s+-\\w{0,5}b\\w{0,5}\\s{1,3}[^\\s]{1,100}\\s{1,3}[^\\s]{1,100}\\s{1,3})(${argument})`.replace(
      "\\s+",
      "\\s{1,3}",
    ),
  ),
  // finds: openssl enc -aes-256-cbc -k «hunter2» -in x
  // leaves: openssl x509 -in x
  rule("option", "openssl", `(openssl enc\\b[^\\n|]{0,400}?\\s-k[\\s"']{1,3})(${argument})`),
  // finds: echo lav:«hunter2» | chpasswd
  // leaves: echo lav:x
  rule(
    "option",
    "echo·",
    `(\\becho\\s{1,3}["']?[\\w.-]{1,60}:)([^\\s"'|]+)(?=["']?\\s{0,3}\\|\\s{0,3}(?:sudo\\s{1,3})?chpasswd)`,
  ),
  // finds: kinit lav <<< «hunter2»
  // leaves: cat <<< words
  rule("option", "·<<<", `( <<<\\s{0,3}["']?)((?=[^\\s]{0,100}?\\d)[^\\s"'$]{6,})`),
  // finds: requirepass «hunter2»
  // leaves: no requirepass, no masterauth
  rule(
    "requirepass",
    "requirepass masterauth",
    `((?:requirepass|masterauth)(?:\\s{1,3}\\\\{0,3}["']?|\\\\{0,3}["'],?\\s{0,3}\\\\{0,3}["']))([^\\s"'\\\\]+)`,
    "iy",
  ),
  // finds: REDISCLI_AUTH=«hunter2» redis-cli
  // leaves: REDISCLI_AUTH is not set
  rule("redis", "rediscli_auth", `(rediscli_auth["']?\\s{0,3}[:=]\\s{0,3}["']?)(${argument})`, "iy"),
  // finds: "AUTH" "lav" "«hunter2»"
  // leaves: "auth" "lav
  rule(
    "redis",
    '"auth"',
    `("auth"(?:\\s{1,3}"[^"\\s]{1,100}"(?=\\s{1,3}"))?\\s{1,3}")([^"\\n]{1,400})(?=")`,
    "iy",
  ),
  // finds: AUTH lav «hunter2»
  // leaves: AUTH failed
  rule(
    "redis",
    "auth·",
    `((?<![\\w-])AUTH\\s{1,3}(?:[\\w.-]{1,60}\\s{1,3}(?=${noWord}))?)((?=${noWord})[^\\s"']{4,})`,
  ),
  // finds: user lav on >«hunter2» ~* +@all
  // leaves: user default off resetchannels -@all
  rule(
    "redis",
    '·on·> ·on·# "on"·">',
    `(user"?\\s{1,3}"?[^\\s"]{1,60}"?\\s{1,3}"?on"?\\s{1,3}"?[>#])([^\\s"']{4,})`,
    "iy",
    userBefore,
  ),
  // finds: ALTER ROLE lav PASSWORD '«hunter2»'
  // leaves: ALTER ROLE lav PASSWORD ''
  rule("role", "password", `(password\\s{1,3}E?'(?!'))((?:[^'…]|'')+)(?=['…])`, "iy"),
  // The same in a text that is itself in quotes.
  // finds: 'ALTER ROLE lav PASSWORD ''«hunter2»'''
  // leaves: a password is asked for
  rule("role", "password", `(password\\s{1,3}'{2,8})([^'…\\n]+)(?=['…])`, "iy"),
  // finds: ALTER ROLE lav PASSWORD $x$«hunter2»$x$
  // leaves: ALTER ROLE lav PASSWORD NULL
  rule("role", "password", `(password\\s{1,3}\\$\\w{0,40}\\$)([\\s\\S]+?)(?=\\$)`, "iy"),
  // finds: SET PASSWORD FOR 'lav'@'%' = '«hunter2»'
  // leaves: SET PASSWORD FOR 'lav' = NULL
  rule(
    "role",
    "password",
    `(password\\s{1,3}for\\s{1,3}[^=\\n]{1,100}=\\s{0,3}(?:password\\()?')((?:[^']|'')+)(?=')`,
    "iy",
  ),
  // finds: SET PASSWORD = PASSWORD('«hunter2»')
  // leaves: password(1)
  rule("role", "password", `(password\\(')((?:[^']|'')+)(?=')`, "iy"),
  // finds: CREATE USER lav IDENTIFIED BY '«hunter2»'
  // leaves: CREATE USER lav IDENTIFIED EXTERNALLY
  rule(
    "role",
    "identified",
    `(identified\\s{1,3}(?:with\\s{1,3}\\S{1,60}\\s{1,3})?(?:by|as)\\s{1,3}(?:password\\s{1,3})?["']?)([^\\s"';,]+)`,
    "iy",
  ),
  // finds: SELECT crypt('«hunter2»', gen_salt('bf'))
  // leaves: crypt(password, salt)
  rule("role", "crypt(", `(\\bcrypt\\(')([^']+)(?=')`, "iy"),
  // finds: pgp_sym_decrypt(x, '«hunter2»')
  // leaves: pgp_sym_decrypt(x, y)
  rule(
    "role",
    "pgp_sym_",
    `(pgp_sym_(?:en|de)crypt(?:_bytea)?\\([^\\n]{0,200}?,\\s{0,3}')([^']+)(?=')`,
    "iy",
  ),
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
  // Of a pgpass: host, port, database, user.
  // finds: *:*:*:lav:«hun\:ter2»
  // leaves: db:5432:lav
  rule(
    "pgpass",
    ":5432: :5433: :6432: :*:",
    `([\\w.*/-]{1,100}:(?:5432|5433|6432|\\*):[\\w*.-]{1,60}:[\\w*.-]{1,60}:)((?:[^\\s:\\\\"',]|\\\\.)+)(?=["',]?(?:\\s|$))`,
    "y",
    fieldBefore,
  ),
  // finds: {"auths":{"x":{"auth":"«dXNlcjpodW50ZXIy»"}}}
  // leaves: {"auth":"required"}
  rule("login", '"auth"', `("auth"\\s{0,3}:\\s{0,3}")((?=[a-z]{0,200}[\\dA-Z+/=])[A-Za-z0-9+/=]{8,})(?=")`),
  // finds: _auth=«dXNlcjpodW50ZXIy»
  // leaves: _auth is not set
  rule("login", "_auth", `(_auth\\s{0,3}=\\s{0,3}["']?)(?!\\$)([^\\s"']{6,})`),
  // finds: basic.auth.user.info=lav:«hunter2»
  // leaves: basic.auth.credentials.source=USER_INFO
  rule("login", "user.info", `(user\\.info\\s{0,3}[=:]\\s{0,3}[^\\s:]{1,100}:)(\\S+)`, "iy"),
  // finds: password="$PGPASSWORD" user_lav="«hunter2»"
  // leaves: user_id="12"
  rule(
    "login",
    "user_",
    `((?<=password=[^\\n]{0,200})user_[\\w.-]{1,60}=\\\\{0,3}")([^"\\\\\\n]+)(?=\\\\{0,3}")`,
    "iy",
  ),
  // finds: tls.key: «MIIEvQIBADANBgkqhkiG»
  // leaves: tls.crt: MIIEvQIBADANBgkqhkiG
  rule(
    "kubernetes",
    "tls.key .dockerc client-key-data ssh-privatekey",
    `((?:tls\\.key|\\.dockercfg|\\.dockerconfigjson|client-key-data|ssh-privatekey)["']?\\s{0,3}:\\s{0,3}["']?)([A-Za-z0-9+/=]{16,})`,
  ),
  // Tags 554 and 925 of FIX are passwords.
  // finds: 35=A|553=lav|554=«hunter2»|10=1
  // leaves: latency=554
  rule(
    "fix",
    "554= 925=",
    `((?:(?<![\\w.])|(?<=\\^A|\\\\x01|\\\\u0001))(?:554|925)=)([^|\\x01;\\s"'^\\\\]+)`,
  ),
];

function userBefore(text: string, at: number, from: number): number | undefined {
  const least = Math.max(from, at - 72);
  const found = text.slice(least, at).toLowerCase().lastIndexOf("user");
  return found === -1 ? undefined : least + found;
}

function fieldBefore(text: string, at: number): number | undefined {
  let start = at;
  for (const least = Math.max(0, at - 100); start > least && /[\w.*/-]/.test(text.charAt(start - 1));)
    start--;
  return start < at ? start : undefined;
}
