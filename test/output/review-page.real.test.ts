import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reviewPage } from "../../src/output/review-page.ts";
import { Browser } from "../evidence/browser.ts";
import { modelOf } from "../incident/review/review-of.ts";
import { temporaryFolder } from "../program.ts";
import { day } from "./review-example.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.start();
});
afterAll(async () => await browser[Symbol.asyncDispose]());

async function open(width: number, scheme: "light" | "dark", media = "screen"): Promise<string> {
  const file = join(temporaryFolder(), "review.html");
  writeFileSync(file, reviewPage(modelOf(day().records), [{ heading: "Lessons", text: "x".repeat(300) }]));
  const url = pathToFileURL(file).href;
  const size = { width, height: 740, deviceScaleFactor: 1, mobile: width < 500 };
  await browser.send("Emulation.setDeviceMetricsOverride", size);
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await browser.send("Emulation.setEmulatedMedia", { media, features });
  browser.requests.length = 0;
  browser.complaints.length = 0;
  await browser.open(url);
  return url;
}

const rows =
  "[...document.querySelectorAll('tr.typed,tr.measured,tr.reported')].filter((row) => row.offsetParent !== null).length";

test.each([
  [360, "light"],
  [360, "dark"],
  [1280, "light"],
  [1280, "dark"],
] as const)("at %i pixels, in %s: all of it fits and asks for nothing", async (width, scheme) => {
  const url = await open(width, scheme);
  expect(await browser.value("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  expect(await browser.value("getComputedStyle(document.body).backgroundColor")).toBe(
    scheme === "light" ? "rgb(255, 255, 255)" : "rgb(13, 17, 23)",
  );
  // What was met and what was missed differ by colour, and bars are wide enough to be compared.
  expect(
    await browser.value(
      "new Set([...document.querySelectorAll('svg rect')].map((one) => getComputedStyle(one).fill)).size",
    ),
  ).toBeGreaterThan(2);
  expect(
    await browser.value(
      "[...document.querySelectorAll('.bars svg')].every((one) => one.getBoundingClientRect().width > 150)",
    ),
  ).toBe(true);
  expect(await browser.value("document.querySelectorAll('img,script,iframe,object').length")).toBe(0);
  expect(browser.requests).toEqual([url]);
  expect(browser.complaints).toEqual([]);
});

test("the timeline shows what was typed, what was measured, or all of it", async () => {
  await open(1280, "light");
  const all = Number(await browser.value(rows));
  await browser.value("document.getElementById('by-typed').click()");
  const typed = Number(await browser.value(rows));
  await browser.value("document.getElementById('by-measured').click()");
  const measured = Number(await browser.value(rows));
  expect([all, typed + measured, typed > 0]).toEqual([5, 5, true]);
});

test("on paper there is nothing to click", async () => {
  await open(1280, "light", "print");
  expect(
    await browser.value("[...document.querySelectorAll('input')].every((one) => one.offsetParent === null)"),
  ).toBe(true);
});
