import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withoutFinds } from "../../src/secrets/layers.ts";
import { rules } from "../../src/secrets/rules.ts";

// The examples beside each rule in the source: what it finds, and something like it that no rule takes.

/** In the order in which `rules` has them. */
const files = ["keys", "addresses", "tokens", "quoted", "commands", "bare"];
const examples = files
  .map((file) => readFileSync(new URL(`../../src/secrets/rules/${file}.ts`, import.meta.url), "utf8"))
  .flatMap((source) => [
    ...source.matchAll(/^ {2}\/\/ finds: (.*)\n {2}\/\/ leaves: (.*)\n {2}(?:rule|named)\(/gm),
  ])
  .map(([, finds = "", leaves = ""]) => ({ finds: written(finds), leaves: written(leaves) }));

function written(text: string): string {
  return text.replaceAll("⏎", "\n");
}

test("every rule has its examples", () => {
  expect(examples.length).toBe(rules.length);
});

describe.each(rules.map((rule, at) => ({ at, ...rule, ...examples[at] })))(
  "$at $name",
  ({ pattern, needs, finds = "", leaves = "" }) => {
    test("takes exactly the secret of its example", () => {
      const [before = "", secret = "", after = ""] = finds.split(/[«»]/);
      const text = before + secret + after;
      const everywhere = new RegExp(pattern.source, pattern.flags.replace("y", "g"));
      expect(secret).not.toBe("");
      expect([...text.matchAll(everywhere)].map((found) => found[2])).toEqual([secret]);
      expect([...needs].some((word) => text.toLowerCase().includes(word))).toBe(true);
      expect(withoutFinds(text, () => "‹›")).toBe(`${before}‹›${after}`);
    });

    test("leaves what only looks like it, as every other rule does", () => {
      expect(withoutFinds(leaves, () => "‹›")).toBe(leaves);
    });
  },
);
