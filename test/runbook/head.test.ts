import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/language/yaml.ts";
import { loadSource } from "../../src/runbook/load.ts";
import { readHead } from "../../src/runbook/head.ts";
import { kindsByName } from "../../src/app/wiring/kinds.ts";
import { cases } from "../cases.ts";
import { loading } from "./lint.ts";

const body = "steps:\n  - http.get: http://localhost/\n";

describe("the head of a runbook", () => {
  test("is read of every shipped runbook, as the whole parse reads it", async () => {
    const folder = new URL("../../runbooks/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith(".yaml") && file !== "platform.yaml");
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), "utf8");
      const loaded = await loadSource({ path: file, text }, { ...loading, kinds: kindsByName });
      if (!loaded.ok) throw new Error(`${file} does not load`);
      const { id, title, severity, service } = loaded.value;
      expect(readHead(text)).toEqual({ id, title, severity: severity?.name, service: service?.name });
    }
  });

  test.each([
    ["", { id: "a-b", title: "a-b", severity: undefined, service: undefined }],
    ["title: Say it's down, now\n", { title: "Say it's down, now" }],
    ['title: "It: 5 # no comment"\n', { title: "It: 5 # no comment" }],
    ["title: 'Quoted \"twice\"'\n", { title: 'Quoted "twice"' }],
    [
      "title: Ausfall in Zürich  \n\n  # why\nseverity: P0\nservice: gateway\n",
      { title: "Ausfall in Zürich" },
    ],
    ["symptoms:\n- at the margin\n- twice\n", { id: "a-b" }],
  ])("%j is plain", (more, head) => {
    expect(readHead(`# a comment\nrunbook: a-b\n${more}${body}`)).toMatchObject(head);
  });

  test.each([
    ["a word of YAML's", "title: true\n"],
    ["a number", "title: 15\n"],
    ["a template", 'title: "${now}"\n'],
    ["a comment behind it", "title: Down # for now\n"],
    ["a second line", "title: Down\n  for good\n"],
    ["a block", "title: |\n  Down\n"],
    ["an anchor", "title: &t Down\n"],
    ["an escape", 'title: "a\\nb"\n'],
    ["no value", "title:\n"],
    ["a hidden character", "title: a\u202eb\n"],
    ["an unknown key", "titel: Down\n"],
    ["a key twice", "title: A\ntitle: B\n"],
    ["a severity that there is not", "severity: P9\n"],
    ["a mark of a document", "---\n"],
    ["Windows' ends of lines", "title: A\r\n"],
    ["a map in a list", "title: [a]\n"],
  ])("%s is for the whole parse", (_what, more) => {
    expect(readHead(`runbook: a-b\n${more}${body}`)).toBeUndefined();
  });

  test("a runbook without a name, with a bad one, or that does nothing is for the whole parse", () => {
    for (const text of ["", "title: A\n", `title: A\n${body}`, `runbook: A B\n${body}`, "runbook: a\n"])
      expect(readHead(text)).toBeUndefined();
  });

  test("whatever it reads, YAML reads as well", () => {
    const piece = fc.constantFrom(
      ..."runbook: |title: |service: |severity: |steps:|diagnose:|symptoms:|a-b|P1|Down|now| |  |\n|\n|\n|:|#|\"|'|[|]|{|}|- |&a|*a|!|%|,|~|\\|é|0|null|? |---".split(
        "|",
      ),
      "|",
    );
    const text = fc
      .array(piece, { maxLength: 30 })
      .map((pieces) => `runbook: a-b\n${pieces.join("")}\n${body}`);
    let compared = 0;
    fc.assert(
      fc.property(text, (made) => {
        const head = readHead(made);
        if (head === undefined) return;
        const { node, problems } = parseYaml({ path: "r.yaml", text: made });
        // What is wrong further in, this does not see.
        if (problems.length > 0 || node?.type !== "map") return;
        const read = (key: string): unknown => {
          const value = node.entries.find((entry) => entry.key === key)?.value;
          return value?.type === "scalar" ? value.value : value?.type;
        };
        expect([head.id, head.severity, head.service]).toEqual(["runbook", "severity", "service"].map(read));
        expect(head.title).toBe(read("title") ?? head.id);
        compared += 1;
      }),
      // Always the same, so that it is known that something is compared.
      cases(3000),
    );
    expect(compared).toBeGreaterThan(30);
  });
});
