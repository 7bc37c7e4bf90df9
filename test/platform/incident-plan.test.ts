import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformParts } from "../../src/platform/load.ts";
import type { IncidentPlan } from "../../src/platform/incident-plan.ts";
import { secretNameIn } from "../../src/platform/secret-ref.ts";
import { platformFile } from "../../sandbox/platform-file.ts";
import type { Ports } from "../../sandbox/compose-file.ts";
import { platformSchema } from "../../src/runbook/platform-schema.ts";

const head = `platform: lav
compose: { project: lav, files: [docker-compose.yml] }
services: { gateway: "http://localhost:3000" }
`;
const minute = 60_000;

function plan(text: string, parts?: PlatformParts): IncidentPlan {
  const read = readPlatform({ path: "p.yaml", text: `${head}${text}` }, undefined, {}, parts);
  if (!read.ok) throw new Error(read.failure.map(diagnosticText).join("\n"));
  return read.value.incident;
}

/** What is said of the text, its lines counted from 1. */
function said(text: string): readonly string[] {
  const read = readPlatform({ path: "p.yaml", text: `${head}${text}` }, undefined, {});
  if (read.ok) return [];
  return read.failure.map((one) =>
    diagnosticText(one)
      .split("\n")[0]!
      .replace(/^p\.yaml:(\d+):/, (_all, line: string) => `${Number(line) - 3}:`),
  );
}

const people = `people:
  ada: { name: Ada, logins: [ada, alovelace], phone: "+44 20 7946 0001" }
  max: { name: Max }
teams: { risk: [ada], cto: [max], empty: [] }
channels:
  war: { slack: { webhook: "\${secrets.WAR}" } }
  sms: { twilio: { account: AC1, token: "\${secrets.T}", from: "+15550100" } }
`;

describe("what a file says of incidents", () => {
  test("nothing: the playbook's response times, nobody paged, UTC", () => {
    const { clocks, severities, settings, people: nobody } = plan("");
    expect(clocks).toEqual([
      {
        name: "answered",
        on: true,
        from: "declared",
        until: "answered",
        within: { P0: 15 * minute, P1: 60 * minute, P2: 240 * minute, P3: 1440 * minute },
        every: {},
        after: [],
      },
    ]);
    expect([severities.P0.name, severities.P0.page, settings, nobody]).toEqual([
      "Critical",
      [],
      { storePrivate: false, zone: "UTC" },
      {},
    ]);
  });

  test("an older file's response times are the clock `answered`", () => {
    const { clocks } = plan(
      "objectives: { response: { P0: 1m, P1: 2m, P2: 3m, P3: 4m } }\nclocks: { halted: { until: halted, within: 5m } }\n",
    );
    expect(clocks.map(({ name, within }) => [name, within.P0, within.P3])).toEqual([
      ["halted", 5 * minute, 5 * minute],
      ["answered", minute, 4 * minute],
    ]);
  });

  test("clocks: once, repeated, with a second limit, with what is done meanwhile in order", () => {
    const { clocks } = plan(`${people}clocks:
  updates: { until: update, every: { P0: 15m }, after: { 12m: { remind: commander }, 600s: { page: risk } } }
  dora: { on: false, when: major, from: classified, within: 4h, or: { from: detected, within: 24h }, until: reported-initial }
  answered: { until: answered, within: { P0: 15m } }
`);
    expect(clocks[0]).toMatchObject({
      every: { P0: 15 * minute },
      ends: "resolved",
      after: [
        { at: 10 * minute, page: "risk" },
        { at: 12 * minute, remind: "commander" },
      ],
    });
    expect(clocks[1]).toMatchObject({
      on: false,
      when: "major",
      or: { from: "detected", within: 1440 * minute },
    });
    expect(clocks).toHaveLength(3);
  });

  test("secrets stand in it by name, triggers as they are written", () => {
    const { channels, severities } = plan(`${people}severities:
  P0:
    page: [war, sms:risk]
    triggers: [{ id: down, ask_since: 5m, http.get: "\${platform.services.gateway.url}/health", expect: status == 200 }]
`);
    const { provider } = channels["war"]!;
    expect(provider.type === "slack" && secretNameIn(provider.webhook!)).toBe("WAR");
    expect(severities.P0.triggers).toMatchObject([
      { id: "down", askSince: 5 * minute, step: { type: "map" } },
    ]);
  });

  test("a login is the id where none is said", () => {
    const { people: all } = plan(people);
    expect([all["ada"]?.logins, all["max"]?.logins]).toEqual([["ada", "alovelace"], ["max"]]);
  });
});

test.each([
  [
    "a person who is none",
    "people: { ada: { name: Ada } }\nteams: { risk: [adda] }",
    "2:17: risk names adda, who is not in people",
  ],
  [
    "a login that two have",
    "people:\n  ada: { name: Ada, logins: [x] }\n  bob: { name: Bob, logins: [x] }",
    "3:29: ada and bob have the login x",
  ],
  [
    "a number that two have",
    'people:\n  ada: { name: A, phone: "+44 20 7946 0001" }\n  bob: { name: B, phone: "+442079460001" }',
    "3:26: ada and bob have the number +442079460001",
  ],
  [
    "a phone that is none",
    'people: { ada: { name: A, phone: "555 0100" } }',
    '1:34: phone must be a number with its country\'s code, such as +44 20 7946 0000, and is "555 0100"',
  ],
  [
    "a Slack id that is a name",
    "people: { ada: { name: A, slack: ada } }",
    '1:34: slack must be a Slack member id, such as U024BE7LH, and is "ada"',
  ],
  [
    "a team that is called like a person",
    "people: { ada: { name: A } }\nteams: { ada: [ada] }",
    "2:10: ada is both a team and a person",
  ],
  ["a desk without a key", "desks: { ny1: AAAA }", "1:15: ny1 has no Ed25519 key"],
  ["a zone that is none", "incident: { zone: Europe/Londin }", "1:19: Europe/Londin is not a time zone"],
  [
    "a secret that is written out",
    "channels: { war: { slack: { webhook: https://hooks.slack.com/x } } }",
    '1:38: webhook must be a secret by its name, such as ${secrets.SLACK_TOKEN}, and is "https://hooks.slack.com/x"',
  ],
  [
    "two providers",
    'channels: { war: { call: {}, slack: { webhook: "${secrets.A}" } } }',
    "1:13: channel war has slack and call",
  ],
  ["no provider", "channels: { war: { private: true } }", "1:13: channel war has no provider"],
  [
    "a bot without a channel",
    'channels: { war: { slack: { token: "${secrets.A}" } } }',
    "1:20: channel war has a token but no channel to post to",
  ],
  ["a channel that is none", `${people}severities: { P0: { page: [waar] } }`, "8:28: unknown channel waar"],
  [
    "SMS to nobody",
    `${people}severities: { P0: { page: [sms] } }`,
    "8:28: channel sms reaches people: say whom",
  ],
  [
    "SMS to a team that is empty",
    `${people}severities: { P0: { page: ["sms:empty"] } }`,
    "8:28: sms:empty pages nobody: the team empty is empty",
  ],
  [
    "SMS to somebody without a number",
    `${people}severities: { P0: { page: [sms:cto] } }`,
    "8:28: sms:cto cannot reach Max, who has no phone",
  ],
  [
    "a recipient who is none",
    `${people}severities: { P0: { page: [sms:rsk] } }`,
    "8:28: rsk is neither a team nor a person",
  ],
  [
    "a trigger that measures nothing",
    "severities: { P0: { triggers: [{ id: a }] } }",
    "1:34: trigger a measures nothing",
  ],
  [
    "a trigger that judges nothing",
    "severities: { P0: { triggers: [{ id: a, http.get: x }] } }",
    "1:34: trigger a has no expect",
  ],
  [
    "two triggers of one name",
    "severities: { P0: { triggers: [{ id: a, ask: x }, { id: a, ask: y }] } }",
    "1:57: two triggers have the id a",
  ],
  [
    "a key event that is none",
    "clocks: { a: { until: anwered, within: 5m } }",
    "1:23: anwered is not a key event",
  ],
  [
    "a second limit from nowhere",
    "clocks: { a: { until: answered, within: 5m, or: { from: x, within: 5m } } }",
    "1:57: x is not a key event",
  ],
  ["a clock without a limit", "clocks: { a: { until: answered } }", "1:11: clock a has no limit"],
  [
    "a clock with an empty limit",
    "clocks: { a: { until: answered, within: {} } }",
    "1:11: clock a has no limit",
  ],
  [
    "a clock that runs once and repeats",
    "clocks: { a: { until: answered, within: 5m, every: 5m } }",
    "1:11: clock a has within and every",
  ],
  [
    "an end of what does not repeat",
    "clocks: { a: { until: answered, within: 5m, ends: resolved } }",
    "1:11: clock a has ends without every",
  ],
  [
    "somebody to page who is none",
    `${people}clocks: { a: { until: answered, within: 5m, after: { 2m: { page: rsik } } } }`,
    "8:66: nobody is named rsik",
  ],
  [
    "a next level where there is no escalation",
    "clocks: { a: { until: answered, within: 5m, after: { 2m: { page: next-level } } } }",
    "1:66: nobody is named next-level",
  ],
  [
    "after no time",
    `${people}clocks: { a: { until: answered, within: 5m, after: { soon: { page: risk } } } }`,
    "8:54: soon is not a duration",
  ],
  [
    "after which nothing is done",
    `${people}clocks: { a: { until: answered, within: 5m, after: { 2m: {} } } }`,
    "8:54: after 2m needs either page or remind",
  ],
  [
    "an escalation that names nobody",
    "escalation: { L1: { who: x, to: [] } }",
    "1:33: to must have at least 1 in its list",
  ],
  [
    "a level that is none",
    `${people}escalation: { L1: { who: x, to: [war], next: L2 } }`,
    "8:46: unknown level L2",
  ],
  [
    "an escalation that goes round",
    `${people}escalation:\n  L1: { who: x, to: [war], next: L2 }\n  L2: { who: x, to: [war], next: L3 }\n  L3: { who: x, to: [war], next: L2 }`,
    "11:34: the escalation is circular: L2, L3, L2",
  ],
  [
    "the same said twice",
    "objectives: { response: { P0: 1m, P1: 1m, P2: 1m, P3: 1m } }\nclocks: { answered: { until: answered, within: 5m } }",
    "1:15: objectives.response and clocks.answered mean the same",
  ],
  ["a mistyped key", "people: { ada: { nmae: Ada } }", "1:18: nmae is not a key of ada"],
])("%s is told at its place", (_what, text, message) => {
  expect(said(text)).toContain(message);
});

test("an approver is one of the people, where the file says who there is", () => {
  const key = `ssh-ed25519 ${Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from("ssh-ed25519"),
    Buffer.from([0, 0, 0, 32]),
    Buffer.alloc(32, 7),
  ]).toString("base64")}`;
  expect(said(`people: { ada: { name: Ada } }\napprovers: { ada: ["${key}"] }`)).toEqual([]);
  expect(said(`people: { ada: { name: Ada } }\napprovers: { adda: ["${key}"] }`)).toEqual([
    "2:14: the approver adda is not in people",
  ]);
});

test("a mistake in a clock stops no halt", () => {
  expect(said("clocks: { a: { until: nothing } }\n")).not.toEqual([]);
  expect(plan("clocks: { a: { until: nothing } }\n", "halt").clocks).toHaveLength(1);
});

test("the stand-in platform's file has the same sections", () => {
  const port = 3000;
  const ports = {
    postgres: port,
    kafka: port,
    redis: port,
    gateway: port,
    sentinel: port,
    warden: port,
    executioner: port,
    venues: port,
  } as Ports;
  const text = platformFile({ project: "p", ports, dockerHost: "unix:///x", compose: ["docker", "compose"] });
  const read = readPlatform({ path: "p.yaml", text }, undefined, {});
  expect(read.ok && read.value.incident.clocks.length).toBeGreaterThan(10);
});

describe("the shipped file", () => {
  const file = new URL("../../runbooks/platform.yaml", import.meta.url);
  const text = readFileSync(file, "utf8");
  const shipped = readPlatform({ path: "platform.yaml", text }, undefined, {});
  if (!shipped.ok) throw new Error(shipped.failure.map(diagnosticText).join("\n"));
  const { severities, clocks, escalation, teams } = shipped.value.incident;
  const within = Object.fromEntries(clocks.map((clock) => [clock.name, { ...clock.within, ...clock.every }]));

  test("has the protocol's minutes", () => {
    expect(within).toMatchObject({
      alerted: { P0: 2 * minute, P1: 15 * minute },
      halted: { P0: 5 * minute },
      evidence: { P0: 10 * minute },
      answered: { P0: 15 * minute, P1: 60 * minute, P2: 240 * minute, P3: 1440 * minute },
      commander: { P0: 15 * minute },
      bridge: { P0: 15 * minute },
      executives: { P0: 15 * minute },
      assessed: { P1: 30 * minute },
      mitigation: { P1: 60 * minute },
      updates: { P0: 15 * minute },
      stakeholders: { P0: 30 * minute, P1: 60 * minute },
      rto: { P0: 240 * minute },
    });
    expect(shipped.value.objectives).toMatchObject({
      rpo: 15 * minute,
      mttr: 120 * minute,
      stakeholders: 30 * minute,
    });
  });

  test("pages the war room, all on call, the risk manager and the CTO at once for a P0", () => {
    expect(severities.P0.page).toEqual(["war-room", "on-call", "sms:risk", "sms:cto"]);
    expect([teams["risk"]?.length, teams["cto"]?.length]).toEqual([1, 1]);
  });

  test("has five triggers for a P0 and five for a P1", () => {
    expect([severities.P0.triggers.length, severities.P1.triggers.length]).toEqual([5, 5]);
  });

  test("has three levels of engineers one after the other, and risk, compliance and executives", () => {
    expect([escalation["L1"]?.next, escalation["L2"]?.next, escalation["L3"]?.next]).toEqual([
      "L2",
      "L3",
      undefined,
    ]);
    expect(Object.keys(escalation)).toEqual(["L1", "L2", "L3", "risk", "compliance", "executive"]);
  });

  test("is right in an editor too, and its schema is what reading takes now", () => {
    const schema = platformSchema();
    const file = new URL("../../runbooks/platform.schema.json", import.meta.url);
    const now = `${JSON.stringify(schema, undefined, 2)}\n`;
    if (process.env["GOLDEN"] === "write") writeFileSync(file, now);
    expect(readFileSync(file, "utf8")).toEqual(now);
    const ajv = new Ajv2020({
      allErrors: true,
      strict: true,
      strictTypes: false,
      strictRequired: false,
    });
    // What an editor alone reads.
    ajv.addVocabulary(["defaultSnippets", "patternErrorMessage"]);
    const validate = ajv.compile(schema);
    expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
    expect(validate({ ...parse(text), clocks: { a: { until: "x", within: "soon" } } })).toBe(false);
  });
});
