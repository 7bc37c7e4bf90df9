import { expect, test } from "vitest";
import { LogReader, type RawLine } from "../../../src/drivers/docker/log-frames.ts";
import { frame } from "../compose/fake-engine.ts";

const time = "2026-11-24T21:42:19.461693688Z ";

function read(chunks: readonly Buffer[], framed = true): { lines: RawLine[]; reader: LogReader } {
  const lines: RawLine[] = [];
  const reader = new LogReader(framed, (line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { lines, reader };
}

const texts = (lines: readonly RawLine[]): string[] => lines.map(({ stream, text }) => `${stream} ${text}`);

test("frames are the same lines wherever the connection cuts them, character or head", () => {
  const whole = Buffer.concat([
    frame(1, `${time}grüße €\n`),
    frame(2, `${time}stderr\n`),
    frame(1, `${time}last`),
  ]);
  const expected = ["stdout grüße €", "stderr stderr", "stdout last"];
  for (let at = 0; at <= whole.length; at++) {
    const { lines } = read([whole.subarray(0, at), whole.subarray(at)]);
    expect(texts(lines)).toEqual(expected);
    expect(lines[0]?.time?.toISOString()).toBe("2026-11-24T21:42:19.461Z");
  }
  expect(texts(read([...whole].map((byte) => Buffer.from([byte]))).lines)).toEqual(expected);
});

test("a line of several frames is one, with the other stream's lines between, and a character cut in two", () => {
  const full = Buffer.concat([Buffer.from(time), Buffer.alloc(16_383, "a"), Buffer.from("€").subarray(0, 1)]);
  const rest = Buffer.concat([Buffer.from(time), Buffer.from("€").subarray(1), Buffer.from("end\n")]);
  const { lines } = read([frame(1, full), frame(2, `${time}err\n`), frame(1, rest)]);
  expect(texts(lines)).toEqual(["stderr err", `stdout ${"a".repeat(16_383)}€end`]);
});

test("what a program wrote last without an end of line is not glued to what its next start wrote", () => {
  const { lines } = read([frame(1, `${time}half`), frame(1, `${time}up\n`)]);
  expect(texts(lines)).toEqual(["stdout half", "stdout up"]);
});

test("of a line longer than 64 KiB the start is kept, and that there was more is said", () => {
  const full = frame(1, time + "x".repeat(16_384));
  const { lines, reader } = read([full, full, full, full, frame(1, `${time}y\n`)]);
  expect(lines.map(({ text }) => [text.length, text.at(-1)])).toEqual([[65_537, "…"]]);
  expect(reader.cut).toBe(true);
});

test("bytes that are no UTF-8 are replaced, and a line without a time has none", () => {
  const { lines } = read([frame(1, Buffer.from([0x61, 0xff, 0x62, 0x0a]))]);
  expect(lines).toEqual([{ stream: "stdout", time: undefined, text: "a\uFFFDb" }]);
});

test("a terminal's log is bare text with carriage returns, and times where the engine cut a long line", () => {
  const a = "a".repeat(16_384);
  const whole = Buffer.from(`${time}${a}${time}${a}${time}end\r\n${time}short\r\n${time}last`);
  for (const size of [1, 7, 16_384, whole.length]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    const { lines } = read(size === 1 ? [whole] : chunks, false);
    expect(texts(lines)).toEqual([`stdout ${a}${a}end`, "stdout short", "stdout last"]);
  }
});

test("a terminal's line that never ends takes no more memory than is kept of it", () => {
  const chunk = Buffer.alloc(1024 * 1024, "z");
  const { lines, reader } = read(
    Array.from({ length: 50 }, () => chunk),
    false,
  );
  expect(lines.map(({ text }) => [text.length, text.at(-1)])).toEqual([[65_537, "…"]]);
  expect(reader.cut).toBe(true);
});

test.each([
  ["text where frames should be", Buffer.from("HTTP/1.1 500\n")],
  ["a stream there is none of", frame(9, "x\n")],
  ["a length no engine sends", Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])],
])("%s is garbled, and nothing is kept of it", (_, bytes) => {
  const { lines, reader } = read([bytes, Buffer.alloc(1000)]);
  expect(reader.garbled).toBe(true);
  expect(lines).toEqual([]);
});

test("faults 2: the engine's own word in a log is no line of it, and the log ends there", () => {
  const { lines, reader } = read([
    frame(1, `${time}before\n`),
    Buffer.concat([Buffer.from([3]), frame(0, "Error grabbing logs: invalid character\n").subarray(1)]),
  ]);
  expect(texts(lines)).toEqual(["stdout before"]);
  expect(reader.broken).toBe("Error grabbing logs: invalid character");
});
