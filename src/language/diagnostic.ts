import { printable } from "../base/printable.ts";
import { lineText, positionOf, type Source, type Span } from "./source.ts";

/** What a problem is about, for programs that sort them: `lint --json` and SARIF. */
export const ruleSentences = {
  syntax: "The file is not the YAML that is read here",
  key: "A key is unknown, missing or there twice",
  value: "A value is not what its key takes",
  expression: "An expression or a template cannot be computed",
  structure: "Steps, rungs and ids do not fit together",
  name: "Something is named that the platform file does not have",
  order: "Sections run in an order that is not the file's",
  timeout: "The run is over before its parts are",
  unused: "Something is given or kept, and nothing reads it",
  spelling: "What is written has a newer spelling",
} as const;
export type Rule = keyof typeof ruleSentences;

/** What `lint --fix` writes. */
export interface Fix {
  readonly span: Span;
  readonly text: string;
}

/** Something wrong in a file: what, where, and what to do about it. */
export interface Diagnostic {
  readonly message: string;
  readonly source: Source;
  readonly span: Span;
  /** What to do; one sentence. */
  readonly hint?: string;
  /** What ends it, where that is certain. */
  readonly fix?: Fix;
  /** `value` where it is not given. */
  readonly rule?: Rule;
  /** It may be meant: told by lint, refused by nothing. */
  readonly warning?: true;
  /** Other places that belong to it: the first definition of a duplicate, the way round a cycle. */
  readonly related?: readonly { readonly message: string; readonly span: Span }[];
}

/** A diagnostic as a program reads it. Lines and columns count from 1; a column is a UTF-16 unit. */
export interface Problem {
  readonly rule: Rule;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where it ends: the place behind its last character. */
  readonly end_line: number;
  readonly end_column: number;
  /** One line, which holds no password and nothing that could steer a terminal. */
  readonly message: string;
  readonly hint?: string;
}

export function problemOf({ source, span, message, hint, rule = "value" }: Diagnostic): Problem {
  const said = (text: string): string => printable(masked(visible(oneLine(text))));
  const { line, column } = positionOf(source, span.start);
  const end = positionOf(source, Math.max(span.start, span.end));
  return {
    rule,
    file: source.path,
    line,
    column,
    end_line: end.line,
    end_column: end.column,
    message: said(message),
    ...(hint === undefined ? {} : { hint: said(hint) }),
  };
}

/** `file:line:column: message`, a frame of the line with a caret, and the hint. */
export function diagnosticText(diagnostic: Diagnostic): string {
  const grade = diagnostic.warning === true ? "warning: " : "";
  const lines = [
    `${place(diagnostic.source, diagnostic.span)}: ${grade}${visible(oneLine(diagnostic.message))}`,
  ];
  lines.push(...frame(diagnostic.source, diagnostic.span));
  for (const related of diagnostic.related ?? []) {
    lines.push(`${place(diagnostic.source, related.span)}: ${related.message}`);
    lines.push(...frame(diagnostic.source, related.span));
  }
  if (diagnostic.hint !== undefined) lines.push(`  ${diagnostic.hint}`);
  // Texts of the file stand in the message and the frame, and may hold anything.
  return printable(masked(lines.join("\n")));
}

/** A password in an address, dot for letter, so that a caret stays where it points. */
function masked(text: string): string {
  return text.replaceAll(
    /(:\/\/[^\s:@/]{0,200}:)([^\s/]+)(?=@)/g,
    (_all, before: string, password: string) => `${before}${"•".repeat(password.length)}`,
  );
}

/** A key or a value of the file may have many lines, and any length. */
function oneLine(message: string): string {
  const line = message.replaceAll(/\s*\n\s*/g, "⏎");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

const longest = 600;

export function place(source: Source, span: Span): string {
  const { line, column } = positionOf(source, span.start);
  return `${source.path}:${line}:${column}`;
}

const widest = 140;

function frame(source: Source, span: Span): string[] {
  const { line, column } = positionOf(source, span.start);
  const whole = lineText(source, line);
  // A very long line is cut around the place, so that the caret is always on the screen.
  const from = column > widest - 20 ? column - Math.floor(widest / 2) : 0;
  const shown = whole.slice(from, from + widest).replaceAll("\t", " ");
  const room = Math.max(1, shown.length - (column - 1 - from));
  const width = Math.min(Math.max(1, span.end - span.start), room);
  const gutter = String(line);
  return [
    `  ${gutter} | ${shown}`,
    `  ${" ".repeat(gutter.length)} | ${" ".repeat(column - 1 - from)}${"^".repeat(width)}`,
  ];
}

/** A name that begins with a space begins the message too; nobody would see what is wrong with it. */
function visible(message: string): string {
  return message.replace(/^\s+/, (gap) => "␣".repeat(gap.length));
}
