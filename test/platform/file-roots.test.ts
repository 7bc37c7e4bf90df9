import { expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformParts } from "../../src/platform/load.ts";

function read(files: string, parts: PlatformParts = "all") {
  const text = `platform: lav\nservices: { gateway: http://localhost:3000 }\n${files}`;
  const platform = readPlatform({ path: "/etc/lav/platform.yaml", text }, undefined, {}, parts);
  return platform.ok
    ? platform.value.files
    : platform.failure.map((one) => diagnosticText(one).split("\n")[0] ?? "");
}

test("folders are absolute, or relative to the file", () => {
  expect(read("files: { logs: /var/log/lav, own: ../run }\n")).toEqual({
    logs: "/var/log/lav",
    own: "/etc/run",
  });
  expect(read("")).toBeUndefined();
});

test.each([
  ["files: { a/b: /x }\n", "3:10: a/b cannot be the name of a folder"],
  ["files: { a: '' }\n", "3:10: files.a names no folder"],
  ["files: [/x]\n", "3:8: files must be a map"],
  ["files: { a: '${x}' }\n", "3:14: a is never interpolated"],
])("%j", (text, says) => {
  expect(read(text)).toEqual([`/etc/lav/platform.yaml:${says}`]);
});

test("a mistake in them stops no halt", () => {
  expect(read("files: [/x]\n", "halt")).toBeUndefined();
});
