import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform } from "../../src/platform/load.ts";
import type { Runs } from "../../src/platform/runs.ts";

const compose = "compose: { project: lav, files: [c.yml] }\n";

function read(service: string, more = "") {
  return readPlatform(
    { path: "p.yaml", text: `platform: lav\n${more}services:\n  api: ${service}\n` },
    undefined,
    {},
  );
}

function runs(service: string, more = ""): Runs | undefined {
  const result = read(service, more);
  if (!result.ok) throw new Error(result.failure.map(diagnosticText).join("\n"));
  return result.value.services["api"]?.runs;
}

function said(service: string, more = ""): string {
  const result = read(service, more);
  return result.ok ? "" : result.failure.map(diagnosticText).join("\n");
}

describe("what runs a service", () => {
  test.each<[string, string, string, Runs]>([
    ["compose, where the file has it", "http://h", compose, { by: "compose", service: "api" }],
    ["nothing, where it has not", "http://h", "", { by: "none" }],
    ["as it is written", "{ url: http://h, runs: none }", compose, { by: "none" }],
    [
      "under another name there",
      "{ url: http://h, runs: compose, compose: web }",
      compose,
      { by: "compose", service: "web" },
    ],
    [
      "a unit, whose ending may be left out",
      "{ url: http://h, runs: { systemd: adaf-api } }",
      "",
      { by: "systemd", unit: "adaf-api.service" },
    ],
    [
      "a unit of another type",
      "{ url: http://h, runs: { systemd: adaf@1.socket } }",
      compose,
      { by: "systemd", unit: "adaf@1.socket" },
    ],
  ])("%s", (_what, service, more, expected) => {
    expect(runs(service, more)).toEqual(expected);
  });

  test.each([
    [
      "Compose without a project",
      "{ url: http://h, runs: compose }",
      "",
      "p.yaml:3:31: api runs on Compose, and this file has no compose",
    ],
    [
      "a name in a project that there is not",
      "{ url: http://h, compose: web }",
      "",
      "p.yaml:3:25: api has a name in a Compose project, but this file has no compose",
    ],
    [
      "a name in a project that does not run it",
      "{ url: http://h, runs: none, compose: web }",
      compose,
      "p.yaml:4:37: api has a name in a Compose project, but runs says none",
    ],
    [
      "two at once",
      "{ url: http://h, runs: { on: compose, systemd: x } }",
      compose,
      "p.yaml:4:33: runs of api must be one of compose, { systemd: UNIT } and none",
    ],
    [
      "neither",
      "{ url: http://h, runs: {} }",
      compose,
      "p.yaml:4:31: runs of api must be one of compose, { systemd: UNIT } and none",
    ],
    [
      "a runner that there is not",
      "{ url: http://h, runs: docker }",
      compose,
      'p.yaml:4:31: runs must be one of compose, none, and is "docker"',
    ],
    [
      "a unit's name that is an option",
      "{ url: http://h, runs: { systemd: --user } }",
      "",
      'p.yaml:3:42: systemd must be the name of a systemd unit, and is "--user"',
    ],
  ])("%s is refused", (_what, service, more, expected) => {
    expect(said(service, more).split("\n")[0]).toBe(expected);
  });
});
