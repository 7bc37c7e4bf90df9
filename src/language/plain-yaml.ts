// Runbooks and platform files are written in a small part of YAML: maps and lists by indentation, `- key: value`, flow
// collections on one line, scalars on one line, and `|`. This reads that part, in a twentieth of the time that the whole
// parser takes, which is loaded for nothing then; of anything else it says that it does not know. It reports nothing and
// corrects nothing: what is wrong, and what is merely unusual (anchors, tags, tabs, a text over several lines, two equal
// keys), is for the whole parser to read or to refuse.
//
// What must not be broken: where it gives a tree, it is the one that the whole parser gives, spans included.
// test/language/plain-yaml.test.ts holds the two against each other, over every runbook there is and what becomes of
// them by random changes. To be in doubt is to give up.
//
// Where a collection ends, the parser says in its own way: behind the line of its last value, comment and newline
// included. Lines of comments behind it are between it and what follows, unless one of them is indented as it is and
// what follows is not: then they are its own, and what holds it ends behind them. What is indented deeper still would be
// of its last value; that is left to the parser.
import { bareScalar, innerOffset, spelling } from "./scalar.ts";
import type { Span } from "./source.ts";
import type { Entry, Node } from "./yaml.ts";

const mostNodes = 10_000;
const deepest = 32;
/** Control characters, tabs and other ends of lines among them. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const odd = /[\u0000-\u0009\u000b-\u001f\u007f\u0085\u2028\u2029\ufeff]/;
/** Of a key, with what must follow its colon. A longer one has rules of its own. */
const keyHere = /(\w(?:[\w.-]| (?=\w)){0,60}):(?=[ \n]|$)/y;
/** What a plain scalar begins with: no mark of YAML's; a hyphen only of a negative number. */
const begins = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=\d))/y;
const inFlow = /[^,[\]{}\n]*/y;
const inLine = /[^\n]*/y;
const doubled = /"(?:[^"\\\n]|\\["\\])*"/y;
const single = /'(?:[^'\n]|'')*'/y;

/** @returns the tree of a text, or undefined where any of it is not plain. */
export function readPlain(text: string): Node | undefined {
  return odd.test(text) ? undefined : new PlainReader(text).document();
}

class PlainReader {
  private readonly text: string;
  /** Where the content of the line begins that is next, and how far it is indented; -1 behind the last one. */
  private at = 0;
  private indent = -1;
  /** Behind the last value that was read, or its line. */
  private end = 0;
  /** How deep the comments before this line are indented; -1 where there are none. */
  private comment = -1;
  private nodes = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): Node | undefined {
    this.toLine(0);
    if (this.comment > 0) return undefined;
    const node = this.indent === 0 ? this.block(0, 1) : undefined;
    return this.at === this.text.length ? node : undefined;
  }

  /** Goes to the next line that is neither blank nor a comment. */
  private toLine(from: number): void {
    const { text } = this;
    this.comment = -1;
    this.at = text.length;
    this.indent = -1;
    for (let start = from; start < text.length;) {
      let at = start;
      while (text[at] === " ") at++;
      if (at === text.length) break;
      if (text[at] !== "\n" && text[at] !== "#") {
        this.at = at;
        this.indent = at - start;
        break;
      }
      if (text[at] === "#") this.comment = Math.max(this.comment, at - start);
      const next = text.indexOf("\n", at);
      start = next === -1 ? text.length : next + 1;
    }
  }

  /** From behind a value on. @returns whether the rest of its line is blank or a comment. */
  private endLine(from: number): boolean {
    const { text } = this;
    let at = from;
    while (text[at] === " ") at++;
    if (text[at] === "#" ? at === from : at < text.length && text[at] !== "\n") return false;
    const next = text.indexOf("\n", at);
    this.end = next === -1 ? text.length : next + 1;
    this.toLine(this.end);
    return true;
  }

  /** Where a collection ends that does not go on with this line. */
  private close(start: number, indent: number): Span | undefined {
    const span = { start, end: this.end };
    if (this.comment <= this.indent) return span;
    if (this.comment > indent) return undefined;
    if (indent > 0 && this.comment === indent) {
      this.end = this.at;
      this.comment = -1;
    }
    return span;
  }

  private block(indent: number, depth: number): Node | undefined {
    if (depth > deepest || ++this.nodes > mostNodes) return undefined;
    return this.isItem() ? this.list(indent, depth) : this.map(indent, depth);
  }

  private isItem(): boolean {
    return this.text[this.at] === "-" && this.text[this.at + 1] === " ";
  }

  private list(indent: number, depth: number): Node | undefined {
    const items: Node[] = [];
    const start = this.at;
    while (this.indent === indent && this.isItem()) {
      let at = this.at + 1;
      while (this.text[at] === " ") at++;
      const column = indent + at - this.at;
      keyHere.lastIndex = at;
      const isMap = keyHere.test(this.text);
      this.at = at;
      this.indent = column;
      const item = isMap ? this.block(column, depth + 1) : this.value(indent, depth + 1);
      if (item === undefined || this.indent > indent) return undefined;
      items.push(item);
    }
    const span = this.close(start, indent);
    return span === undefined ? undefined : { type: "list", items, span };
  }

  private map(indent: number, depth: number): Node | undefined {
    const entries: Entry[] = [];
    const keys = new Set<string>();
    const start = this.at;
    while (this.indent === indent) {
      const key = this.key(this.at, keys);
      if (key === undefined) return undefined;
      const keySpan = { start: this.at, end: this.at + key.length };
      this.at = keySpan.end + 1;
      const value = this.under(indent, depth + 1);
      if (value === undefined || this.indent > indent) return undefined;
      entries.push({ key, keySpan, value });
    }
    const span = this.close(start, indent);
    return span === undefined ? undefined : { type: "map", entries, span };
  }

  /** A key that the map does not have yet. */
  private key(at: number, keys: Set<string>): string | undefined {
    keyHere.lastIndex = at;
    const key = keyHere.exec(this.text)?.[1];
    if (key === undefined || bareScalar(key) !== key || keys.has(key)) return undefined;
    keys.add(key);
    return key;
  }

  /** What stands behind a key's colon, or on the lines below. */
  private under(indent: number, depth: number): Node | undefined {
    const from = this.at;
    this.blanks();
    const { at } = this;
    const sign = this.text[at];
    if (sign !== undefined && sign !== "\n" && sign !== "#") return this.value(indent, depth);
    if (!this.endLine(from)) return undefined;
    // A list may stand as far to the left as its key.
    const isBelow = this.indent > indent || (this.indent === indent && this.isItem());
    if (isBelow) return this.block(this.indent, depth);
    if (sign === "#" || this.comment !== -1) return undefined;
    this.end = at;
    return { type: "scalar", value: null, span: { start: at, end: at }, inner: undefined };
  }

  /** A value on the rest of a line. The next line is no part of it: whoever asks looks that it is not indented. */
  private value(indent: number, depth: number): Node | undefined {
    if (this.text[this.at] === "|") return this.literal(indent);
    const node = this.scalarOrFlow(inLine, depth);
    return node !== undefined && this.endLine(this.at) ? node : undefined;
  }

  private scalarOrFlow(rest: RegExp, depth: number): Node | undefined {
    if (depth > deepest || ++this.nodes > mostNodes) return undefined;
    const sign = this.text[this.at];
    if (sign === "[") return this.flow("]", depth);
    if (sign === "{") return this.flow("}", depth);
    if (sign === '"') return this.quoted(doubled, /\\(["\\])/g);
    return sign === "'" ? this.quoted(single, /'(')/g) : this.plain(rest);
  }

  private quoted(whole: RegExp, escape: RegExp): Node | undefined {
    whole.lastIndex = this.at;
    const [written] = whole.exec(this.text) ?? [];
    if (written === undefined) return undefined;
    return this.scalar(written.slice(1, -1).replaceAll(escape, "$1"), written.length);
  }

  private plain(rest: RegExp): Node | undefined {
    const { text, at } = this;
    begins.lastIndex = rest.lastIndex = at;
    if (!begins.test(text)) return undefined;
    const line = (rest.exec(text)?.[0] ?? "").replace(/ #.*$/u, "").replace(/ +$/, "");
    if (/: |:$/.test(line)) return undefined;
    const value = bareScalar(line);
    return value === undefined ? undefined : this.scalar(value, line.length);
  }

  private scalar(value: string | number | bigint | boolean | null, length: number): Node {
    const span = { start: this.at, end: this.at + length };
    this.at = span.end;
    const spelled = typeof value === "string" ? undefined : spelling(this.text, value, span);
    const inner = innerOffset(this.text, value, span);
    return { type: "scalar", value, span, inner, ...(spelled === undefined ? {} : { spelled }) };
  }

  /** A list or a map in brackets, on one line. */
  private flow(closing: "]" | "}", depth: number): Node | undefined {
    const start = this.at;
    const entries: Entry[] = [];
    const items: Node[] = [];
    const keys = new Set<string>();
    this.at++;
    this.blanks();
    while (this.text[this.at] !== closing) {
      if (items.length > 0) {
        if (this.text[this.at] !== ",") return undefined;
        this.at++;
        this.blanks();
      }
      const key = closing === "}" ? this.key(this.at, keys) : "";
      if (key === undefined) return undefined;
      const keySpan = { start: this.at, end: this.at + key.length };
      if (closing === "}") this.at += key.length + 1;
      this.blanks();
      const value = this.scalarOrFlow(inFlow, depth + 1);
      if (value === undefined) return undefined;
      items.push(value);
      entries.push({ key, keySpan, value });
      this.blanks();
    }
    this.at++;
    const span = { start, end: this.at };
    return closing === "}" ? { type: "map", entries, span } : { type: "list", items, span };
  }

  private blanks(): void {
    while (this.text[this.at] === " ") this.at++;
  }

  /** The lines below a `|`, without what they are indented by; a blank line among them has no blanks. */
  private literal(indent: number): Node | undefined {
    const { text, at: start } = this;
    if (++this.nodes > mostNodes || text[start + 1] !== "\n") return undefined;
    const first = /^ */.exec(text.slice(start + 2, start + 102))?.[0] ?? "";
    if (first.length <= indent) return undefined;
    const lines: string[] = [];
    let at = start + 2;
    let end = at;
    while (at < text.length) {
      const next = text.indexOf("\n", at);
      const line = text.slice(at, next === -1 ? text.length : next);
      if (line !== "" && !line.startsWith(first)) break;
      // Without an end of its own, the last line would have another value.
      if (next === -1 || /^ +$/.test(line)) return undefined;
      lines.push(line.slice(first.length));
      at = next + 1;
      if (line !== "") end = at;
    }
    const value = `${lines.join("\n").replace(/\n+$/, "")}\n`;
    const node = this.scalar(value, end - start);
    this.end = end;
    this.toLine(end);
    return lines[0] === "" ? undefined : node;
  }
}
