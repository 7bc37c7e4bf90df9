// What an editor does with the schemas, asked of the server that editors run.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { LanguageServer, type Completion } from "./language-server.ts";
import { linted } from "./lint.ts";

let server: LanguageServer;
beforeAll(async () => {
  server = await LanguageServer.start();
});
afterAll(async () => await server[Symbol.asyncDispose]());

const names = kinds.map(({ name }) => name);
const head = "runbook: r\ndiagnose:\n";
const ladder = `${head}  - redis.ping:\nresolve:\n  - rung: a\n    steps:\n`;

function textOf({ documentation }: Completion): string {
  return typeof documentation === "string" ? documentation : (documentation?.value ?? "");
}

describe("a step with no kind yet", () => {
  test.each([
    ["nothing", `${head}  - |\n`],
    ["nothing, below another", `${head}  - redis.ping:\n  - |\n`],
    ["a title", `${head}  - title: The API answers\n    |\n`],
    ["in a rung", `${ladder}      - |\n`],
    ["in a group", `${head}  - title: All\n    steps:\n      - |\n`],
    ["the beginning of a word", `${head}  - redis.p|\n`],
  ])("%s: nothing is marked, every kind is offered with what it does", async (_what, text) => {
    const { marked, offered } = await server.open("runbook", text);
    expect(marked).toEqual([]);
    const says = new Map(offered.map((one) => [one.label, textOf(one)]));
    expect(names.filter((name) => !says.has(name))).toEqual([]);
    expect(kinds.filter(({ name, summary }) => says.get(name)?.startsWith(summary) !== true)).toEqual([]);
    // What the editor lets be typed is no runbook yet.
    expect(await linted(text.replace("|", ""))).not.toBe("");
  });

  test("a check, a group and an include are offered as well", async () => {
    const { offered } = await server.open("runbook", `${head}  - |\n`);
    const labels = offered.map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(["check", "group", "include"]));
  });
});

test("a kind is written with its colon and with what it cannot do without", async () => {
  const { offered } = await server.open("runbook", `${head}  - |\n`);
  const text = (name: string): string | undefined =>
    offered.find(({ label }) => label === name)?.insertText?.replaceAll(/\s+/g, " ");
  expect(text("redis.ping")).toMatch(/^redis\.ping: ?$/);
  expect(text("http.get")).toBe("http.get: ${1:url}");
  expect(text("http.post")).toBe("http.post: ${1:url}");
  expect(text("kafka.config.set")).toMatch(/^kafka\.config\.set: topic: /);
  expect(offered.filter(({ label }) => names.includes(label)).map(({ insertText }) => insertText)).toEqual(
    expect.not.arrayContaining([expect.not.stringContaining(":")]),
  );
});

test.each([
  ["a kind without its colon", `${head}  - redis.ping\n`, "A step is a map: its kind, a colon"],
  ["a sentence", `${head}  - Redis answers\n`, "A step is a map: its kind, a colon"],
  ["a kind that is none", `${head}  - redis.pin:\n`, "Property redis.pin is not allowed"],
  ["two kinds", `${head}  - redis.ping:\n    kafka.ping:\n`, "Matches multiple schemas"],
])("%s is marked at its line", async (_what, text, says) => {
  const { marked } = await server.open("runbook", text);
  expect(marked).toEqual([expect.stringContaining(says)]);
  expect(marked[0]).toMatch(/^4: /);
});

test("an empty platform file is offered one to begin with, and a wrong key is marked", async () => {
  const { offered } = await server.open("platform", "|");
  const [begun] = offered.filter(({ insertText = "" }) => insertText.includes("services:"));
  expect(begun?.insertText).toContain("platform: ${1:");
  const { marked } = await server.open("platform", "platform: shop\nservces: {}\n");
  expect(marked).toContain("3: Property servces is not allowed.");
});
