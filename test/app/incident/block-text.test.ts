import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockLines, findBlocks } from "../../../src/app/incident/block-text.ts";

const id = "NR-20261130-094207-3fa9c1";
const bytes = Buffer.from(Array.from({ length: 300 }, (_none, n) => (n * 7) % 256));
const lines = blockLines({ id, bytes });
const whole = `${lines.join("\n")}\n`;

const found = (text: string) => findBlocks(text);
const isWhole = { ok: true, value: [{ id, bytes }] };

test("a block is printed in lines that fit a screen", () => {
  expect(lines[0]).toBe(`-----BEGIN LAV-IR RECORDS ${id}-----`);
  expect(lines.at(-1)).toMatch(/^-----END LAV-IR RECORDS NR-20261130-094207-3fa9c1 7\.[0-9a-f]{16}-----$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(lines).toHaveLength(9);
});

describe("it is found again", () => {
  const wrapped = (columns: number, end = "\n"): string =>
    lines.map((line) => line.replaceAll(new RegExp(`.{${columns}}`, "g"), `$&${end}`)).join(end);
  test.each([
    ["as it was printed", whole],
    ["with CR behind each line", lines.join("\r\n")],
    ["broken at 40 columns", wrapped(40)],
    ["broken at 7 columns, with CR", wrapped(7, "\r\n")],
    ["behind a prompt and before another", `ada@ops1:~$ lav-ir declare P0 "x"\n${whole}ada@ops1:~$ `],
    ["quoted in a mail", lines.map((line) => `> ${line}`).join("\n")],
    ["quoted twice, and indented", lines.map((line) => `  >> ${line}   `).join("\n")],
    ["in a frame of a terminal multiplexer", lines.map((line) => `│${line.padEnd(80)}│`).join("\n")],
    ["in colours", lines.map((line) => `\u001b[1;31m${line}\u001b[0m\u001b[K`).join("\n")],
    ["in colours that were made visible", lines.map((line) => `␛[31m${line}␛[0m`).join("\n")],
    ["with a title of the window", `\u001b]0;ops1\u0007${whole}`],
    ["as a pasted text is bracketed", `\u001b[200~${whole}\u001b[201~`],
    ["as JSON writes it", JSON.stringify({ block: whole })],
    ["with a byte order mark and narrow blanks", `\ufeff${whole.replaceAll(" ", "\u00a0")}`],
    ["with dashes that were made pretty", whole.replaceAll("-----", "—–")],
    ["on one line", lines.join(" ")],
    ["twice", `${whole}\n${whole}`],
  ])("%s", (_what, text) => {
    expect(found(text)).toEqual(isWhole);
  });

  test("beside another one", () => {
    const other = { id: "NR-20261130-094500-000000", bytes: Buffer.from("x") };
    const text = `${whole}$ lav-ir page rosa\n${blockLines(other).join("\n")}`;
    expect(found(text)).toEqual({ ok: true, value: [{ id, bytes }, other] });
  });

  test("whatever is in it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 3, max: 90 }), (data, columns) => {
        const one = { id, bytes: Buffer.from(data) };
        const text = blockLines(one)
          .join("\n")
          .replaceAll(new RegExp(`.{${columns}}`, "g"), "$&\n");
        expect(found(text)).toEqual({ ok: true, value: [one] });
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe("what is not whole is refused where it is not", () => {
  const refused = (text: string): string => {
    const result = found(text);
    if (result.ok) return "found";
    const { at, message } = result.failure;
    return `${at.line}:${at.column}: ${message}`;
  };
  const without = (n: number): string => lines.filter((_line, at) => at !== n).join("\n");
  const again = "copy the block again, from its -----BEGIN to its -----END";
  const line = (n: number): string => `line ${n} of ${id} is missing, or is not as it was printed: ${again}`;
  const changed = (n: number, change: (text: string) => string): string =>
    lines.map((text, at) => (at === n ? change(text) : text)).join("\n");

  test.each([
    [
      "nothing of it",
      "hello",
      "1:1: no block of records is in it: copy one from its -----BEGIN to its -----END",
    ],
    [
      "no beginning",
      without(0),
      "1:1: no block of records is in it: copy one from its -----BEGIN to its -----END",
    ],
    ["no end", `$ x\n${without(8)}`, `2:6: ${id} has no end: ${again}`],
    ["cut in a line", whole.slice(0, 200), `1:6: ${id} has no end: ${again}`],
    ["a line is gone", without(3), `4:1: ${line(3)}`],
    [
      "the last line is gone",
      without(7),
      `8:6: ${id} has 6 of its 7 lines, or is not as it was printed: ${again}`,
    ],
    ["a character is another", changed(4, (text) => `B${text.slice(1)}`), `5:1: ${line(4)}`],
    ["a word stands between", changed(4, (text) => `${text}\nhello`), `6:1: ${line(5)}`],
    [
      "another block's end",
      changed(8, (text) => text.replace("3fa9c1", "3fa9c2")),
      `9:6: ${id} ends as NR-20261130-094207-3fa9c2: ${again}`,
    ],
    [
      "another beginning in it",
      `${lines.slice(0, 4).join("\n")}\n${whole}`,
      `1:6: ${id} has no end: ${again}`,
    ],
  ])("%s", (_what, text, wanted) => {
    expect(refused(text)).toBe(wanted);
  });

  test("of two with one name that say different things the second", () => {
    const other = blockLines({ id, bytes: Buffer.from("x") }).join("\n");
    expect(refused(`${whole}${other}`)).toBe(
      `10:6: ${id} was here before, and said something else: keep the one that was printed`,
    );
  });

  test("every single character that is another one", () => {
    for (let at = lines[0]?.length ?? 0; at < whole.length - (lines.at(-1)?.length ?? 0); at++) {
      const instead = whole[at] === "A" ? "B" : "A";
      if (whole[at] === "\n") continue;
      expect(refused(`${whole.slice(0, at)}${instead}${whole.slice(at + 1)}`)).not.toBe("found");
    }
  });

  test("a hundred kilobytes of anything", () => {
    for (const one of [
      "-",
      "A",
      ".",
      "A.",
      "\u001b[",
      `BEGIN LAV-IR RECORDS ${id}`,
      randomBytes(8).toString("hex"),
    ])
      expect(refused(one.repeat(100_000 / one.length))).toMatch(/^1:\d+: /);
  });
});
