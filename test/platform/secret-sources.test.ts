import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformParts } from "../../src/platform/load.ts";

const least = "platform: LAV\nservices: { app: http://app }\n";

function read(secrets: string, environment?: string, parts?: PlatformParts): unknown {
  const source = { path: "/etc/lav/platform.yaml", text: `${least}${secrets}` };
  const platform = readPlatform(source, environment, {}, parts);
  if (!platform.ok) return platform.failure.map((one) => diagnosticText(one).split("\n")[0]);
  expect(platform.value.incident.secrets).toEqual(platform.value.secrets);
  return platform.value.secrets;
}

describe("secrets of a platform file", () => {
  test("come from a file, relative to this one, or from a command", () => {
    expect(
      read("secrets:\n  A: { file: a.txt }\n  B_2: { file: /run/b }\n  C: { command: [op, read, c] }\n"),
    ).toEqual({
      A: { type: "file", file: "/etc/lav/a.txt" },
      B_2: { type: "file", file: "/run/b" },
      C: { type: "command", command: ["op", "read", "c"], folder: "/etc/lav" },
    });
  });

  test("are nothing where the file has none: what a run keeps of it stays the same", () => {
    expect(read("")).toBeUndefined();
  });

  test("of an environment go before the file's own", () => {
    const text = "secrets: { A: { file: a } }\nenvironments: { eu: { secrets: { A: { file: /b } } } }\n";
    expect(read(text, "eu")).toEqual({ A: { type: "file", file: "/b" } });
  });

  test.each([
    ["{ A: { file: a, command: [b] } }", "3:17: secrets.A has both file and command"],
    ["{ A: {} }", "3:12: secrets.A says neither file nor command"],
    ["{ A: { command: [] } }", "3:26: command must have at least 1 in its list"],
    ['{ A: { command: [""] } }', "3:26: secrets.A.command names no program"],
    ['{ A: { file: "" } }', "3:23: secrets.A.file names no file"],
    ["{ A: { fil: a } }", "3:17: fil is not a key of A"],
    ["{ A: { command: op read a } }", "3:26: command must be a list, and is not one"],
    ["{ A: { command: [op, '${b}'] } }", "3:32: command is never interpolated"],
    ["{ A: a.txt }", "3:15: A must be a map of its fields"],
    ["{ slack: { file: a } }", "3:12: slack cannot be the name of a secret"],
    [
      "{ EMERGENCY_TOKEN: { command: [op] } }",
      "3:12: EMERGENCY_TOKEN is never read from this file: a halt waits for nothing else",
    ],
    [
      "{ EMERGENCY_TOKEN: { file: t } }",
      "3:12: EMERGENCY_TOKEN is never read from this file: a halt waits for nothing else",
    ],
    [
      "{ DATABASE_URL_EU: { file: t } }",
      "3:12: DATABASE_URL_EU is a part of an address, which comes from the environment alone",
    ],
    [
      "{ PGPASSWORD: { file: t } }",
      "3:12: PGPASSWORD is a part of an address, which comes from the environment alone",
    ],
  ])("%s", (text, says) => {
    expect(read(`secrets: ${text}\n`)).toEqual([`/etc/lav/platform.yaml:${says}`]);
  });

  test("stop no halt with a mistake", () => {
    expect(read("secrets: { EMERGENCY_TOKEN: { file: a } }\n", undefined, "halt")).toBeUndefined();
  });
});
