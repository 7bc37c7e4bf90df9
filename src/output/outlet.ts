import { Writable } from "node:stream";
import { printable, printableJson, printableStyled } from "../base/printable.ts";
import { isOwnWord } from "../secrets/own-words.ts";

/** Standard output or standard error: a terminal, a pipe or a file. */
export interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  getColorDepth?(env?: object): number;
}

/** The one way of any text to a terminal: without secrets, and without anything that could steer one. */
export interface Outlet {
  /**
   * Hides further secrets from everything that is written from here on.
   * @param all hides beside them what merely looks like one.
   */
  hide(known: (text: string) => string, all?: (text: string) => string): void;
  /** A text that stays when the process has ended, without any of these. */
  readonly lasting: (text: string) => string;
  /** A text from anywhere, as it may be shown. */
  readonly clean: (text: string) => string;
  /** The same for a text that our own colours stand in. */
  readonly styled: (text: string) => string;
  /** stderr for what is drawn: what comes here was cleaned, and may move the cursor. */
  readonly canvas: Stream;
}

/**
 * Makes the process's own streams such that nothing else can be written to them: whoever holds one, a library
 * or the runtime, writes through it.
 */
export function createOutlet(stdout: Stream, stderr: Stream): Outlet {
  let hide = (text: string): string => text;
  let hideAll = hide;
  const styled = (text: string): string => printableStyled(hide(text));
  const shown = (text: string): string => (text.startsWith("{") ? machine(text, hide) : styled(text));
  const raw = stderr.write.bind(stderr) as Write;
  for (const stream of [stdout, stderr]) {
    const write = stream.write.bind(stream) as Write;
    const guarded: Write = (chunk, ...rest) => write(shown(textOf(chunk)), ...rest);
    Object.assign(stream, { write: guarded });
  }
  return {
    hide: (known, all = known) => {
      const [before, allBefore] = [hide, hideAll];
      // What knows more shapes of a secret comes before what knows fewer.
      hide = (text) => before(known(text));
      hideAll = (text) => allBefore(all(text));
    },
    lasting: (text) => hideAll(text),
    clean: (text) => printable(hide(text)),
    styled,
    canvas: new Canvas(stderr, raw),
  };
}

type Write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => boolean;

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
}

/** Lines of JSON: they stay JSON, a hidden number becomes a text, and what they are made of stays. */
function machine(text: string, hide: (text: string) => string): string {
  const lines = text.split("\n").map((line) => {
    const clean = hide(line);
    if (clean === line || !isJson(line)) return clean;
    const whole = withoutSecrets(line, hide);
    return isJson(whole) ? whole : clean;
  });
  return printableJson(lines.join("\n"));
}

/** By which a reader finds what a line is about; they are ours, and the runbook's. */
const ids: ReadonlySet<string> = new Set(["run", "step", "rung"]);

/** A line's strings one by one: its own words and ids are no secrets, though a secret be spelt like one. */
function withoutSecrets(line: string, hide: (text: string) => string): string {
  let depth = 0;
  let name = "";
  const parts = line.split(/("(?:[^"\\]|\\.)*")/);
  return parts
    .map((part, at) => {
      if (at % 2 === 0) {
        depth += part.replaceAll(/[^[{]/g, "").length - part.replaceAll(/[^\]}]/g, "").length;
        return hide(part).replaceAll(/‹secret[^›]*›/g, '"$&"');
      }
      const isName = /^\s*:/.test(parts[at + 1] ?? "");
      const isId = !isName && depth === 1 && ids.has(name);
      if (isName) name = part.slice(1, -1);
      return isId || isOwnWord(part.slice(1, -1)) ? part : hide(part);
    })
    .join("");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What drawing takes, beside colours: to move the cursor, to erase, to hide the cursor and show it, and the second screen. */
// oxlint-disable-next-line no-control-regex -- the sequences are what it is about
const drawing = /(\u001b\[(?:\d{0,4}(?:;\d{0,4})?[ABCDEFGHJK]|\?(?:25|1049)[hl])|\r)/;

class Canvas extends Writable implements Stream {
  /** A stream that is piped into this one does not end it. */
  readonly _isStdio = true;
  private readonly stream: Stream;
  private readonly raw: Write;

  constructor(stream: Stream, raw: Write) {
    super({ decodeStrings: false });
    this.stream = stream;
    this.raw = raw;
  }

  override _write(chunk: string | Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    const parts = textOf(chunk).split(drawing);
    this.raw(parts.map((part, at) => (at % 2 === 1 ? part : printableStyled(part))).join(""));
    done();
  }

  get isTTY(): boolean {
    return this.stream.isTTY === true;
  }

  /** A terminal that says 0 does not say. */
  get columns(): number {
    return this.stream.columns || 80;
  }

  get rows(): number {
    return this.stream.rows || 24;
  }
}
