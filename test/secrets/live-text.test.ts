/** What a running program writes, as it is shown while nobody knows how it continues. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LiveText } from "../../src/secrets/live-text.ts";
import { createRedactor } from "../../src/secrets/redactor.ts";

const known = "hunter2-is-Not/a+good one";
const redactor = createRedactor([known], Buffer.alloc(32, 7));

function after(...pieces: readonly (string | Uint8Array)[]): LiveText {
  const live = new LiveText(redactor);
  for (const piece of pieces) live.add(typeof piece === "string" ? Buffer.from(piece) : piece);
  return live;
}

describe("the newest line", () => {
  test.each([
    ["the last one that has ended", ["one\ntwo\n"], "two"],
    ["and one that has not, up to its last whole word", ["one\nmigrating 3 of 7 tab"], "migrating 3 of 7"],
    ["a question without an end", ["Continue? [y/N] "], "Continue? [y/N]"],
    ["a progress bar that ends with a return", ["10 %\r20 %\r"], "20 %"],
    ["a progress bar that begins with one", ["\r10 %", "\r20 % of 9"], "20 % of"],
    ["without colours", ["\u001b[1;32mdone\u001b[0m\n"], "done"],
    ["a colour in two pieces", ["\u001b[1", ";32mdone\u001b", "[0m\n"], "done"],
    ["a title of the window", ["\u001b]0;evil\u0007done\n"], "done"],
    ["other controls as pictures", ["a\u0007b\u0008c\n"], "a␇b␈c"],
    ["what turns the direction by its number", ["abc\u202edef\n"], "abc\\u{202e}def"],
    ["a character in two pieces", [Buffer.from([0xc3]), Buffer.from([0xa4, 0x0a])], "ä"],
    ["tabs as blanks, and blank lines not at all", ["a\tb\n\n \n"], "a b"],
    ["a long one, cut", [`${"x".repeat(900)}\n`], `${"x".repeat(400)}…`],
    ["of two bytes a character", [Buffer.from("password: abc\n", "utf16le")], "(binary output)"],
  ])("%s", (_what, pieces, line) => {
    expect(after(...pieces).newest(1)).toEqual([line]);
  });
  test("one whose beginning is no longer known is not shown", () => {
    const live = after("before\n", "x".repeat(100_000), " and ");
    expect(live.newest(5)).toEqual([]);
    live.add(Buffer.from("more\nnext\n"));
    expect(live.newest(5)).toEqual(["next"]);
  });
  test("several are the newest in order", () => {
    expect(after("a\nb\nc\nd\n").newest(3)).toEqual(["b", "c", "d"]);
  });
});

/** A text with a secret, and what must not be seen of it at any time. */
const secrets: readonly (readonly [string, string])[] = [
  [`the value ${known} stands here\n`, "hunter2"],
  [`one\n${known}\n`, "hunter2"],
  [`b64\n${Buffer.from(`ab${known}`).toString("base64").replaceAll(/.{12}/g, "$&\n")}\nend\n`, "dW50ZXIyLW"],
  ["\u001b[32mhunter2-is-Not\u001b[0m/a+good one\n", "hunter2"],
  ["Authorization: Bearer canaryBearer1234567\n", "canaryB"],
  ['{"password":"canaryJson123"}\n', "canaryJ"],
  ['{"password":"canary json with blanks"}\n', "canary"],
  ["db_password: canaryYaml123\n", "canaryY"],
  ["postgres://lav:canaryUrl1@db:5432/lav\n", "canaryU"],
  ["AKIAIOSFODNN7CANARY1\n", "IOSFODNN7"],
  [
    `-----BEGIN PRIVATE KEY-----\n${"MIIEpAIBAAKCAQEAQx9z\n".repeat(9)}-----END PRIVATE KEY-----\nend\n`,
    "MIIE",
  ],
];

describe("a secret in pieces is never seen", () => {
  test.each(secrets)("cut anywhere: %j", (text, secret) => {
    for (let at = 0; at <= text.length; at++) {
      const live = after(text.slice(0, at));
      let seen = live.newest(5).join("\n") + live.fresh().lines.join("\n");
      live.add(Buffer.from(text.slice(at)));
      live.end();
      seen += live.newest(5).join("\n") + live.fresh().lines.join("\n");
      expect(seen.toLowerCase(), `cut at ${at}`).not.toContain(secret.toLowerCase());
    }
  });
  test("character by character, behind any text", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...secrets),
        fc.string({
          unit: fc.constantFrom("a", " ", "\n", "\r", "=", '"', "\u001b[1m", "secret"),
          maxLength: 9,
        }),
        ([text, secret], before) => {
          const live = new LiveText(redactor);
          let seen = "";
          for (const character of `${before}\n${text}`) {
            live.add(Buffer.from(character));
            seen += `${live.newest(3).join("\n")}\n${live.fresh().lines.join("\n")}\n`;
          }
          expect(seen.toLowerCase()).not.toContain(secret.toLowerCase());
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("every line, as it ends", () => {
  test("each once, an unfinished one at the end", () => {
    const live = after("one\ntw");
    expect(live.fresh()).toEqual({ lines: ["one"], leftOut: false });
    expect(live.fresh()).toEqual({ lines: [], leftOut: false });
    live.add(Buffer.from("o\nthree"));
    expect(live.fresh()).toEqual({ lines: ["two"], leftOut: false });
    live.end();
    expect(live.fresh()).toEqual({ lines: ["three"], leftOut: false });
  });
  test("of a progress bar what it ended with, once", () => {
    const live = after("one\r\n", "\r10 %", "\r20 %", "\r30 %");
    expect(live.fresh().lines).toEqual(["one"]);
    live.add(Buffer.from("\r100 %\r\n"));
    expect(live.fresh()).toEqual({ lines: ["100 %"], leftOut: false });
  });
  test("of very many the newest, and that there were more", () => {
    const live = after(Array.from({ length: 60 }, (_none, at) => `line ${at + 10}\n`).join(""));
    const { lines, leftOut } = live.fresh();
    expect([lines.length, lines[0], lines.at(-1), leftOut]).toEqual([50, "line 20", "line 69", true]);
    live.add(Buffer.from("more\n"));
    expect(live.fresh()).toEqual({ lines: ["more"], leftOut: false });
  });
  test.each([
    ["in pieces", Array.from({ length: 40 }, () => `${"y".repeat(9999)}\n`)],
    ["at once", [`${"y".repeat(399_999)}\n`]],
  ])("what came too fast is named: %s", (_how, pieces) => {
    const live = after("begin\n", ...pieces, "last\n");
    const { lines, leftOut } = live.fresh();
    expect([lines.at(-1), leftOut]).toEqual(["last", true]);
    live.end();
    expect(live.fresh()).toEqual({ lines: [], leftOut: false });
  });
  test("a line without an end is named once, at the end", () => {
    const live = after("x".repeat(200_000));
    expect(live.fresh()).toEqual({ lines: [], leftOut: false });
    live.add(Buffer.from("x".repeat(200_000)));
    expect(live.fresh()).toEqual({ lines: [], leftOut: false });
    live.end();
    expect(live.fresh()).toEqual({ lines: [], leftOut: true });
  });
});
