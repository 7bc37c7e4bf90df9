// What init writes is right in an editor too, from the first moment on.
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstRunbook } from "../../../src/app/init/first-runbook.ts";
import { begunFrom, begunText, type Begun } from "../../../src/platform/begun.ts";
import { servicesOfText } from "../../../src/platform/services-beside.ts";
import { LanguageServer } from "../../runbook/language-server.ts";

let server: LanguageServer;
beforeAll(async () => {
  server = await LanguageServer.start();
});
afterAll(async () => await server[Symbol.asyncDispose]());

const api = { name: "api", url: "http://localhost:3000", api: true };
const db = { name: "db", url: "http://localhost:5433", api: false };
const alone: Begun = { platform: "shop", services: [api], unreached: [], stores: {} };
const composed = servicesOfText(
  "compose.yaml",
  'services: { api: { ports: ["80:80"] }, db: { ports: ["5433:5432"] }, cache: { ports: ["6380:6379"] }, bus: { ports: ["9093:9092"] }, on: {} }\n',
);

test.each([
  ["with one service", alone],
  ["beside a Compose file", typeof composed === "string" ? alone : begunFrom("a: b", composed, "shop")],
])("a platform file %s is marked nowhere", async (_what, begun) => {
  const text = begunText(begun);
  expect(begun.services.filter(({ name }) => !text.includes(`\n  ${name}: `))).toEqual([]);
  expect((await server.open("platform", text)).marked).toEqual([]);
});

test.each([
  ["of a service that answers HTTP", api, true],
  ["of one that nothing runs", api, false],
  ["of one that speaks something else", db, true],
])("a first runbook %s is marked nowhere", async (_what, service, runs) => {
  const { text } = firstRunbook(service, runs);
  expect((await server.open("runbook", text)).marked).toEqual([]);
});

test("what is a comment where nothing runs the service is right once it is none", async () => {
  const { text } = firstRunbook(api, false);
  const without = text.replaceAll(/^# (resolve:| {2})/gm, "$1");
  expect(without).toContain("\nresolve:\n  - rung: restart\n");
  expect((await server.open("runbook", without)).marked).toEqual([]);
});

test("so is what the platform file has as comments", async () => {
  const text = begunText(alone).replaceAll(/^# (compose|postgres|redis|kafka)(: \{)/gm, "$1$2");
  expect(text).toMatch(/^compose: .*\n\n.*\n.*\npostgres: .*\nredis: .*\nkafka: /m);
  expect((await server.open("platform", text)).marked).toEqual([]);
});
