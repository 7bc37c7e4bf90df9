import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellLine, shellQuote } from "../../src/base/quote.ts";

test.each([
  ["--since=5m", "--since=5m"],
  ["", "''"],
  ["two words", "'two words'"],
  ["it's", `'it'\\''s'`],
  ["‹steps.x.y›", "'‹steps.x.y›'"],
  ["Authorization: Bearer $EMERGENCY_TOKEN", '"Authorization: Bearer $EMERGENCY_TOKEN"'],
  ["$EMERGENCY_TOKEN", '"$EMERGENCY_TOKEN"'],
  ['{"t": "$TOKEN"}', `'{"t": "'"$TOKEN"'"}'`],
  ["$(reboot) $TOKEN", `'$(reboot) '"$TOKEN"`],
])("%j is quoted %s", (argument, quoted) => {
  expect(shellQuote(argument)).toBe(quoted);
});

test("a command reads as one line", () => {
  expect(shellLine(["redis-cli", "-h", "127.0.0.1", "SET", "a key", ""])).toBe(
    "redis-cli -h 127.0.0.1 SET 'a key' ''",
  );
});

/** What a shell makes of a line of arguments, one after the other with a NUL behind each. */
function asShellReads(line: string, env: Record<string, string>): readonly string[] {
  const out = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { env, encoding: "utf8" });
  return out.split("\0").slice(0, -1);
}

test("a shell reads every argument back, and executes none of it", () => {
  const piece = fc.constantFrom(
    "a",
    " ",
    "'",
    '"',
    "`",
    "\\",
    "$",
    "$(",
    ")",
    "!",
    "\n",
    "&",
    ";",
    "*",
    "~",
    "$ABC",
    "é",
  );
  const argument = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(argument, { minLength: 20, maxLength: 20 }), (list) => {
      const filled = list.map((text) => text.replaceAll(/\$[A-Z_][A-Z0-9_]*/g, "v`$(a) \"'\\"));
      const env = Object.fromEntries(
        list
          .flatMap((text) => text.match(/\$[A-Z_][A-Z0-9_]*/g) ?? [])
          .map((name) => [name.slice(1), "v`$(a) \"'\\"]),
      );
      expect(asShellReads(shellLine(list), env)).toEqual(filled);
    }),
    { numRuns: 30 },
  );
});
