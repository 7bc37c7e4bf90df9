import { describe, expect, test } from "vitest";
import { readNow } from "../../src/language/read.ts";
import { Problems } from "../../src/language/problems.ts";
import { json, number, type Shape } from "../../src/language/shape.ts";
import { parseYaml } from "../../src/language/yaml.ts";

function read(yaml: string, shape: Shape): { readonly value: unknown; readonly said: readonly string[] } {
  const source = { path: "book.yaml", text: yaml };
  const problems = new Problems(source);
  const { node, problems: broken } = parseYaml(source);
  const value = node === undefined ? undefined : readNow(node, shape, "it", problems);
  return {
    value,
    said: [...broken, ...problems.list].map(({ message, hint }) => `${message}. ${hint ?? ""}`),
  };
}

describe("faults 2: what would be sent in another spelling is refused", () => {
  test.each([
    ["61e9540", 'Put it in quotes: "61e9540".'],
    ["00544", 'Put it in quotes: "00544". If it is one, write 544.'],
    ["3.100", 'Put it in quotes: "3.100". If it is one, write 3.1.'],
    ["1.0", 'Put it in quotes: "1.0". If it is one, write 1.'],
    ["6e4", 'Put it in quotes: "6e4". If it is one, write 60000.'],
    ["0x1F", 'Put it in quotes: "0x1F". If it is one, write 31.'],
    ["0o17", 'Put it in quotes: "0o17". If it is one, write 15.'],
    ["+15551234567", 'Put it in quotes: "+15551234567". If it is one, write 15551234567.'],
    [".inf", 'Put it in quotes: ".inf".'],
    [".nan", 'Put it in quotes: ".nan".'],
    ["0.1000000000000000055", 'Put it in quotes: "0.1000000000000000055". If it is one, write 0.1.'],
    ["-0", 'Put it in quotes: "-0". If it is one, write 0.'],
  ])("%s", (text, hint) => {
    const said = [`${text} is read as a number and would lose its spelling. ${hint}`];
    expect(read(`{ commit: ${text} }`, json()).said).toEqual(said);
    expect(read(`- ${text}`, json()).said).toEqual(said);
  });

  test.each(["61e9540", "00544", "1.10", "0x1F", "True", "+1", "-0", ".inf"])("as a key too: %s", (text) => {
    const said = [expect.stringContaining(`${text} is read as `)];
    expect(read(`{ ${text}: a }`, json()).said).toEqual(said);
    expect(read(`? ${text}\n: a\n`, json()).said).toEqual(said);
    expect(read(`"${text}": a`, json())).toEqual({ value: { [text]: "a" }, said: [] });
  });

  test("a key that is the same either way", () => {
    expect(read("{ 5: a, -7: b, 1.5: c, true: d, 1_000: e, 12:30: f }", json())).toEqual({
      value: { "5": "a", "-7": "b", "1.5": "c", true: "d", "1_000": "e", "12:30": "f" },
      said: [],
    });
  });

  test("true in capitals, and nothing in capitals", () => {
    expect(read("[True, NULL]", json()).said).toEqual([
      'True is read as true and would lose its spelling. Put it in quotes: "True". If it is one, write true.',
      'NULL is read as null and would lose its spelling. Put it in quotes: "NULL". If it is one, write null.',
    ]);
  });

  test("what is the same either way is taken, quotes take everything", () => {
    expect(
      read("[1, -5, 0.5, 9007199254740993, true, null, ~, yes, '007', \"1.0\", 1.2.3, 12h]", json()),
    ).toEqual({
      value: [1n, -5n, 0.5, 9007199254740993n, true, null, null, "yes", "007", "1.0", "1.2.3", "12h"],
      said: [],
    });
  });

  test("where a number is wanted its spelling says nothing, but for a 0 before it", () => {
    expect(read("0.50", number()).value).toBe(0.5);
    expect(read("1e3", number()).value).toBe(1000);
    expect(read("0100", number()).said).toEqual([
      "it must be a number, and is 0100. Write it without the 0: 100.",
    ]);
  });
});

test("faults 2: another YAML than 1.2, and << merges, are refused with a sentence of their own", () => {
  expect(read("%YAML 1.1\n---\na: yes\n", json()).said).toEqual([
    "this file declares YAML 1.1, in which yes and 010 are other values. Remove the %YAML line: files are read as YAML 1.2.",
  ]);
  expect(read("%YAML 1.2\n---\na: yes\n", json())).toEqual({ value: { a: "yes" }, said: [] });
  expect(read("a: &a { b: 1 }\nc: { <<: *a }\n", json()).said).toEqual([
    "merge keys (<<) are not supported. Write the keys out; for a text of two signs, put it in quotes.",
  ]);
  expect(read('{ "<<": 1 }', json()).value).toEqual({ "<<": 1n });
});
