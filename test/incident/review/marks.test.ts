import fc from "fast-check";
import { expect, test } from "vitest";
import { blockNames } from "../../../src/incident/review/blocks.ts";
import { newReview, regenerated, staleBlocks } from "../../../src/incident/review/document.ts";
import { piecesOf } from "../../../src/incident/review/marks.ts";
import { declared, Desks } from "../chains.ts";
import { modelOf } from "./review-of.ts";

const desks = new Desks();
desks.write("ny1", 0, "incident.declared", declared());
const before = modelOf(desks.records);
desks.write("ny1", 5, "incident.note", { text: "gateway restarted" });
desks.write("ny1", 9, "incident.resolved", { message: "over" });
const after = modelOf(desks.records);
const file = newReview(before);

function lineOf(text: string): number {
  return file.split("\n").findIndex((line) => line.startsWith(text)) + 1;
}

test("people's bytes survive, whatever they are and wherever they stand; the parts are made anew", () => {
  const lines = file.split(/(?<=\n)/);
  const pieces = piecesOf(file);
  const own = pieces.ok ? pieces.value.filter(({ is }) => is === "human") : [];
  expect(own.length).toBeGreaterThan(5);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(lines.length), fc.uint8Array({ maxLength: 40 })), { maxLength: 6 }),
      (typed) => {
        let open = false;
        const text = lines
          .flatMap((line, at) => {
            const here = open
              ? []
              : typed
                  .filter(([place]) => place === at)
                  .map(([, bytes]) => `${Buffer.from(bytes).toString("latin1")}\n`);
            if (/^<!-- \/?lav-ir/.test(line)) open = !open;
            return [...here, line];
          })
          .join("");
        const made = regenerated(after, text);
        if (!made.ok) throw new Error(made.failure.message);
        const [was, is] = [piecesOf(text), piecesOf(made.value)];
        if (!was.ok || !is.ok) throw new Error("it does not read");
        const human = (all: typeof was.value): readonly string[] =>
          all.flatMap((one) => (one.is === "human" ? [one.bytes] : []));
        expect(human(is.value)).toEqual(human(was.value));
        expect(staleBlocks(after, is.value)).toEqual([]);
        expect(regenerated(after, made.value)).toEqual(made);
      },
    ),
  );
});

test("a file with the line ends of another system, and one without the last, are kept as they are", () => {
  const windows = file.replaceAll("\n", "\r\n");
  const made = regenerated(before, windows);
  expect(made.ok && made.value.startsWith("# Post-Incident Review: INC-2026-0042\r\n\r\n")).toBe(true);
  const cut = file.trimEnd();
  expect(regenerated(before, cut)).toEqual({ ok: true, value: cut });
});

const summary = lineOf("<!-- lav-ir summary");
const end = lineOf("<!-- /lav-ir summary");

test.each([
  [
    "a mark that does not end",
    (all: string[]) => all.filter((_, at) => at !== end - 1),
    lineOf("<!-- lav-ir not-known") - 1,
    "a mark inside part summary",
  ],
  [
    "a mark that does not begin",
    (all: string[]) => all.filter((_, at) => at !== summary - 1),
    end - 1,
    "the end of a part that never began",
  ],
  [
    "a mark that was changed",
    (all: string[]) => all.map((line) => line.replace("<!-- lav-ir summary", "<!-- lav-ir sumary")),
    summary,
    "unknown part sumary",
  ],
  [
    "a mark with something behind it",
    (all: string[]) => all.map((line, at) => (at === summary - 1 ? `${line} x` : line)),
    summary,
    "this mark is broken",
  ],
  [
    "a part that stands there twice",
    (all: string[]) => [...all, ...all.slice(summary - 1, end)],
    undefined,
    "the part summary occurs twice",
  ],
  [
    "a text typed into a part",
    (all: string[]) => all.map((line, at) => (at === summary ? `${line} and more` : line)),
    summary,
    "the part summary was changed by hand",
  ],
  [
    "a file that ends in a part",
    (all: string[]) => all.slice(0, end - 1),
    summary,
    "the part summary does not end",
  ],
  ["a file that is not ours", () => ["# Our own review", "", "text"], 1, "not a lav-ir review"],
  ["an empty file", () => [""], 1, "not a lav-ir review"],
])("%s is refused with its line", (_what, change, line, message) => {
  const made = regenerated(before, change(file.split("\n")).join("\n"));
  expect(made).toMatchObject({ ok: false, failure: { message: expect.stringContaining(message) } });
  if (line !== undefined) expect(made).toMatchObject({ failure: { line } });
});

test("a part that was taken out whole, or that is new in this version, comes back at the end", () => {
  const lines = file.split("\n");
  const without = [...lines.slice(0, summary - 1), ...lines.slice(end)].join("\n");
  const made = regenerated(before, without);
  const pieces = made.ok ? piecesOf(made.value) : made;
  if (!pieces.ok) throw new Error(pieces.failure.message);
  const names = pieces.value.flatMap((one) => (one.is === "block" ? [one.name] : []));
  expect(names).toEqual([...blockNames.filter((name) => name !== "summary"), "summary"]);
  expect(made.ok && made.value.startsWith(without)).toBe(true);
});
