import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composed, fit } from "../../../src/drivers/channel/text.ts";
import { escaped, slackText } from "../../../src/drivers/slack/text.ts";
import { message } from "./message.ts";

describe("a text that is cut", () => {
  test("ends where a reader sees a character end", () => {
    expect(fit("ab👩‍👩‍👧cd", 9)).toBe("ab…");
    expect(fit("ab👩‍👩‍👧cd", 12)).toBe("ab👩‍👩‍👧cd");
    expect(fit("ae\u0301e\u0301", 4)).toBe("ae\u0301…");
  });

  test("has no half of an entity", () => {
    expect(fit("a<b", 5, escaped)).toBe("a…");
    expect(fit("a<b", 6, escaped)).toBe("a&lt;b");
  });

  test("is never longer than it may be, and never half a character", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 60, max: 120 }), (text, most) => {
        const made = composed(message({ text }), most);
        expect(made.length).toBeLessThanOrEqual(most);
        expect(made).toContain("[INC-2026-0042 #1]");
        expect(made).toContain("ny1-2 3fa9c1d20b7e");
        expect(Buffer.from(made).toString()).toBe(made);
      }),
    );
  });
});

describe("a message's text", () => {
  test("has tag and head", () => {
    expect(composed(message(), 200)).toBe(
      "[INC-2026-0042 #1] Orders rejected at all venues\nny1-2 3fa9c1d20b7e",
    );
  });

  test("keeps those that it brings where they are, while they fit", () => {
    const text = "P0 INCIDENT [INC-2026-0042 #1]\nImpact: all of it\nny1-2 3fa9c1d20b7e";
    expect(composed(message({ text }), 200)).toBe(text);
    expect(composed(message({ text: `${"x".repeat(100)}${text}` }), 60)).toMatch(
      /^\[INC-2026-0042 #1\] x+…\nny1-2 3fa9c1d20b7e$/,
    );
  });

  test("that repeats says so", () => {
    expect(composed(message({ repeat: true }), 200)).toBe(
      "[INC-2026-0042 #1] (may be a repeat) Orders rejected at all venues\nny1-2 3fa9c1d20b7e",
    );
  });

  test("mentions nobody in Slack by what people typed; a page does, an update does not", () => {
    const text = "<!channel> <@U01> a&b";
    expect(slackText(message({ text }), "channel")).toBe(
      "<!channel> [INC-2026-0042 #1] &lt;!channel&gt; &lt;@U01&gt; a&amp;b\nny1-2 3fa9c1d20b7e",
    );
    expect(slackText(message({ text, kind: "update" }), "channel")).not.toContain("<!");
    expect(slackText(message({ text }), "none")).not.toContain("<!");
  });
});
