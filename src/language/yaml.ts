import {
  type YAMLError,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Pair,
  type ParsedNode,
  type Scalar,
} from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import { innerOffset, lostSpelling, spelling } from "./scalar.ts";
import type { Source, Span } from "./source.ts";
import { trapAt } from "./yaml-traps.ts";

/** YAML as a tree in which every key and value knows where it stands. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly type: "scalar";
  readonly value: string | number | bigint | boolean | null;
  readonly span: Span;
  /** Offset in the source of the value's first character, when source and value are the same text. */
  readonly inner: number | undefined;
  /** How a number, true, false or null is written, where the value has another spelling: `1.10`, `0123`, `6e4`. */
  readonly spelled?: string;
}

export interface ListNode {
  readonly type: "list";
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface MapNode {
  readonly type: "map";
  readonly entries: readonly Entry[];
  readonly span: Span;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Node;
}

/** Nodes after aliases are followed: a few lines of anchors can otherwise stand for billions. */
const maxNodes = 20_000;
/** What reads the tree descends by recursion. */
const maxDepth = 64;
const tooDeep = "the file is nested too deeply to be read";

/** YAML has no place for control characters, and the parser does not mind them. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Parses one document of YAML 1.2. With any problem reported, the tree is undefined. */
export function parseYaml(source: Source): ParsedYaml {
  try {
    return parse(source);
  } catch (error) {
    // The parser descends by recursion: a file of ten thousand brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    return nestedTooDeeply(source);
  }
}

/** Where it went too deep depends on the stack there was: no place is named. */
function nestedTooDeeply(source: Source): ParsedYaml {
  return {
    node: undefined,
    problems: [{ message: tooDeep, source, span: { start: 0, end: 0 }, rule: "syntax" }],
  };
}

export interface ParsedYaml {
  readonly node: Node | undefined;
  readonly problems: readonly Diagnostic[];
}

function parse(source: Source): ParsedYaml {
  const at = source.text.search(control);
  if (at !== -1) {
    const code = (source.text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    const message = `this is a control character (U+${code}), so this is not a text file`;
    return {
      node: undefined,
      problems: [{ message, source, span: { start: at, end: at + 1 }, rule: "syntax" }],
    };
  }
  // The parser compares every key with every other: with many keys that takes minutes. The reader looks.
  const document = parseDocument(source.text, { strict: true, uniqueKeys: false, intAsBigInt: true });
  const found = [...document.errors, ...document.warnings];
  if (found.some(({ code }) => code === "RESOURCE_EXHAUSTION")) return nestedTooDeeply(source);
  if (found.length > 0) {
    return { node: undefined, problems: syntaxProblems(source, found.slice(0, 5)) };
  }
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== "1.2") {
    const message = `this file declares YAML ${version}, in which yes and 010 are other values`;
    const hint = "Remove the %YAML line: files are read as YAML 1.2.";
    const span = { start: 0, end: source.text.indexOf("\n") };
    return { node: undefined, problems: [{ message, source, span, hint, rule: "syntax" }] };
  }
  const reader = new Reader(source, document);
  const node = document.contents === null ? undefined : reader.read(document.contents);
  return reader.problem === undefined
    ? { node, problems: [] }
    : { node: undefined, problems: [reader.problem] };
}

function syntaxProblems(source: Source, errors: readonly YAMLError[]): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const length = source.text.length;
  for (const { code, message, pos } of errors) {
    const trap = trapAt(source.text, code, message, pos[0]);
    const span = {
      start: Math.min(pos[0], length),
      end: Math.min(Math.max(pos[0] + 1, pos[1]), length),
    };
    if (trap === undefined) problems.push({ source, rule: "syntax", span, ...explain(code, message) });
    else {
      const { last, ...said } = trap;
      problems.push({ source, rule: "syntax", ...said });
      if (last) break;
    }
  }
  return problems;
}

function explain(code: string, message: string): { message: string; hint?: string } {
  const first = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "").replace(/:$/, "");
  switch (code) {
    case "TAB_AS_INDENT":
      return { message: "a tab where YAML wants spaces", hint: "Indent with spaces." };
    case "MULTIPLE_DOCS":
      return {
        message: "a second document begins here; a file contains one",
        hint: "Put it in a file of its own, without the --- line.",
      };
    case "MISSING_CHAR":
      return {
        message: first.replace(/^Missing closing (.)quote$/, "a text that begins with $1 is never closed"),
      };
    case "TAG_RESOLVE_FAILED":
      return {
        message: "tags such as !this mean nothing here",
        hint: "Remove it, or put the text in quotes.",
      };
    default:
      return { message: first };
  }
}

class Reader {
  problem: Diagnostic | undefined;
  private count = 0;
  /** The outermost alias that is being followed: where a person looks first. */
  private via: Span | undefined;
  private readonly source: Source;
  private readonly document: Document.Parsed;
  private readonly open = new Set<ParsedNode>();

  constructor(source: Source, document: Document.Parsed) {
    this.source = source;
    this.document = document;
  }

  read(node: ParsedNode): Node {
    const span = { start: node.range[0], end: node.range[1] };
    this.count++;
    if (this.problem !== undefined) return nothing(span);
    if (this.count > maxNodes) {
      return this.stop(
        this.via ?? span,
        `the file expands to more than ${maxNodes} values`,
        "Are there anchors of anchors?",
      );
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document) as ParsedNode | undefined;
      if (target === undefined) return this.stop(span, `unknown anchor ${node.source}`);
      if (this.open.has(target)) return this.stop(span, `the anchor ${node.source} contains itself`);
      this.via ??= span;
      const followed = this.read(target);
      if (this.via === span) this.via = undefined;
      return followed;
    }
    if (this.open.size >= maxDepth) return this.stop(span, tooDeep);
    this.open.add(node);
    const read = this.readOpen(node, span);
    this.open.delete(node);
    return read;
  }

  private readOpen(node: ParsedNode, span: Span): Node {
    if (isSeq<ParsedNode>(node)) {
      return { type: "list", items: node.items.map((item) => this.read(item)), span };
    }
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      return { type: "map", entries: this.entries(node.items), span };
    }
    if (isScalar(node)) return this.scalar(node, span);
    return this.stop(span, "this is not a value");
  }

  private entries(pairs: readonly Pair<ParsedNode, ParsedNode | null>[]): readonly Entry[] {
    const seen = new Map<string, Span>();
    return pairs.map((pair) => {
      const keySpan = { start: pair.key.range[0], end: pair.key.range[1] };
      const key = keyText(pair.key);
      if (key === "") this.stop(keySpan, "a key must be plain text");
      this.sameSpelling(pair.key, keySpan);
      if (key === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") {
        this.stop(
          keySpan,
          "merge keys (<<) are not supported",
          "Write the keys out; for a text of two signs, put it in quotes.",
        );
      }
      const first = seen.get(key);
      if (first !== undefined) {
        this.stop(keySpan, `duplicate key ${key}`, "Remove or rename one of them.", first);
      }
      seen.set(key, keySpan);
      return { key, keySpan, value: pair.value === null ? nothing(keySpan) : this.read(pair.value) };
    });
  }

  /** A key is text: one that is read as a number would be another text. */
  private sameSpelling(key: ParsedNode, span: Span): void {
    const value: unknown = isScalar(key) && key.tag === undefined ? key.value : undefined;
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") return;
    const spelled = spelling(this.source.text, value, span);
    if (spelled === undefined) return;
    const { message, hint } = lostSpelling(spelled, value);
    this.stop(span, message, hint);
  }

  private scalar(node: Scalar.Parsed, span: Span): Node {
    const value: unknown = node.value;
    if (
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "bigint" ||
      typeof value === "boolean" ||
      value === null
    ) {
      const inner = innerOffset(this.source.text, value, span);
      const spelled = typeof value === "string" ? undefined : spelling(this.source.text, value, span);
      return { type: "scalar", value, span, inner, ...(spelled === undefined ? {} : { spelled }) };
    }
    return this.stop(span, "only text, numbers, true, false and null are allowed here");
  }

  private stop(span: Span, message: string, hint?: string, first?: Span): Node {
    this.problem ??= {
      message,
      source: this.source,
      span,
      rule: first === undefined ? "syntax" : "key",
      ...(hint === undefined ? {} : { hint }),
      ...(first === undefined ? {} : { related: [{ message: "the first one", span: first }] }),
    };
    return nothing(span);
  }
}

/** "" for what cannot be a key. */
function keyText(key: ParsedNode): string {
  const value: unknown = isScalar(key) ? key.value : undefined;
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  const text = plain || typeof value === "boolean" ? String(value) : "";
  return text.trim() === "" ? "" : text;
}

function nothing(span: Span): ScalarNode {
  return { type: "scalar", value: null, span, inner: undefined };
}
