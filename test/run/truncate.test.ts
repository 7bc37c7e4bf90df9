import { describe, expect, it } from "vitest";
import { shownOutputs } from "../../src/run/truncate.ts";

describe("outputs in events", () => {
  it("stay as they are when they are small", () => {
    const time = new Date(0);
    const outputs = { status: 200n, json: { a: [1, null, "x"] }, at: time, bytes: new Uint8Array([1]) };
    expect(shownOutputs(outputs)).toEqual(outputs);
  });

  it("leave out what is not there", () => {
    expect(shownOutputs({ a: undefined, b: null })).toEqual({ b: null });
  });

  it("cut a long text and say how much is missing", () => {
    expect(shownOutputs({ body: "x".repeat(5000) })).toEqual({
      body: `${"x".repeat(4096)}… (904 characters more)`,
    });
  });

  it("cut a thousand rows to a hundred, the long texts in them too", () => {
    const rows = Array.from({ length: 1000 }, (_, id) => ({ id, text: "y".repeat(id === 0 ? 5000 : 1) }));
    const shown = shownOutputs({ rows })["rows"] as unknown[];
    expect(shown).toHaveLength(101);
    expect(shown[0]).toEqual({ id: 0, text: `${"y".repeat(4096)}… (904 characters more)` });
    expect(shown.at(-1)).toBe("… (900 more)");
  });

  it("cut a wide map and a deep one", () => {
    const wide = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, index]));
    expect(Object.keys(shownOutputs({ wide })["wide"] as object)).toHaveLength(101);
    let deep: unknown = "end";
    for (let level = 0; level < 50; level++) deep = { deep };
    expect(JSON.stringify(shownOutputs({ deep }))).toContain("… (nested deeper)");
  });
});
