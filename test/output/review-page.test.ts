import { expect, test } from "vitest";
import { reviewPage } from "../../src/output/review-page.ts";
import { declared, Desks } from "../incident/chains.ts";
import { modelOf } from "../incident/review/review-of.ts";
import { day } from "./review-example.ts";

const written = [{ heading: "Human factors", text: "tired\n<b>people</b>" }];

test("it is one page that loads nothing, and shows every text as text", () => {
  const page = reviewPage(modelOf(day().records), written);
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).not.toMatch(/<script|<b>|src=|href=|url\(|@import/);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("tired\n&lt;b&gt;people&lt;/b&gt;");
});

test("clocks are bars against their limits, answers a bar each, and findings stand over time", () => {
  const page = reviewPage(modelOf(day().records), written);
  expect(page).toContain('aria-label="answered, P0: met in 3m"');
  // Met in three of fifteen minutes.
  expect(page).toMatch(/answered, P0: met in 3m">\s*<rect class="good" x="0" y="4" width="200"/);
  expect(page).toMatch(
    /aria-label="halted, P0: missed by 1h25m">\s*<rect class="bad" x="0" y="4" width="1000"/,
  );
  expect(page).toContain('aria-label="bob: 3m, pagerduty"');
  expect(page).toMatch(/aria-label="rosa: 16m, phone">\s*<rect class="bad"/);
  expect(page).toContain('aria-label="health: failed, ok"');
});

test("what is not known is at the top with what fills it, and each row has its record", () => {
  const desks = day();
  const page = reviewPage(modelOf(desks.records), []);
  expect(page.indexOf("<h2>Not known</h2>")).toBeLessThan(page.indexOf("<h2>Figures</h2>"));
  expect(page).toContain("lav-ir fact recovery-point --at … --incident INC-2026-0042");
  expect(page.match(/<tr class="(?:typed|measured|reported)">/g)).toHaveLength(5);
});

test("the timeline has each day once, and the zone of its clocks only there", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 1, "incident.note", { text: "the same day" });
  desks.write("ny1", 1440, "incident.note", { text: "a day later" });
  const page = reviewPage(modelOf(desks.records), []);
  const days = [...page.matchAll(/<th colspan="4">(.*?)<\/th>/g)].map(([, text]) => text);
  expect(days).toEqual(
    ["2026-11-30", "2026-12-01"].map(
      (date) => `${date}, times in UTC, and in Europe/London where that differs`,
    ),
  );
  expect(page).toMatch(/<td class="short">09:43:00<\/td>\s*<td>\s*note: the same day/);
});

test.each([
  ["no record at all", new Desks()],
  [
    "one that is open",
    ((desks) => (desks.write("ny1", 0, "incident.declared", declared()), desks))(new Desks()),
  ],
])("%s gives a page too", (_what, desks) => {
  expect(reviewPage(modelOf(desks.records, 1), [])).toContain(
    "Nobody&#39;s answer is on record.".replace("&#39;", "'"),
  );
});
