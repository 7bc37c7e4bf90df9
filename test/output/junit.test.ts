import { describe, expect, test } from "vitest";
import { junitText, RunSuite } from "../../src/output/junit.ts";

/** A small reader that knows enough XML to refuse what is not well formed. */
function read(xml: string): readonly { readonly tag: string; readonly attributes: Record<string, string> }[] {
  const elements: { tag: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  let at = xml.indexOf("?>") + 2;
  while (at < xml.length) {
    const from = xml.indexOf("<", at);
    checkText(from === -1 ? xml.slice(at) : xml.slice(at, from));
    if (from === -1) break;
    const match = /^<(\/?)([a-z]+)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/.exec(xml.slice(from));
    if (match === null) throw new Error(`no tag at ${xml.slice(from, from + 60)}`);
    const [whole, closes, tag = "", attributes = "", empty] = match;
    if (closes === "/") expect(open.pop()).toBe(tag);
    else {
      elements.push({ tag, attributes: attributesOf(attributes) });
      if (empty !== "/") open.push(tag);
    }
    at = from + whole.length;
  }
  expect(open).toEqual([]);
  return elements;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => {
      checkText(value);
      return [name, plain(value)];
    }),
  );
}

/** Only characters that XML 1.0 has, and no & that begins nothing. */
function checkText(text: string): void {
  expect(text).not.toMatch(/&(?!(amp|lt|gt|quot);)/);
  // oxlint-disable-next-line no-control-regex -- these are what XML cannot hold
  expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
}

function plain(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

const hostile = `"><evil a='1'> & ]]> \u0000\u001b\ud800 ünïcödé 🚨`;

describe("JUnit XML", () => {
  test("is well formed whatever stands in it, and counts what it has", () => {
    const xml = junitText([
      {
        name: hostile,
        cases: [
          { name: hostile, className: hostile, time: 1234, result: { type: "passed" } },
          {
            name: "b",
            className: "c",
            time: 0,
            result: { type: "failed", message: hostile, details: hostile },
          },
          { name: "c", className: "c", time: 1, result: { type: "error", message: "unknown" } },
          { name: "d", className: "c", time: 1, result: { type: "skipped", message: "x is false" } },
        ],
      },
    ]);
    const elements = read(xml);
    expect(elements.map(({ tag }) => tag)).toEqual([
      "testsuites",
      "testsuite",
      "testcase",
      "testcase",
      "failure",
      "testcase",
      "error",
      "testcase",
      "skipped",
    ]);
    const [, suite, first] = elements;
    expect(suite?.attributes).toMatchObject({
      tests: "4",
      failures: "1",
      errors: "1",
      skipped: "1",
      time: "1.236",
    });
    expect(first?.attributes["name"]).toBe(
      hostile.replaceAll("\u0000", "\ufffd").replaceAll("\u001b", "\ufffd").replaceAll("\ud800", "\ufffd"),
    );
  });

  test("has a step that was measured several times once, as it ended", () => {
    const suite = new RunSuite();
    const event = {
      type: "step.finished",
      time: new Date(0),
      run: "RUN-1",
      step: "health",
      section: "diagnose",
      title: "It answers",
      kind: "http.get",
      effect: "read",
      duration_ms: 5,
      attempts: 1,
    } as const;
    suite.hear({ ...event, status: "failed", message: "status is 503" });
    suite.hear({ ...event, status: "ok" });
    suite.hear({ ...event, section: "resolve", rung: "one", status: "unknown" });
    expect(suite.suite().cases.map(({ result }) => result.type)).toEqual(["passed", "error"]);
  });
});
