import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { show } from "../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { contents, explained, meant, namesBelow, type Explained } from "../../app/explain/explain.ts";
import type { KindText } from "../../app/explain/kind-text.ts";
import type { ArgumentRow } from "../../app/explain/shape-words.ts";
import { wrapLine } from "../../output/wrap.ts";

/** Columns of a page where nobody says how wide it is. */
const pageWidth = 100;

/** `lav-ir explain WORD`: what a kind, a key or a function is, as the reference has it; without a word what there is. */
export function explain(world: World, options: GlobalOptions, word: string | undefined): number {
  const { stdout } = world;
  const width = Math.min(pageWidth, stdout.isTTY === true ? (stdout.columns ?? pageWidth) : pageWidth);
  if (word === undefined) {
    const all = contents();
    const lines = Object.entries(all).flatMap(([what, names]) => [
      `${what}:`,
      ...wrapLine(names.join(", "), width - 2).map((line) => `  ${line}`),
      "",
    ]);
    show(world, options, [{ type: "explained", name: "", what: "contents", text: all }], () => [
      ...lines,
      "lav-ir explain NAME",
    ]);
    return 0;
  }
  const found = explained(word);
  const below = found.length === 0 ? namesBelow(word) : [];
  if (found.length === 0 && below.length === 0) {
    const near = meant(word);
    const hint = near === undefined ? "lav-ir explain lists all" : `did you mean ${near}?`;
    return refuse(world, options, refusal(`nothing is called ${word}; ${hint}`).failure);
  }
  const all = found.length === 0 ? below.flatMap((name) => explained(name)) : found;
  show(
    world,
    options,
    all.map(({ what, name, text }) => ({ type: "explained" as const, what, name, text })),
    () =>
      found.length === 0
        ? all.map(shortLine)
        : all.flatMap((one, at) => [...(at === 0 ? [] : [""]), ...page(one, width)]),
  );
  return 0;
}

function shortLine(one: Explained): string {
  return `${one.name.padEnd(24)} ${one.what === "kind" ? one.text.summary : one.what === "function" ? one.text.gives : ""}`.trimEnd();
}

function page(one: Explained, width: number): readonly string[] {
  switch (one.what) {
    case "kind":
      return kindPage(one.text, width);
    case "function": {
      const [text, value] = one.text.example;
      return [
        `${one.name}, a function of expressions`,
        "",
        `  ${one.text.written}`,
        "",
        ...wrapLine(`${one.text.gives}.`, width),
        "",
        `  ${text}   is ${value}`,
      ];
    }
    case "key":
      return one.text.flatMap(({ of, doc, otherwise, parts = [] }, at) => [
        ...(at === 0 ? [] : [""]),
        `${one.name}, a key of ${of}`,
        "",
        ...wrapLine(otherwise === undefined ? doc : `${doc} Default: ${otherwise}.`, width),
        ...partLines(parts, width),
      ]);
    case "name":
      return [
        `${one.name}, a name in expressions`,
        "",
        ...one.text.flatMap(({ written, type, seen, doc, values }) =>
          entry(
            `${written}: ${type}`,
            `${doc}. Seen ${seen}.${values === undefined ? "" : ` One of ${values.join(", ")}.`}`,
            width,
          ),
        ),
      ];
    case "word":
      return [one.name, "", ...wrapLine(`${one.text.doc}.`, width), ...partLines(one.text.parts, width)];
    case "rule":
      return [`${one.name}, a rule of lint`, "", ...wrapLine(`${one.text}.`, width)];
  }
}

/** What a word has below it: keys with what they take, or names alone. */
function partLines(parts: readonly ArgumentRow[], width: number): readonly string[] {
  return parts.length === 0 ? [] : ["", ...parts.flatMap((row) => rowLines(row, width))];
}

function rowLines({ name, takes, otherwise, doc }: ArgumentRow, width: number): readonly string[] {
  if (takes === "") return entry(name, doc, width);
  return entry(`${name}: ${takes}${otherwise === undefined ? "" : `  (default: ${otherwise})`}`, doc, width);
}

function entry(head: string, text: string, width: number): readonly string[] {
  return [`  ${head}`, ...wrapLine(text, width - 6).map((line) => `      ${line}`)];
}

function kindPage(
  { name, summary, written, doc, args, outputs, facts }: KindText,
  width: number,
): readonly string[] {
  const part = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", title, ...lines];
  return [
    `${name}: ${summary}`,
    "",
    `  - ${written}`,
    ...doc.split("\n\n").flatMap((paragraph) => ["", ...wrapLine(paragraph, width)]),
    "",
    ...facts.flatMap((fact) => wrapLine(fact, width)),
    ...part(
      "Arguments",
      args.flatMap((row) => rowLines(row, width)),
    ),
    ...part(
      "Outputs",
      outputs.flatMap(({ name: output, type, doc: says }) => entry(`${output}: ${type}`, says, width)),
    ),
  ];
}
