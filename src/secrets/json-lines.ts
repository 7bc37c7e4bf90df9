/**
 * Lines that were JSON stay JSON: one that redaction broke is redacted again in another way.
 * @param clean the same text without its secrets; lines that a secret took together are left as they are.
 */
export function stillJson(text: string, clean: string, again: (line: string) => string): string {
  let mended = "";
  let done = 0;
  const [was, is] = [new Lines(text), new Lines(clean)];
  for (let at = clean.indexOf(taken); at !== -1; at = clean.indexOf(taken, at + 1)) {
    // A text has thousands of lines, and few of them lose something.
    const start = clean.lastIndexOf("\n", at) + 1;
    opening.lastIndex = start;
    if (start < done || !opening.test(clean)) continue;
    was.forth(is.to(start));
    const [before, line] = [was.line(), is.line()];
    at = start + line.length - 1;
    if (line === before || isJson(line) || !isJson(before)) continue;
    mended += clean.slice(done, start) + again(before);
    done = start + line.length;
  }
  if (done === 0 || was.to(text.length + 1) !== is.to(clean.length + 1)) return clean;
  return mended + clean.slice(done);
}

/** What each token begins with. */
const taken = "‹";
/** What a line of JSON begins with, or what stands in its place. */
const opening = /[ \t]*[[{"‹]/y;

/** Goes through the lines of a text. */
class Lines {
  private start = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Goes on to the line that begins there, or to the last. @returns over how many lines. */
  to(start: number): number {
    let lines = 0;
    while (this.start < start && this.next()) lines++;
    return lines;
  }

  forth(lines: number): void {
    for (let left = lines; left > 0; left--) this.next();
  }

  line(): string {
    return this.text.slice(this.start, this.end());
  }

  private next(): boolean {
    const end = this.end();
    if (end === this.text.length) return false;
    this.start = end + 1;
    return true;
  }

  private end(): number {
    const end = this.text.indexOf("\n", this.start);
    return end === -1 ? this.text.length : end;
  }
}

function isJson(line: string): boolean {
  opening.lastIndex = 0;
  if (!opening.test(line)) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
