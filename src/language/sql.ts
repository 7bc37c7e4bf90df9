/** A piece of SQL, with its place in the text. What stands between two of them is space. */
export type SqlToken = { readonly start: number; readonly end: number } & (
  | /** A name or keyword, folded to lower case as the server folds it. */
    { readonly type: "word"; readonly text: string }
  /** A quoted name, as it is. `escaped`: written U&"…", so that its letters are not to be trusted. */
  | { readonly type: "name"; readonly text: string; readonly escaped: boolean }
  | { readonly type: "string" }
  | { readonly type: "number" }
  /** `$1` is number 1. */
  | { readonly type: "placeholder"; readonly number: number }
  | { readonly type: "symbol"; readonly text: string }
  /** From its `--` to the end of the line, or between its outermost marks. `nested`: another one stands in it. */
  | {
      readonly type: "comment";
      readonly text: string;
      readonly kind: "line" | "block";
      readonly nested: boolean;
    }
);

/** A token before its place is known. */
type Read = SqlToken extends infer Token
  ? Token extends SqlToken
    ? Omit<Token, "start" | "end">
    : never
  : never;

/** The server's own: every other blank, such as U+00A0, is a letter of a name to it. */
const space = /[ \t\n\r\f\v]+/y;
const lineComment = /--[^\n\r]*/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const placeholder = /\$\d+/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\d[\w.]*/y;
/** A string goes on after a line break, by the same rules as its first part. */
const continued = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

/**
 * Reads SQL as a server with `standard_conforming_strings` does: what is shown, counted, checked and sent is told
 * apart by this alone. Never throws; what is never closed ends with the text.
 */
export function sqlTokens(sql: string): readonly SqlToken[] {
  return new Reader(sql).all();
}

class Reader {
  private readonly sql: string;
  private at = 0;

  constructor(sql: string) {
    this.sql = sql;
  }

  all(): readonly SqlToken[] {
    const found: SqlToken[] = [];
    while (this.at < this.sql.length) {
      if (this.match(space) !== undefined) continue;
      const start = this.at;
      const read = this.next();
      found.push({ ...read, start, end: this.at });
    }
    return found;
  }

  private next(): Read {
    const line = this.match(lineComment);
    if (line !== undefined) return { type: "comment", text: line.slice(2), kind: "line", nested: false };
    if (this.sql.startsWith("/*", this.at)) return this.blockComment();
    const dollars = this.match(dollarQuote);
    if (dollars !== undefined) {
      const end = this.sql.indexOf(dollars, this.at);
      this.at = end === -1 ? this.sql.length : end + dollars.length;
      return { type: "string" };
    }
    const bound = this.match(placeholder);
    if (bound !== undefined) return { type: "placeholder", number: Number(bound.slice(1)) };
    const letters = this.match(word);
    if (letters !== undefined) return this.lettered(letters);
    if (this.match(number) !== undefined) return { type: "number" };
    const symbol = this.sql[this.at++] ?? "";
    if (symbol === "'") return this.string(false);
    return symbol === '"' ? this.name(false) : { type: "symbol", text: symbol };
  }

  /** What begins with letters: a word, or a string or a name with a prefix. */
  private lettered(letters: string): Read {
    const prefix = letters.toLowerCase();
    if (/^[ebxn]$/.test(prefix) && this.sql[this.at] === "'") {
      this.at++;
      return this.string(prefix === "e");
    }
    const quote = /^&(['"])/.exec(this.sql.slice(this.at, this.at + 2))?.[1];
    if (prefix === "u" && quote !== undefined) {
      this.at += 2;
      return quote === "'" ? this.string(false) : this.name(true);
    }
    return { type: "word", text: prefix };
  }

  private string(backslash: boolean): Read {
    do this.at = this.quoteEnd("'", backslash);
    while (this.match(continued) !== undefined);
    return { type: "string" };
  }

  private name(escaped: boolean): Read {
    const start = this.at;
    this.at = this.quoteEnd('"', false);
    return { type: "name", text: this.sql.slice(start, this.at - 1).replaceAll('""', '"'), escaped };
  }

  /** The place after the closing quote. */
  private quoteEnd(quote: string, backslash: boolean): number {
    let here = this.at;
    while (here < this.sql.length) {
      const character = this.sql[here++];
      if (character === "\\" && backslash) here++;
      else if (character === quote) {
        if (this.sql[here] !== quote) return here;
        here++;
      }
    }
    return this.sql.length;
  }

  /** Comments nest. */
  private blockComment(): Read {
    const start = this.at + 2;
    let depth = 0;
    let deepest = 0;
    do {
      if (this.sql.startsWith("/*", this.at)) {
        deepest = Math.max(deepest, ++depth);
        this.at += 2;
      } else if (this.sql.startsWith("*/", this.at)) {
        depth--;
        this.at += 2;
      } else this.at++;
    } while (depth > 0 && this.at < this.sql.length);
    const text = this.sql.slice(start, depth > 0 ? this.at : this.at - 2);
    return { type: "comment", text, kind: "block", nested: deepest > 1 };
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.sql)?.[0];
    if (text !== undefined) this.at += text.length;
    return text;
  }
}
