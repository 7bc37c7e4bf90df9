import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { RedactStream } from "../../src/secrets/stream.ts";

const known = "hunter2-is-Not/a+good one";
const key = Buffer.alloc(32, 7);
const redactor = createRedactor([known], key);

const pem = [
  "-----BEGIN RSA PRIVATE KEY-----",
  ...Array.from(
    { length: 24 },
    (_, at) => `MIIEpAIBAAKCAQEA${"Qx9z".repeat(11)}${String(at).padStart(4, "0")}`,
  ),
  "-----END RSA PRIVATE KEY-----",
].join("\n");

/** In base64, wrapped as narrow as anybody does. */
function wrapped(text: string): string {
  return Buffer.from(text).toString("base64").replaceAll(/.{20}/g, "$&\n");
}

/** A secret of every shape, with what must not be left of it. */
const shapes: readonly (readonly [string, string])[] = [
  [`the value ${known} stands here`, known],
  [`?q=${encodeURIComponent(known)}&x=1`, encodeURIComponent(known)],
  [
    `b64 ${Buffer.from(`ab${known}`).toString("base64")} end`,
    Buffer.from(`ab${known}`).toString("base64").slice(4, 28),
  ],
  [`{"a":"{\\"k\\":\\"${known}\\"}"}`, known],
  [`\u001b[32mhunter2-is-Not\u001b[0m/a+good one`, "hunter2-is"],
  ["postgres://lav:canaryUrl1@db:5432/lav", "canaryUrl1"],
  ["Authorization: Bearer canaryBearer1234567", "canaryBearer1234567"],
  ['{"password":"canaryJson123"}', "canaryJson123"],
  ["db_password: canaryYaml123", "canaryYaml123"],
  ["requirepass canaryRedis123", "canaryRedis123"],
  ["CREATE ROLE x PASSWORD 'canaryRole123'", "canaryRole123"],
  ["AKIAIOSFODNN7CANARY1", "IOSFODNN7CANARY1"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl", "eyJzdWIiOiJjYW5hcnkifQ"],
  [pem, "MIIEpAIBAAKCAQEA"],
];

/** The same for what goes over several lines: those of another channel may come between. */
const alone: typeof shapes = [
  ...shapes,
  [`b64\n${wrapped(`some bytes ahead of ${known} and behind it`)}\nend`, "LU5vdC9hK2dv"],
];

function through(pieces: readonly (string | Uint8Array)[]): string {
  let out = "";
  const stream = new RedactStream(redactor, (clean) => (out += clean), known.length);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return out;
}

describe("a secret cut in two", () => {
  test.each(alone)("at every boundary of pieces: %s", (text, secret) => {
    const bytes = Buffer.from(`${"an ordinary line\n".repeat(3)}${text}\nthe end\n`);
    const whole = redactor.text(bytes.toString());
    expect(whole).not.toContain(secret);
    for (let at = 0; at <= bytes.length; at++) {
      expect(through([bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
    }
  });

  test.each(alone)("wherever the window ends in it: %s", (text, secret) => {
    const line = "2026-11-24T21:00:00Z INFO an ordinary line of a log\n";
    const window = 262_144;
    for (let before = 0; before <= text.length + 2; before += Math.max(1, Math.floor(text.length / 12))) {
      for (const around of [0, 8192]) {
        const filler = line.repeat(Math.ceil(window / line.length)).slice(0, window - around - before);
        const out = through([Buffer.from(`${filler}\n${text}\n${line.repeat(300)}`)]);
        expect(out.includes(secret)).toBe(false);
        expect(out.endsWith(line)).toBe(true);
      }
    }
  });

  test("by the other stream's lines", () => {
    for (const [text, secret] of shapes) {
      for (let at = 1; at < text.length; at += Math.max(1, Math.floor(text.length / 40))) {
        let out = "";
        const stream = new RedactStream(redactor, (clean) => (out += clean), known.length);
        stream.write(Buffer.from(`first\n${text.slice(0, at)}`), "stdout");
        stream.write("a line of the other stream\n", "stderr");
        stream.write(Buffer.from(`${text.slice(at)}\nlast\n`), "stdout");
        stream.end();
        expect(out).not.toContain(secret);
        // What stands in the middle of a key goes with it.
        if (text !== pem) expect(out).toContain("a line of the other stream\n");
        expect(out.split("\n").at(-2)).toBe("last");
      }
    }
  });

  test("by another key of the other stream", () => {
    const [first, second] = ["AAAAAAAAAAAA", "BBBBBBBBBBBB"].map((line) =>
      ["BEGIN", line, line, "END"].map((part) =>
        part === line ? `x ${line}\n` : `x -----${part} PRIVATE KEY-----\n`,
      ),
    );
    let clean = "";
    const stream = new RedactStream(redactor, (text) => (clean += text));
    for (let at = 0; at < 4; at++) {
      stream.write(first?.[at] ?? "", "stdout");
      stream.write(second?.[at] ?? "", "stderr");
    }
    stream.write("after\n", "stderr");
    stream.end();
    expect(clean).toMatch(/^x ‹secret:pem:\w+›\nx ‹secret:pem:\w+›\nafter\n$/);
  });

  test("at any boundaries of any number of pieces", () => {
    const text = shapes.map(([one]) => one).join("\n--\n");
    const whole = redactor.text(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        expect(through(at.slice(1).map((end, index) => text.slice(at[index], end)))).toBe(whole);
      }),
      { numRuns: 100 },
    );
  });
});

test("of a log longer than several windows, what comes out is what redacting the whole of it gives", () => {
  const lines = [
    "2026-11-24T21:00:00Z INFO an ordinary line of a log\n",
    '{"time":"2026-11-24","msg":"token 5 of order","url":"http://a:1/b"}\n',
    "    at order.fill (/app/src/order/fill.ts:4:2), password required\n",
  ];
  const planted = fc.record({
    shape: fc.constantFrom(...shapes),
    after: fc.integer({ min: 1, max: 700 }),
  });
  fc.assert(
    fc.property(
      fc.array(planted, { minLength: 200, maxLength: 400, size: "max" }),
      fc.integer({ min: 1, max: 90_000 }),
      (all, size) => {
        let text = "";
        for (const [at, { shape, after }] of all.entries()) {
          const line = lines[at % lines.length] ?? "";
          text += `${line.repeat(Math.ceil(after / line.length)).slice(-after)}${shape[0]}\n`;
        }
        const bytes = Buffer.from(text);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const out = through(pieces);
        for (const [, secret] of shapes) expect(out.includes(secret)).toBe(false);
        expect(out === redactor.text(text)).toBe(true);
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});

/** A line of no interest. */
const line = "2026-11-24T21:00:00Z INFO an ordinary line of a log\n";

describe("a value longer than what is looked at around a cut, found by its name, loses no end", () => {
  /** Words with blanks between them, of which none may be left. */
  const words = (length: number, between: string): string =>
    `canary${between}`.repeat(Math.ceil(length / (6 + between.length))).slice(0, length);
  const forms: readonly (readonly [string, (length: number) => string])[] = [
    ["a line of cookies", (length) => `Cookie: ${words(length, "=1; ")}\n`],
    ["a list of cookies in JSON", (length) => `{"cookie": "${words(length, " ")}"}\n`],
    ["an element", (length) => `<password>${words(length, "\n")}</password>\n`],
    ["a block", (length) => `password: |\n  ${words(length, " ")}\n`],
    ["a role's password", (length) => `ALTER ROLE a PASSWORD '${words(length, "\n")}';\n`],
    ["the same between dollars", (length) => `ALTER ROLE a PASSWORD $x$${words(length, "\n")}$x$;\n`],
    ["a quoted value", (length) => `db_password = "${words(length, "\n")}"\n`],
    ["one in single quotes", (length) => `token: '${words(length, " ")}'\n`],
    ["a text in JSON", (length) => `{"log": "{\\"secret\\": \\"${words(length, " ")}\\"}"}\n`],
    ["a pair of fields", (length) => `{"name": "DB_PASSWORD", "value": "${words(length, " ")}"}\n`],
    ["a key", (length) => `-----BEGIN PRIVATE KEY-----\n${words(length, "\n")}\n-----END PRIVATE KEY-----\n`],
  ];

  test.each(forms)("%s", (_what, form) => {
    for (const length of [9_000, 16_000, 33_000, 60_000]) {
      const value = form(length);
      expect(redactor.text(value)).not.toContain("canary");
      // So that it begins before the end of the first window, and the more of it is behind that the longer it is.
      for (const before of [65_536 - length, 65_536 - 12_000, 65_536 - 5_000, 65_536 - 700]) {
        const filler = line.repeat(Math.ceil(Math.max(0, before) / line.length)).slice(-before);
        const text = `${before > 0 ? filler : ""}\n${value}${line.repeat(2_000)}`;
        for (const size of [4_096, 40_000, text.length]) {
          const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
            text.slice(at * size, (at + 1) * size),
          );
          const out = through(pieces);
          expect([length, before, size, out.includes("canary")]).toEqual([length, before, size, false]);
          expect(out.endsWith(line)).toBe(true);
        }
      }
    }
  });

  test("a line of cookies longer than a window, in a text of long lines", () => {
    const long = `Cookie: ${words(100_000, "=1; ")}\n`;
    for (const before of [0, 40_000, 65_000]) {
      const out = through([`${"x".repeat(before)}\n${long}`.repeat(3), line.repeat(3_000)]);
      expect([before, out.includes("canary")]).toEqual([before, false]);
    }
  });

  test("and a name whose value never ends holds nothing back", () => {
    for (const begun of ["<token>", 'password = "', "PASSWORD $$", "secret: '"]) {
      const out = through([`${begun}\n`, ...Array.from({ length: 100 }, () => line.repeat(100))]);
      expect(out.length).toBeGreaterThan(line.length * 9_000);
    }
  });
});

describe("what is hard to scan", () => {
  test("a line of 5 MB without an end keeps its text, and loses its secrets", () => {
    const value = `{"note":"${"x".repeat(2000)}","password":"canaryJson123"},`;
    const out = through([Buffer.from(value.repeat(2500))]);
    expect(out).not.toContain("canaryJson123");
    expect(out.match(/"note"/g)).toHaveLength(2500);
    expect(out.match(/‹secret:key:[0-9a-f]{8}›/g)).toHaveLength(2500);
  });

  test("a value longer than can be looked at is withheld, up to the end of its line", () => {
    const secret = "canary".repeat(400_000);
    const out = through([Buffer.from(`before\npassword="${secret}"\nafter\n`)]);
    expect(out.includes("canary")).toBe(false);
    expect(out).toContain("‹withheld: ");
    expect(out.endsWith("after\n")).toBe(true);
  });

  test("so is one without quotes; a long run of characters that is none stays", () => {
    const run = "c4nary".repeat(400_000);
    expect(through([Buffer.from(`token=${run}\nafter\n`)]).includes("c4naryc4nary")).toBe(false);
    expect(through([Buffer.from(`image ${run}\nafter\n`)])).toBe(`image ${run}\nafter\n`);
  });

  test("text of two bytes a character is withheld", () => {
    const out = through([Buffer.from("password=canaryYaml123", "utf16le")]);
    expect(out).toMatch(/^‹withheld: \d+ characters that could not be scanned›\n$/);
  });

  test("what is not UTF-8 does not end anything", () => {
    const out = through([Buffer.from([0x61, 0xff, 0xfe, 0x0a]), Buffer.from("password=canaryYaml123\n")]);
    expect(out).toMatch(/^a��\npassword=‹secret:assign:[0-9a-f]{8}›\n$/);
  });

  test("a key that never ends is hidden for as long as a key can be", () => {
    const out = through([
      `-----BEGIN PRIVATE KEY-----\n${"MIIEcanary\n".repeat(1000)}`,
      "MIIEcanary\n".repeat(40_000),
    ]);
    expect(out.startsWith("‹secret:pem:")).toBe(true);
  });
});
