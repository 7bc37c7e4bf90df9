import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type ParsedNode,
  type Scalar,
} from "yaml";
import type { Diagnostic } from "./diagnostic.ts";
import type { Source, Span } from "./source.ts";

/** YAML as a tree in which every key and value knows where it stands. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly type: "scalar";
  readonly value: string | number | bigint | boolean | null;
  readonly span: Span;
  /** Offset in the source of the value's first character, when source and value are the same text. */
  readonly inner: number | undefined;
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

/** Parses one document of YAML 1.2. With any problem reported, the tree is undefined. */
export function parseYaml(source: Source): ParsedYaml {
  try {
    return parse(source);
  } catch (error) {
    // The parser descends by recursion: a file of ten thousand brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    const message = "the file is nested too deeply to be read";
    return { node: undefined, problems: [{ message, source, span: { start: 0, end: 1 } }] };
  }
}

interface ParsedYaml {
  readonly node: Node | undefined;
  readonly problems: readonly Diagnostic[];
}

function parse(source: Source): ParsedYaml {
  const document = parseDocument(source.text, { strict: true, uniqueKeys: true, intAsBigInt: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      source,
      span: { start: error.pos[0], end: Math.max(error.pos[0] + 1, error.pos[1]) },
      ...explain(error.code, error.message),
    }));
    return { node: undefined, problems: problems.slice(0, 5) };
  }
  const reader = new Reader(source, document);
  const node = document.contents === null ? undefined : reader.read(document.contents);
  return reader.problem === undefined
    ? { node, problems: [] }
    : { node: undefined, problems: [reader.problem] };
}

function explain(code: string, message: string): { message: string; hint?: string } {
  const first = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "").replace(/:$/, "");
  switch (code) {
    case "TAB_AS_INDENT":
      return { message: "a tab stands where YAML wants spaces", hint: "Indent with spaces." };
    case "MULTIPLE_DOCS":
      return {
        message: "a second document begins here; a file holds one",
        hint: "Put it in a file of its own, without the --- line.",
      };
    case "DUPLICATE_KEY":
      return { message: "this key stands twice in the same map", hint: "Remove or rename one of them." };
    default:
      return { message: first };
  }
}

class Reader {
  problem: Diagnostic | undefined;
  private count = 0;
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
        span,
        `the file stands for more than ${maxNodes} values`,
        "Are there anchors of anchors?",
      );
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document) as ParsedNode | undefined;
      if (target === undefined) return this.stop(span, `no anchor is named ${node.source}`);
      if (this.open.has(target)) return this.stop(span, `the anchor ${node.source} contains itself`);
      return this.read(target);
    }
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
      const entries = node.items.map((pair) => {
        const keySpan = { start: pair.key.range[0], end: pair.key.range[1] };
        const key = isScalar(pair.key) ? String(pair.key.value) : this.keyless(keySpan);
        return { key, keySpan, value: pair.value === null ? nothing(keySpan) : this.read(pair.value) };
      });
      return { type: "map", entries, span };
    }
    if (isScalar(node)) return this.scalar(node, span);
    return this.stop(span, "this is not a value");
  }

  private keyless(span: Span): string {
    this.stop(span, "a key must be plain text");
    return "";
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
      return { type: "scalar", value, span, inner: this.innerOffset(String(value), span) };
    }
    return this.stop(span, "only text, numbers, true, false and null can stand here");
  }

  private innerOffset(value: string, span: Span): number | undefined {
    for (const quote of [0, 1]) {
      if (this.source.text.startsWith(value, span.start + quote)) return span.start + quote;
    }
    return undefined;
  }

  private stop(span: Span, message: string, hint?: string): Node {
    this.problem ??= { message, source: this.source, span, ...(hint === undefined ? {} : { hint }) };
    return nothing(span);
  }
}

function nothing(span: Span): ScalarNode {
  return { type: "scalar", value: null, span, inner: undefined };
}
