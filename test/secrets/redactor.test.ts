import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { cases } from "../cases.ts";

const key = Buffer.alloc(32, 7);
const canary = 'c4n/ry+S3cret"<é>&=x y';
const redactor = createRedactor([canary], key);
/** Any rule's token as one word, so that a test says what stays around it. */
const plain = (text: string): string => text.replaceAll(/‹secret:[a-z]+:[0-9a-f]{8}›/g, "‹›");

describe("an approval", () => {
  const token = `hf_${"aB3".repeat(12)}`;
  const approval = `lav-ir-approval.1.cmVxdWVzdDog${token}x.U1NIU0lHAAA${token}w-.`;

  test.each([
    ["by itself", approval, approval],
    ["in a record", JSON.stringify({ grant: approval }), JSON.stringify({ grant: approval })],
    ["before a token", `${approval} ${token}`, `${approval} ‹›`],
    ["named by a token alone", `lav-ir-approval: ${token}`, "lav-ir-approval: ‹›"],
  ])("keeps what looks like a vendor's token in it by chance: %s", (_how, text, clean) => {
    expect(plain(redactor.text(text))).toBe(clean);
  });
});

describe("a secret that is known", () => {
  const bytes = Buffer.from(canary);
  const base64 = (before: string, after: string): string =>
    Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]).toString("base64");
  test.each([
    ["as it is", canary],
    ["percent-encoded", encodeURIComponent(canary)],
    [
      "percent-encoded in lower case",
      encodeURIComponent(canary).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["as a form has it", new URLSearchParams({ a: canary }).toString().slice(2)],
    ["as JSON", JSON.stringify(canary)],
    ["as JSON in JSON", JSON.stringify(JSON.stringify({ text: canary }))],
    [
      "as Go writes JSON",
      JSON.stringify(canary).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026"),
    ],
    ["as Python writes JSON", JSON.stringify(canary).replaceAll("é", "\\u00e9")],
    ["in hexadecimal", bytes.toString("hex")],
    ["base64 at the first place", base64("", "after")],
    ["base64 at the second place", base64("u", "after")],
    ["base64 at the third place", base64("us", "after")],
    ["base64 behind three", base64("use", "")],
    ["base64 for URLs", Buffer.from(`u:${canary}`).toString("base64url")],
  ])("is taken out %s", (_how, written) => {
    const clean = redactor.text(`before ${written} after`);
    expect(clean).toMatch(/^before .*‹secret:known:[0-9a-f]{8}›.* after$/);
    for (const part of [
      "c4n",
      "S3cr",
      "c4n%2",
      bytes.toString("hex").slice(0, 8),
      bytes.toString("base64").slice(4, 12),
    ]) {
      expect(clean).not.toContain(part);
    }
  });

  const odd = `c4n/ry+S3c'ret"<e>&=x y`;
  const around = Buffer.from(`the bytes before it, many of them: ${odd}, and those behind it, as many`);
  const wrapped = (text: string, width: number, end = "\n"): string =>
    text.replaceAll(new RegExp(`.{${width}}`, "g"), `$&${end}`);
  const html = odd.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  test.each([
    ["quoted for a shell", odd.replaceAll("'", "'\\''")],
    ["quoted for a shell otherwise", odd.replaceAll("'", `'"'"'`)],
    ["escaped for a shell", odd.replaceAll(/[^\w@%+=:,./-]/g, "\\$&")],
    ["quoted for SQL", odd.replaceAll("'", "''")],
    ["quoted for CSV", odd.replaceAll('"', '""')],
    ["in entities", html.replaceAll('"', "&quot;").replaceAll("'", "&#39;")],
    ["in entities of numbers", html.replaceAll('"', "&#34;").replaceAll("'", "&#39;")],
    ["in entities of hexadecimal", html.replaceAll('"', "&quot;").replaceAll("'", "&#x27;")],
    ["in two colours", `${odd.slice(0, 9)}\u001b[0m\u001b[32m${odd.slice(9)}`],
    ["in base64, wrapped", wrapped(around.toString("base64"), 76)],
    ["in base64, wrapped narrowly and indented", wrapped(around.toString("base64"), 20, "\r\n    ")],
    ["in base64, wrapped inside of JSON", wrapped(around.toString("base64"), 64, "\\n")],
    ["in hexadecimal, wrapped", wrapped(around.toString("hex"), 60)],
  ])("is taken out %s", (_how, written) => {
    const clean = createRedactor([odd], key).text(`before ${written} after`);
    expect(clean).toMatch(/^before [^‹]*‹secret:known:[0-9a-f]{8}›[^‹]* after$/);
    const rest = clean.replaceAll(/‹.*›/g, " ");
    expect(rest).not.toMatch(/c4n|ret"|&amp;/);
    const bytes = rest.replaceAll(/\s|\\n|before|after/g, "");
    expect(Buffer.from(bytes, "base64").toString("latin1")).not.toContain("c4n/");
    expect(Buffer.from(bytes, "hex").toString("latin1")).not.toContain("c4n/");
  });

  test("is taken out in base32, at each place that it can fall among the bytes around it", () => {
    // RFC 4648 of "a", "bb" and so on before "hunter2-again".
    for (const written of [
      "NB2W45DFOIZC2YLHMFUW4===",
      "MFUHK3TUMVZDELLBM5QWS3Q=",
      "MJRGQ5LOORSXEMRNMFTWC2LO",
      "MNRWG2DVNZ2GK4RSFVQWOYLJNY======",
      "MRSGIZDIOVXHIZLSGIWWCZ3BNFXA====",
    ])
      expect(createRedactor(["hunter2-again"], key).text(`x ${written} y`)).toMatch(
        /^x [A-Z2-7]{0,8}‹secret:known:\w{8}› y$/,
      );
  });

  test("is sought where a cut is marked, and the text is read once", () => {
    const many = "hunt…".repeat(50_000);
    expect(plain(createRedactor(["hunter2-again"], key).text(many))).toBe("‹›…".repeat(50_000));
  });

  test("is taken out where a cut left only its beginning", () => {
    for (const written of [canary, encodeURIComponent(canary), JSON.stringify(canary).slice(1, -1)]) {
      for (let kept = 4; kept < written.length; kept++) {
        const clean = plain(redactor.text(`a reply ${written.slice(0, kept)}… (904 characters more)`));
        expect(clean).toBe("a reply ‹›… (904 characters more)");
      }
    }
    expect(redactor.text("a reply c4n/ry… and c4n/ more")).toMatch(/^a reply ‹[^›]+›… and c4n\/ more$/);
  });

  test.each([
    ["base64", Buffer.from(canary).toString("base64").replaceAll("=", "")],
    ["hexadecimal", Buffer.from(canary).toString("hex")],
  ])("is taken out where a cut left only the first lines of its %s", (_what, whole) => {
    for (const [end, width] of [
      ["\n", 12],
      ["\r\n  ", 8],
      ["\\n", 16],
    ] as const) {
      for (let kept = 5; kept < whole.length; kept++) {
        const wrapped = whole.slice(0, kept).replaceAll(new RegExp(`.{${width}}(?=.)`, "g"), `$&${end}`);
        expect(plain(redactor.text(`a reply ${wrapped}… (cut)`))).toBe("a reply ‹›… (cut)");
      }
    }
  });

  test("leaves no part of itself in the base64 around it", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      const clean = createRedactor(["hunter22"], key).text(base64Of(`${before}hunter22zz`));
      const rest = clean.split(/‹.*›/).map((part) => Buffer.from(part, "base64").toString("latin1"));
      expect(rest.join("|")).not.toMatch(/[hH]u|22/);
    }
  });

  test("is taken out each time, however much came in between", () => {
    const redactor = createRedactor(["hunter2-again"]);
    const once = redactor.text("in hunter2-again");
    expect(once).toMatch(/^in ‹secret:known:[0-9a-f]{8}›$/);
    for (let at = 0; at < 5000; at++) {
      expect(redactor.text(`step ${at}`)).toBe(`step ${at}`);
      if (at % 500 === 0) expect(redactor.text("in hunter2-again")).toBe(once);
    }
    expect(redactor.text("in hunter2-again")).toBe(once);
  });

  test("is taken out of keys, lists, maps, numbers and bytes of a structure, and nothing else changes", () => {
    const at = new Date(0);
    const found = createRedactor(["481516", "h0rsebattery"], key).value({
      "h0rsebattery-1": ["x h0rsebattery", 481516, 5n, 4815162342n, true, null, at],
      map: new Map([["k", "h0rsebattery"]]),
      bytes: Buffer.from("..h0rsebattery.."),
      harmless: Buffer.from("..horse.."),
    });
    const text = JSON.stringify(found, (_name, item: unknown) =>
      typeof item === "bigint" ? `${item}n` : item,
    );
    expect(text).not.toMatch(/h0rse|481516/);
    expect(found).toMatchObject({ harmless: Buffer.from("..horse..") });
    expect(Object.values(found)[0]).toMatchObject([
      expect.anything(),
      expect.anything(),
      5n,
      expect.anything(),
      true,
      null,
      at,
    ]);
  });

  test("that holds another one goes as a whole", () => {
    const both = createRedactor(["hunter", "hunter-and-more"], key);
    expect(plain(both.text("hunter-and-more, hunter"))).toBe("‹›, ‹›");
  });

  test("that is a word of the tokens themselves is not wrapped again", () => {
    const odd = createRedactor(["secret", "known", "a1b2c3d4e5", "‹secret:known:"], key);
    const clean = odd.text("a1b2c3d4e5 known secret");
    expect(plain(clean)).toBe("‹› ‹› ‹›");
    expect(odd.text(clean)).toBe(clean);
  });

  test("of two bytes a character is found in the midst of a text of one", () => {
    const wide = Buffer.from("h0rsebattery", "utf16le").toString("latin1");
    expect(plain(createRedactor(["h0rsebattery"], key).text(`a ${wide} b`))).toBe("a ‹›\0 b");
  });

  test("of several lines is found line by line, and one with a newline at its end without it", () => {
    const lines = createRedactor(["line-one-0123456789\nline-two-0123456789\n", "token-1234\n"], key);
    expect(plain(lines.text("1 line-one-0123456789\n2 line-two-0123456789 token-1234"))).toBe(
      "1 ‹›\n2 ‹› ‹›",
    );
  });

  test("shorter than four characters is not searched for", () => {
    expect(createRedactor(["abc", ""], key).text("abc is in abcde")).toBe("abc is in abcde");
  });

  test("that is no well-formed text breaks nothing", () => {
    expect(plain(createRedactor(["half\ud800pair"], key).text("x half\ud800pair y"))).toBe("x ‹› y");
  });

  test("has the same digits everywhere, and another secret has others", () => {
    const two = createRedactor(["first-secret", "second-secret"], key);
    const [a, b, c] = two.text("first-secret second-secret Zmlyc3Qtc2VjcmV0").split(" ");
    expect(a).toBe(c);
    expect(a).not.toBe(b);
  });
});

function base64Of(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("a secret nobody told us of", () => {
  const nobody = createRedactor([], key);
  test.each([
    ["pem", "k: -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- end", "k: ‹› end"],
    ["pem", "-----BEGIN PRIVATE KEY-----\nMIIBcut off", "‹›"],
    ["url", "postgres://lav:s3cr3t@db:5432/x", "postgres://lav:‹›@db:5432/x"],
    ["url", "postgres://lav:p@ss:w0rd@db/x", "postgres://lav:‹›@db/x"],
    ["url", "redis://:pw@h:1 and http://h:80/p", "redis://:‹›@h:1 and http://h:80/p"],
    ["header", "Authorization: Bearer abcdef", "Authorization: Bearer ‹›"],
    ["key", '{"authorization":"Basic dXNlcg=="}', '{"authorization":"‹›"}'],
    ["bearer", "curl -H 'bearer 12ab34cd56'", "curl -H 'bearer ‹›'"],
    ["jwt", "got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln here", "got ‹› here"],
    ["aws", "id AKIAIOSFODNN7EXAMPLE.", "id ‹›."],
    ["slack", "https://hooks.slack.com/services/T0/B0/xyz ok", "https://hooks.slack.com/services/‹› ok"],
    ["vendor", "bot xoxb-1234567890-abc", "bot ‹›"],
    ["key", '{"db_password":"a\\"b","n":1}', '{"db_password":"‹›","n":1}'],
    ["key", '{"api-key" : "two words"}', '{"api-key" : "‹›"}'],
    ["escaped", '{"msg":"{\\"password\\":\\"hunter2\\"}"}', '{"msg":"{\\"password\\":\\"‹›\\"}"}'],
    ["quoted", 'PGPASSWORD="two words" psql', 'PGPASSWORD="‹›" psql'],
    ["quoted", "{'password': 'it''s two'}", "{'password': '‹›'}"],
    ["assign", "PGPASSWORD=hunter2 psql", "PGPASSWORD=‹› psql"],
    ["assign", "?api_key=abc123&x=1", "?api_key=‹›&x=1"],
    ["assign", "secret: abc‹secret:known:12345678›def.", "secret: ‹›"],
    ["requirepass", "requirepass foobared", "requirepass ‹›"],
    ["role", "ALTER ROLE a PASSWORD 'it''s'", "ALTER ROLE a PASSWORD '‹›'"],
    ["role", "SELECT 'ALTER ROLE a PASSWORD ''its''' FROM x", "SELECT 'ALTER ROLE a PASSWORD ''‹›''' FROM x"],
    ["role", "ALTER ROLE a PASSWORD 'cut o…\", 1", "ALTER ROLE a PASSWORD '‹›…\", 1"],
    ["url", '"postgres://lav:cut-o…"', '"postgres://lav:‹›…"'],
    ["jwt", "got eyJhbGciOiJI.eyJzd…", "got ‹›…"],
    ["escaped", '{"m":"PGPASSWORD=\\"two words\\" psql"}', '{"m":"PGPASSWORD=\\"‹›\\" psql"}'],
    [
      "escaped",
      '{"m":"{\\"m\\":\\"PWD: \\\\\\"x y\\\\\\" z\\"}"}',
      '{"m":"{\\"m\\":\\"PWD: \\\\\\"‹›\\\\\\" z\\"}"}',
    ],
    ["escaped", '1,"{""password"":""hunter2"",""n"":1}"', '1,"{""password"":""‹›"",""n"":1}"'],
    ["escaped", '1,"required password=""hunter2"";"', '1,"required password=""‹›"";"'],
    [
      "escaped",
      '1,"{""m"":""{\\""api_key\\"":\\""k\\""}""}"',
      '1,"{""m"":""{\\""api_key\\"":\\""‹›\\""}""}"',
    ],
    ["requirepass", '{"m":"a\\nrequirepass foobared\\nb"}', '{"m":"a\\nrequirepass ‹›\\nb"}'],
    ["requirepass", 'requirepass "foobared"', 'requirepass "‹›"'],
    ["aws", '"a\\nAKIAIOSFODNN7EXAMPLE"', '"a\\n‹›"'],
    ["bearer", '"a\\tBearer 12ab34cd56"', '"a\\tBearer ‹›"'],
    ["cookie", "Set-Cookie: session=1; id=2\nx", "Set-Cookie: ‹›\nx"],
    ["key", '{"set-cookie":"session=1; Path=/"}', '{"set-cookie":"‹›"}'],
    ["key", '{"password":["h1","n"]}', '{"password":["‹›","n"]}'],
    ["key", '{"passphrase":"two words"}', '{"passphrase":"‹›"}'],
    ["assign", "OK-ACCESS-PASSPHRASE: h1dd3n", "OK-ACCESS-PASSPHRASE: ‹›"],
    ["assign", "routing_key: R0h1dd3n AccountKey=h1dd3n==;", "routing_key: ‹› AccountKey=‹›;"],
    ["quoted", "{'password': b'h1dd3n'}", "{'password': b'‹›'}"],
    ["pass", 'DB_PASS=h1dd3n {"pass":"two words"}', 'DB_PASS=‹› {"pass":"‹›"}'],
    ["option", "psql --db-password h1dd3n -h db", "psql --db-password ‹› -h db"],
    ["option", '"Args":["--token","h1dd3n","-v"]', '"Args":["--token","‹›","-v"]'],
    ["option", "command:\n  - --pass\n  - h1dd3n", "command:\n  - --pass\n  - ‹›"],
    ["option", "redis-cli -h db -a h1dd3n ping", "redis-cli -h db -a ‹› ping"],
    ["option", '["CMD","redis-cli","-a","h1dd3n"]', '["CMD","redis-cli","-a","‹›"]'],
    ["option", "curl -s -H 'A: b' -u ada:h1dd3n http://h", "curl -s -H 'A: b' -u ada:‹› http://h"],
    ["pair", '{"name":"DB_PASSWORD","value":"h1dd3n"}', '{"name":"DB_PASSWORD","value":"‹›"}'],
    ["pair", '<add key="password" value="h1dd3n"/>', '<add key="password" value="‹›"/>'],
    ["element", "<password>h1dd3n</password>", "<password>‹›</password>"],
    ["block", "password: |\n  h1dd3n\nport: 1", "password: |\n  ‹›\nport: 1"],
    ["encoded", "?to=https%3A%2F%2Fx%3Ftoken%3Dh1dd3n%26a%3Db", "?to=https%3A%2F%2Fx%3Ftoken%3D‹›%26a%3Db"],
    ["encoded", "%22password%22%3A%22h1dd3n%22%7D", "%22password%22%3A%22‹›%22%7D"],
    ["url", "url=postgres%3A%2F%2Fada%3Ah1dd3n%40db", "url=postgres%3A%2F%2Fada%3A‹›%40db"],
    ["url", '"postgres:\\/\\/ada:h1dd3n@db"', '"postgres:\\/\\/ada:‹›@db"'],
    ["url", "https://0123456789abcdef0123@reports.example/1", "https://‹›@reports.example/1"],
    ["signed", "/b?X-Amz-Signature=0123456789&x=1", "/b?X-Amz-Signature=‹›&x=1"],
    ["hook", "https://discord.com/api/webhooks/12/h1d-d3n", "https://discord.com/api/webhooks/12/‹›"],
    ["hook", "https://api.telegram.org/bot12:h1d-d3n/send", "https://api.telegram.org/bot‹›/send"],
    ["vendor", "glpat-0123456789abcdefghij", "‹›"],
    ["vendor", `AIza${"0".repeat(35)} rk_live_0123456789`, "‹› ‹›"],
    ["pass", 'dbPass=h1dd3n {"redisPass":"two words"}', 'dbPass=‹› {"redisPass":"‹›"}'],
    ["option", "mysql -h db -P 3306 -u ada -ph1dd3n lav", "mysql -h db -P 3306 -u ada -p‹› lav"],
    ["option", "kubectl exec db -- mariadb -u ada -ph1dd3n", "kubectl exec db -- mariadb -u ada -p‹›"],
    ["option", '["mysqldump","-uada","-ph1dd3n","lav"]', '["mysqldump","-uada","-p‹›","lav"]'],
    ["option", "sshpass -p h1dd3n ssh a; sshpass -ph1dd3n ssh a", "sshpass -p ‹› ssh a; sshpass -p‹› ssh a"],
    ["netrc", "machine h login ada password hidden", "machine h login ada password ‹›"],
    ["netrc", "machine h\n\tlogin ada\n\tpassword hidden\n", "machine h\n\tlogin ada\n\tpassword ‹›\n"],
    ["netrc", "cut\n  password h1dd3n\nmachine i", "cut\n  password ‹›\nmachine i"],
    ["session", "GET /a;jsessionid=0123456789abcdef?x=1", "GET /a;jsessionid=‹›?x=1"],
    ["session", "PHPSESSID=0123456789abcdef0 session=ab12ab12ab12ab12&a", "PHPSESSID=‹› session=‹›&a"],
    ["session", '{"session_id":"0123456789abcdef","n":1}', '{"session_id":"‹›","n":1}'],
    ["session", "connect.sid=s%3Ah1dd3n.x; a=b", "connect.sid=‹›; a=b"],
    ["role", "ALTER ROLE a PASSWORD E'it''s'", "ALTER ROLE a PASSWORD E'‹›'"],
    ["role", "ALTER ROLE a PASSWORD $x$h1dd3n$x$", "ALTER ROLE a PASSWORD $x$‹›$x$"],
    [
      "pem",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\nh1dd3n\n-----END PGP PRIVATE KEY BLOCK----- end",
      "‹› end",
    ],
  ])("is found by the rule %s: %s", (_rule, text, clean) => {
    expect(plain(nobody.text(text))).toBe(clean);
  });

  test("is found under its name in a structure", () => {
    const { password, dbPass, apiKey, nested } = nobody.value({
      password: "$ecret",
      dbPass: "$ecret",
      apiKey: "k",
      nested: [{ token: "t" }],
    });
    expect([password, dbPass, apiKey, nested[0]?.token].map((text) => plain(text ?? ""))).toEqual(
      Array.from({ length: 4 }, () => "‹›"),
    );
  });

  test.each([
    "market-sentinel is running, exit code 0, restarts 2",
    "--token-file /run/token --password-stdin --no-password -h db",
    "bypass=enabled proxy_pass: http://h:1 pass=true compass: north",
    '{"name":"token.type","value":"opaque-one"} {"name":"password.count","value":"12"}',
    "docker run -u 1000:1000 image; curl -sS http://h:1/x?page=1",
    "http://localhost:3001/health answered 200 in 12ms",
    "basic authentication is off; the bearer of this message",
    "0 secrets found, the token bucket is full, password required",
    "session=12345 sessionId=INVALID, fetch session 1234567890123456789, session: closed, sessionTimeout=3000",
    "mysql -h db -P 3306 -p lav; mysqld is running; the user gave the password twice",
    "    password required\nlogin failed, password expired; user lav password authentication failed",
    "byPass=true gatePass: false",
    "service.restart: restart all instances of service market-sentinel (Compose project lav)",
    'curl -H "Authorization: Bearer $EMERGENCY_TOKEN" http://h:1/x',
    "token=$API_TOKEN2 password=${PGPASSWORD}",
    "PWD=/root/x",
    '{"password":"","secret":"","n":1}',
    "cookies are enabled",
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    "sha256 1f3870be274f6c49b3e31a0c6728957f, at 2026-01-31T14:15:02.007Z",
  ])("is not seen in %j", (text) => {
    expect(nobody.text(text)).toBe(text);
  });

  // What grows with the square takes minutes on these, and the test's own time is over: no time is measured.
  test("a long text costs no more than its length", () => {
    for (const piece of [
      "a.",
      "a-",
      "x://y:",
      "token ",
      "bearer ",
      "-----BEGIN ",
      '"password',
      "secret:",
      '\\"',
      "eyJ.",
      "a",
    ]) {
      const long = piece.repeat(500_000 / piece.length);
      expect(nobody.text(long).length).toBeGreaterThan(0);
    }
  });
});

test("no canary survives, and what is clean stays as it is", () => {
  const secret = fc
    .string({ minLength: 6, maxLength: 30, unit: "grapheme" })
    .filter((text) => text.trim().length >= 6);
  const shape = fc.constantFrom<(text: string) => string>(
    (text) => text,
    encodeURIComponent,
    (text) => JSON.stringify(text).slice(1, -1),
    (text) => Buffer.from(text).toString("base64"),
    (text) => Buffer.from(`u${text}v`).toString("base64"),
    (text) => Buffer.from(`us${text}`).toString("base64"),
    (text) => Buffer.from(text).toString("hex"),
  );
  fc.assert(
    fc.property(secret, shape, fc.string(), fc.string(), (hidden, shaped, before, after) => {
      const clean = createRedactor([hidden], key).text(before + shaped(hidden) + after);
      const around = createRedactor([hidden], key);
      expect(clean.replaceAll(/‹secret:[a-z]+:[0-9a-f]{8}›/g, "")).not.toContain(hidden);
      expect(clean).toMatch(/‹secret:/);
      expect(around.text(clean)).toBe(clean);
    }),
    cases(500),
  );
});
