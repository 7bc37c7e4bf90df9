/** What matters of a SQL text to tell which functions it calls: no string, comment or dollar quote is among them. */
export type Token =
  /** A name or keyword, folded to lower case as the server folds it. */
  | { readonly type: "word"; readonly text: string }
  /** A quoted name, as it is. `escaped`: written U&"…", so that its letters are not to be trusted. */
  | { readonly type: "name"; readonly text: string; readonly escaped: boolean }
  | { readonly type: "string" }
  | { readonly type: "symbol"; readonly text: string };

const space = /\s+/y;
const lineComment = /--[^\n\r]*/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\d[\w.]*/y;
/** A string goes on after a line break, by the same rules as its first part. */
const continued = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:\s|--[^\n\r]*[\n\r])*'/y;

/** Reads SQL as a server with `standard_conforming_strings` does. Never throws; what is never closed ends with the text. */
export function tokens(sql: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) at += text.length;
    return text;
  };
  const string = (backslash: boolean): void => {
    do at = quoteEnd(sql, at, "'", backslash);
    while (match(continued) !== undefined);
    found.push({ type: "string" });
  };
  const name = (escaped: boolean): void => {
    const start = at;
    at = quoteEnd(sql, at, '"', false);
    found.push({ type: "name", text: sql.slice(start, at - 1).replaceAll('""', '"'), escaped });
  };
  while (at < sql.length) {
    if (match(space) !== undefined || match(lineComment) !== undefined) continue;
    if (sql.startsWith("/*", at)) {
      at = commentEnd(sql, at);
      continue;
    }
    const dollars = match(dollarQuote);
    if (dollars !== undefined) {
      const end = sql.indexOf(dollars, at);
      at = end === -1 ? sql.length : end + dollars.length;
      found.push({ type: "string" });
      continue;
    }
    const letters = match(word);
    if (letters !== undefined) {
      if (/^[ebxn]$/i.test(letters) && sql[at] === "'") {
        at++;
        string(/^e$/i.test(letters));
      } else if (/^u$/i.test(letters) && /^&['"]/.test(sql.slice(at, at + 2))) {
        const quote = sql[at + 1];
        at += 2;
        if (quote === "'") string(false);
        else name(true);
      } else {
        found.push({ type: "word", text: letters.toLowerCase() });
      }
      continue;
    }
    if (match(number) !== undefined) continue;
    const symbol = sql[at++] ?? "";
    if (symbol === "'") string(false);
    else if (symbol === '"') name(false);
    else found.push({ type: "symbol", text: symbol });
  }
  return found;
}

/** @param at after the opening quote. @returns the place after the closing one. */
function quoteEnd(sql: string, at: number, quote: string, backslash: boolean): number {
  let here = at;
  while (here < sql.length) {
    const character = sql[here++];
    if (character === "\\" && backslash) here++;
    else if (character === quote) {
      if (sql[here] !== quote) return here;
      here++;
    }
  }
  return sql.length;
}

/** Comments nest. */
function commentEnd(sql: string, at: number): number {
  let depth = 0;
  let here = at;
  do {
    if (sql.startsWith("/*", here)) {
      depth++;
      here += 2;
    } else if (sql.startsWith("*/", here)) {
      depth--;
      here += 2;
    } else here++;
  } while (depth > 0 && here < sql.length);
  return here;
}
