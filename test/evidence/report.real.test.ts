import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../program.ts";
import { Browser } from "./browser.ts";
import { exampleHtml } from "./report-example.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.start();
});
afterAll(async () => await browser[Symbol.asyncDispose]());

async function open(width: number, scheme: "light" | "dark"): Promise<string> {
  const file = join(temporaryFolder(), "report.html");
  writeFileSync(file, exampleHtml);
  const url = pathToFileURL(file).href;
  await browser.send("Emulation.setDeviceMetricsOverride", {
    width,
    height: 740,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });
  await browser.send("Emulation.setEmulatedMedia", {
    media: "screen",
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  browser.requests.length = 0;
  browser.complaints.length = 0;
  await browser.open(url);
  return url;
}

/** Contrast of two colours as WCAG reckons it: 4.5 is the least for a text. */
const contrast = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/\\d+/g).map((value) => value / 255).map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = light(getComputedStyle(document.body).backgroundColor);
  const worst = [...document.querySelectorAll("p,dt,dd,td,th,li,a,span,h1,h2")].map((element) => {
    const own = light(getComputedStyle(element).color);
    return (Math.max(own, background) + 0.05) / (Math.min(own, background) + 0.05);
  });
  return Math.min(...worst);
})()`;

/** Whether every word in a chart is drawn as large as the page's own, more or less. */
const legible = `[...document.querySelectorAll("svg text")].every((text) => {
  const { viewBox } = text.ownerSVGElement;
  const scale = text.ownerSVGElement.getBoundingClientRect().width / viewBox.baseVal.width;
  const size = parseFloat(getComputedStyle(text).fontSize) * scale;
  return size >= 11 && size <= 18;
})`;

test.each([
  [360, "light"],
  [360, "dark"],
  [1280, "light"],
  [1280, "dark"],
] as const)(
  "at %i pixels, in %s: all of it fits, can be read, and asks for nothing",
  async (width, scheme) => {
    const url = await open(width, scheme);
    expect(await browser.value("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(await browser.value("innerWidth")).toBe(width);
    expect(await browser.value(contrast)).toBeGreaterThanOrEqual(4.5);
    expect(await browser.value("getComputedStyle(document.body).backgroundColor")).toBe(
      scheme === "light" ? "rgb(255, 255, 255)" : "rgb(13, 17, 23)",
    );
    expect(
      await browser.value(
        "[...document.querySelectorAll('svg')].every((one) => one.getBoundingClientRect().width > innerWidth / 2)",
      ),
    ).toBe(true);
    expect(await browser.value("document.querySelectorAll('svg').length")).toBe(3);
    expect(await browser.value(legible)).toBe(true);
    expect(await browser.value("document.querySelectorAll('img,script,iframe,object').length")).toBe(0);
    expect(browser.requests).toEqual([url]);
    expect(browser.complaints).toEqual([]);
  },
);

/** How many of these are drawn. */
const drawn = (these: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(these)})].filter((one) => one.getClientRects().length > 0).length`;
const rows = ".timeline tbody tr";

test("what is wrong and the state of each part are on the first screen, also of a phone", async () => {
  await open(360, "light");
  const bottom = "document.querySelector('.state td.bad').getBoundingClientRect().bottom < innerHeight";
  expect(await browser.value(bottom)).toBe(true);
  expect(await browser.value("document.querySelector('.verdict').textContent")).toContain("WRONG");
});

test("the timeline shows all of it, what is bad, or what is worst", async () => {
  await open(1280, "light");
  const counts: unknown[] = [];
  for (const by of ["all", "warning", "error"]) {
    await browser.value(`document.getElementById("by-${by}").click()`);
    counts.push(await browser.value(drawn(rows)));
  }
  expect(counts).toEqual([5, 2, 1]);
});

test("what is raw is folded, and opens by a click", async () => {
  await open(1280, "light");
  expect(await browser.value("[...document.querySelectorAll('details')].some((one) => one.open)")).toBe(
    false,
  );
  const shown = "document.querySelector('details a').checkVisibility()";
  expect(await browser.value(shown)).toBe(false);
  await browser.value("document.querySelector('details:has(a) summary').click()");
  expect(await browser.value(shown)).toBe(true);
});

test("on paper there is nothing to click, and nothing is folded or filtered away", async () => {
  await open(1280, "light");
  await browser.value("document.getElementById('by-error').click()");
  await browser.send("Emulation.setEmulatedMedia", { media: "print" });
  expect(await browser.value(drawn("input"))).toBe(0);
  expect(await browser.value(drawn(rows))).toBe(5);
  expect(await browser.value("document.querySelector('details a').checkVisibility()")).toBe(true);
});
