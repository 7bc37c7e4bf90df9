import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import { platformSchema } from "../../src/runbook/platform-schema.ts";
import { runbookSchema } from "../../src/runbook/schema.ts";
import { offeredBy } from "./schema-offers.ts";
import { linted } from "./lint.ts";

const schema = runbookSchema(kinds, interlockNames);
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
// What an editor alone reads.
ajv.addVocabulary(["defaultSnippets", "patternErrorMessage"]);
const validate = ajv.compile(schema);

/** What an editor marks, as places in the file. */
function marked(text: string): readonly string[] {
  if (validate(parse(text))) return [];
  return [...new Set((validate.errors ?? []).map(({ instancePath }) => instancePath))];
}

const golden = new URL("golden/", import.meta.url);
const shipped = new URL("../../runbooks/", import.meta.url);
const files = [golden, shipped].flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml") && file !== "platform.yaml")
    .map((file) => new URL(file, folder)),
);

test.each(files.map((file) => [file.pathname.split("/").slice(-2).join("/"), file] as const))(
  "%s is right in an editor too",
  (_name, file) => {
    const text = readFileSync(file, "utf8");
    expect(marked(text)).toEqual([]);
  },
);

const head = "runbook: r\ndiagnose:\n";
describe("an editor marks", () => {
  test.each([
    ["an unknown key", "runbook: r\nsevrity: P1\ndiagnose: [{ redis.ping: }]\n", ""],
    ["a runbook that does nothing", "runbook: r\n", ""],
    [
      "a ladder without a diagnosis",
      "runbook: r\nresolve: [{ rung: a, steps: [{ service.restart: x }] }]\n",
      "",
    ],
    ["a severity that is none", "runbook: r\nseverity: P9\ndiagnose: [{ redis.ping: }]\n", "/severity"],
    ["an unknown kind", `${head}  - redis.pin:\n`, "/diagnose/0"],
    ["two verbs", `${head}  - redis.ping:\n    kafka.ping:\n`, "/diagnose/0"],
    ["an unknown argument", `${head}  - kafka.topic: { topic: a, x: b }\n`, "/diagnose/0/kafka.topic"],
    [
      "an argument of the wrong type",
      `${head}  - service.logs: { service: a, tail: many }\n`,
      "/diagnose/0/service.logs/tail",
    ],
    ["a missing argument", `${head}  - service.logs: { tail: 5 }\n`, "/diagnose/0/service.logs"],
    ["a bad duration", `${head}  - redis.ping:\n    timeout: 5 seconds\n`, "/diagnose/0/timeout"],
    ["units in the wrong order", `${head}  - redis.ping:\n    timeout: 5s1m\n`, "/diagnose/0/timeout"],
    ["a template in a title", `${head}  - redis.ping:\n    title: a \${b}\n`, "/diagnose/0/title"],
    ["a template for an expression", `${head}  - redis.ping:\n    expect: \${a}\n`, "/diagnose/0/expect"],
    ["an id that is none", `${head}  - redis.ping:\n    id: A-b\n`, "/diagnose/0/id"],
    ["an unknown key of an include", `${head}  - include: b\n    wth: {}\n`, "/diagnose/0"],
    ["a rung without steps", `${head}  - redis.ping:\nresolve:\n  - rung: a\n`, "/resolve/0"],
    [
      "a parameter described wrongly",
      `params: { n: { typ: integer } }\n${head}  - redis.ping:\n`,
      "/params/n",
    ],
  ])("%s, and lint does", async (_what, text, place) => {
    expect(marked(text)).toContain(place);
    // An include that is not there is lint's to find; the key is wrong in both.
    expect(await linted(text)).not.toBe("");
  });
});

describe("an editor lets stand", () => {
  test.each([
    [
      "a template where a number goes",
      `${head}  - service.logs: { service: "\${params.s}", tail: "\${params.n}" }\n`,
    ],
    ["the primary field alone", `${head}  - kafka.topic: a\n`],
    ["true for an expression", `${head}  - redis.ping:\n    expect: true\n`],
    [
      "verify as steps and as times",
      `${head}  - redis.ping:\nresolve:\n  - { rung: a, steps: [{ redis.ping: }], verify: [{ redis.ping: }] }\n  - { rung: b, steps: [{ redis.ping: }], verify: { within: 5s, stable: 2 } }\n`,
    ],
  ])("%s", (_what, text) => {
    expect(marked(text)).toEqual([]);
  });
});

const schemas = [schema, platformSchema()];
ajv.addSchema(schemas[1] ?? {});

test.each(schemas.map((one, at) => [["runbook", "platform file"][at], one] as const))(
  "the schema of a %s has a name, a description, and what an editor offers fits where it is offered",
  (_title, one) => {
    const { $id, description, defaultSnippets } = one as Readonly<Record<string, string>>;
    expect([$id, description]).toEqual([expect.stringMatching(/^urn:lav-ir:/), expect.stringMatching(/\.$/)]);
    expect(defaultSnippets).not.toEqual([]);
    const offers = offeredBy(one);
    expect(offers.length).toBeGreaterThan(1);
    const wrong = offers.filter(({ at, value }) => {
      const fits = ajv.compile({ $ref: `${$id}#${at}` });
      return !fits(value);
    });
    expect(wrong).toEqual([]);
  },
);

test("runbooks/runbook.schema.json is what the kinds say now; GOLDEN=write writes it anew", () => {
  const file = new URL("runbook.schema.json", shipped);
  const now = `${JSON.stringify(schema, undefined, 2)}\n`;
  if (process.env["GOLDEN"] === "write") writeFileSync(file, now);
  // The first line that differs says enough; the whole is too long to show.
  const kept = readFileSync(file, "utf8").split("\n");
  expect(now.split("\n").find((line, index) => line !== kept[index])).toBeUndefined();
  expect(kept.length).toBe(now.split("\n").length);
});

test("every key and every argument says what it means", () => {
  const silent: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const { properties, ...rest } = value as Record<string, unknown>;
    for (const [name, property] of Object.entries(
      (properties ?? {}) as Record<string, { description?: string }>,
    )) {
      if ((property.description ?? "") === "") silent.push(`${path}.${name}`);
      visit(property, `${path}.${name}`);
    }
    for (const [name, item] of Object.entries(rest)) visit(item, `${path}/${name}`);
  };
  visit(schema, "");
  expect(silent).toEqual([]);
});
