import { expect, test } from "vitest";
import { meaningOf, namedIn } from "../../src/incident/answers.ts";
import type { Heard } from "../../src/ports/channel.ts";

const wrote = (text: string): Heard => ({ id: "1", at: new Date(), what: { did: "wrote", text } });
const reacted = (name: string): Heard => ({ id: "1", at: new Date(), what: { did: "reacted", name } });

test.each([
  [wrote("ACK"), "answer"],
  [wrote("ok, 5 minutes"), "answer"],
  [wrote("Yes!"), "answer"],
  [wrote("0042"), "answer"],
  [wrote("INC-2026-0042 on my way"), "answer"],
  [wrote("#0042"), "answer"],
  [wrote("0043"), undefined],
  [wrote("acknowledging nothing"), undefined],
  [wrote("no"), undefined],
  [wrote("not ok"), undefined],
  [wrote("  "), undefined],
  [wrote("STOP"), "stop"],
  [wrote("unsubscribe."), "stop"],
  [wrote("stop the bots"), undefined],
  [reacted("white_check_mark"), "answer"],
  [reacted("+1::skin-tone-5"), "answer"],
  [reacted("eyes"), undefined],
] as const)("%j: %s", (heard, meaning) => {
  expect(meaningOf(heard, "INC-2026-0042")).toBe(meaning);
});

test("a text names an incident by its number, or the number's digits", () => {
  const both = ["INC-2026-0042", "INC-2026-0043"];
  expect(namedIn(wrote("ack 0043"), both)).toEqual(["INC-2026-0043"]);
  expect(namedIn(wrote("ack inc-2026-0042."), both)).toEqual(["INC-2026-0042"]);
  expect(namedIn(wrote("ack"), both)).toEqual([]);
});
