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
