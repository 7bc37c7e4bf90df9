import fc from "fast-check";
import { expect, test } from "vitest";
import { Ahead, isSecret, plainly, token } from "../../src/secrets/finds.ts";
import { rules } from "../../src/secrets/rules.ts";
import { cases } from "../cases.ts";

const mark = (rule: string, secret: string): string =>
  `‹secret:${rule}:${secret.length.toString(16).padStart(8, "0")}›`;

/** Compiled once: there are many. */
const everywhere = rules.map((rule) => ({
  rule,
  pattern: new RegExp(`${token.source}|${rule.pattern.source}`, rule.pattern.flags.replace("y", "g")),
}));

/** Every rule looked for everywhere in the whole text, one after the other. */
function slowly(text: string): string {
  let clean = text;
  for (const { rule, pattern } of everywhere) {
    const now = clean;
    clean = now.replaceAll(pattern, (all: string, ...groups: readonly unknown[]) => {
      const [before, secret, begin] = groups as [string | undefined, string | undefined, number];
      return secret === undefined || !isSecret(rule, { text: now, begin, before: before ?? "", secret })
        ? all
        : `${before ?? ""}${mark(rule.name, secret)}`;
    });
  }
  return clean;
}

/** What secrets, and what looks like one, are made of; put together they meet at every place. */
const pieces = [
  ..."password PassWD pwd pwd=/ secret SECRETS token api_key apikey access-key private_key authorization credential key".split(
    " ",
  ),
  ..."= : := => \" ' \\\" \\\\\" '' \\ , ; { } & / @ . - _ … ‹ › \n \t a Z 7 ü ſ K".split(" "),
  " ",
  ..."postgres:// x+y.z:// ://user: user:pw@host bearer basic digest $TOKEN ${PGPASSWORD}".split(" "),
  ..."hunter2 Abc123def456 eyJhbGciOiJI .eyJzdWIiOiIx .c2ln AKIAIOSFODNN7EXAMPLE xoxb-1234567890 ghp_".split(
    " ",
  ),
  ..."hooks.slack.com/services/ requirepass masterauth github_pat_ sk_live_".split(" "),
  ..."passphrase pass value < > </ %3A %3D %22 %3A%2F%2F %40 :\\/\\/ -- - -a --pass redis-cli curl -u sig= signature= ?".split(
    " ",
  ),
  ..."mysql mysqldump mariadb -p -ph sshpass machine login default dbPass Pass sess session PHPSESSID _id 0123456789abcdef connect.sid s%3Ax".split(
    " ",
  ),
  ...`"," "type" 'old_value' "value":" "name":" http://db:5432/x ://db:54 attr=b> ' E' ] ( + ^[ &quot; \u001b[0m`.split(
    " ",
  ),
  " is ",
  " and was ",
  " type=",
  "  ",
  "\n  ",
  "-----BEGIN RSA PRIVATE KEY-----",
  "-----BEGIN CERTIFICATE-----",
  "-----END RSA PRIVATE KEY-----",
  "‹secret:known:12345678›",
  "‹secret:requirepass:12345678›",
  "x".repeat(39),
];

const texts = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 4 })), {
    maxLength: 30,
  })
  .map((parts) => parts.join(""));

test("finds what looking for every rule everywhere finds", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(plainly(text, mark).clean).toBe(slowly(text));
    }),
    cases(20_000),
  );
});

test("wherever in a long text it stands", () => {
  const line = "2026-11-24T21:00:00Z INFO token 5 of order at http://a:1/b, Basic authentication is off\n";
  fc.assert(
    fc.property(texts, texts, fc.nat(200), fc.nat(200), (one, other, before, after) => {
      const text = line.repeat(before) + one + line.slice(0, after) + other + line.repeat(after);
      expect(plainly(text, mark).clean).toBe(slowly(text));
    }),
    cases(300),
  );
});

test("up to the last character that may stand before its word", () => {
  for (let length = 25; length < 45; length++) {
    for (const text of [
      `"${"n".repeat(length)}password": "hunter2"`,
      `"${"n".repeat(length)}api.key-password": "hunter2"`,
      `${"s".repeat(length)}://lav:hunter2@db`,
      `7.+${"s".repeat(length)}://lav:hunter2@db`,
    ])
      expect(plainly(text, mark).clean).toBe(slowly(text));
  }
});

test("what ends a secret is sought once, however many words ask for it", () => {
  const text = "token>\n".repeat(50_000);
  const ahead = new Ahead(text, { sign: "<", whole: "</" });
  for (let at = 0; at < text.length; at += 7) expect(ahead.ends(at)).toBe(false);
  expect(ahead.work).toBe(text.length);
  const tags = "token> <b\n".repeat(50_000);
  const each = new Ahead(tags, { sign: "<", whole: "</" });
  for (let at = 0; at < tags.length; at += 10) expect(each.ends(at)).toBe(false);
  expect(each.work).toBeLessThanOrEqual(tags.length);
});

test("a rule without a limit that asks for what stands behind its secret says what ends it, or a quote does", () => {
  const endless = rules.filter(
    ({ pattern, ends }) => /[*+]\)?\)\(\?=/.test(pattern.source) && ends === undefined,
  );
  // A second word of such a rule holds the very sign at which the first one's secret would have ended.
  const sure = /\(\?=(?:\[[^\]]*["'…]|'|"|@|%40|\\\$|<|\\\}|\["',|\[ \\t\]|\\\\\{0,3\}")/;
  expect(endless.map(({ pattern }) => pattern.source).filter((source) => !sure.test(source))).toEqual([]);
});
