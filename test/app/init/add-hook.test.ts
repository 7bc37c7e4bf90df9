import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { addHook } from "../../../src/app/init/add-hook.ts";

const platformFile = "runbooks/platform.yaml";
const own = "- repo: https://example.com/hooks\n  rev: v1.2.3\n  hooks:\n  - id: trailing-whitespace\n";
const indented = own.replaceAll(/^(?=.)/gm, "  ");

/** The two ends of what was there, between which something is added. */
function around(text: string, added: string): readonly [string, string] {
  let end = 0;
  while (end < text.length && text.at(-1 - end) === added.at(-1 - end)) end++;
  return [text.slice(0, text.length - end), text.slice(text.length - end)];
}

describe("an entry is added, and every character that was there stays", () => {
  test.each([
    ["a list in the column of its key", `repos:\n${own}`],
    ["a list that is indented", `repos:\n${indented}`],
    ["comments everywhere", `# ours\nrepos: # of all\n  # the first\n${indented}  # the last\n# the end\n`],
    ["a comment behind the last value", `repos:\n${own.trimEnd()} # keep\n`],
    [
      "keys behind",
      `default_stages: [pre-commit]\nrepos:\n${indented}\nexclude: ^vendor/\nfail_fast: true\n`,
    ],
    ["no end of line", `repos:\n${own.trimEnd()}`],
    ["lines of Windows", `repos:\n${own}exclude: a\n`.replaceAll("\n", "\r\n")],
    ["a block of text last", `repos:\n${indented}    - id: a\n      entry: |\n        one\n        two\n\n`],
    ["entries in braces", `repos:\n  - { repo: meta, hooks: [{ id: check-hooks-apply }] }\n`],
    ["an anchor", `x: &x { id: a }\nrepos:\n- repo: local\n  hooks: [*x]\n`],
  ])("%s", (_what, text) => {
    const added = addHook(text, platformFile);
    if (!("text" in added)) throw new Error(JSON.stringify(added));
    const [before, after] = around(text, added.text);
    expect(added.text.startsWith(before.trimEnd())).toBe(true);
    expect(added.text.endsWith(after)).toBe(true);
    const [was, is] = [parse(text), parse(added.text)] as Record<string, unknown[]>[];
    expect(is).toEqual({ ...was, repos: [...(was?.["repos"] ?? []), is?.["repos"]?.at(-1)] });
    expect(is?.["repos"]?.at(-1)).toMatchObject({ repo: "local", hooks: [{ id: "lav-ir" }] });
    expect(addHook(added.text, platformFile)).toEqual({ there: true });
  });
});

describe("by hand, where no place is certain", () => {
  test.each([
    ["no list", "repos: []\n"],
    ["a list in brackets", "repos: [{ repo: meta, hooks: [] }]\n"],
    ["no repos", "exclude: a\n"],
    ["nothing", ""],
    ["a list of another file", "- a\n"],
    ["no YAML", "repos: [\n"],
    ["two documents", `repos:\n${own}---\nrepos:\n${own}`],
    ["a list that is an alias", `x: &x\n${own}repos: *x\n`],
  ])("%s", (_what, text) => {
    expect(addHook(text, platformFile)).toEqual({ byHand: expect.any(String) });
  });
});
