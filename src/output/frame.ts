import { stripVTControlCharacters } from "node:util";
import { widthOf, wrapIndented } from "./wrap.ts";

/** The terminal that is drawn on. */
export interface Canvas {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** When this process may draw: not in the background, where the terminal is somebody else's. */
export interface Presence {
  foreground(): boolean;
  watch(watcher: { leaves(): void; returns(): void }): () => void;
}

/** A question: what stands above the line that is answered in, and that line with what was typed. */
export interface Asked {
  readonly head: string;
  readonly answered: string;
}

const nothing: Asked = { head: "", answered: "" };

const hide = "\u001b[?25l";
const show = "\u001b[?25h";
const usual = { columns: 80, rows: 24 };

export function columnsOf({ columns }: Canvas): number {
  return columns === undefined || columns <= 0 ? usual.columns : columns;
}

function rowsOf({ rows }: Canvas): number {
  return rows === undefined || rows <= 0 ? usual.rows : rows;
}

/**
 * A text at the end of the terminal that is drawn again in its place as it changes. It never takes more rows
 * than the terminal has, whose size may change meanwhile. A question that does not fit is written once, above,
 * where it can be scrolled to; the line that is answered in is what is drawn.
 */
export class Frame {
  private readonly canvas: Canvas;
  private readonly clean: (text: string) => string;
  private readonly presence: Presence;
  private readonly unwatch: () => void;
  /** What was drawn last, as lines of the width they were drawn at. */
  private drawn: readonly string[] = [];
  /** The question that was written above. */
  private above = "";

  /** @param clean makes of a text one that a terminal may be given, colours and all. */
  constructor(canvas: Canvas, clean: (text: string) => string, presence: Presence) {
    this.canvas = canvas;
    this.clean = clean;
    this.presence = presence;
    this.unwatch = presence.watch({
      leaves: () => {
        this.drawn = [];
        this.write(show);
      },
      returns: () => {
        this.drawn = [];
        this.above = "";
        this.write(hide);
      },
    });
  }

  draw(text: string, { head, answered }: Asked = nothing): void {
    if (!this.presence.foreground()) return;
    const columns = columnsOf(this.canvas);
    const most = Math.max(1, rowsOf(this.canvas) - 1);
    const answer = this.wrapped(answered, columns);
    let question: readonly string[] = [...this.wrapped(head, columns), ...answer];
    if (question.length > most) {
      this.writeAbove(head);
      question = answer;
    }
    const gap = question.length === 0 ? [] : ["", ...question];
    // What is asked stands last: it is what stays.
    const lines = [...this.wrapped(text, columns), ...gap].slice(-most);
    if (lines.length === this.drawn.length && lines.every((line, at) => line === this.drawn[at])) return;
    this.write(`${this.erasing(columns)}${lines.map((line) => `${line}\n`).join("")}`);
    this.drawn = lines;
  }

  clear(): void {
    if (!this.presence.foreground()) return;
    this.write(this.erasing(columnsOf(this.canvas)));
    this.drawn = [];
  }

  /** It is not drawn any more. */
  done(): void {
    this.unwatch();
    if (this.presence.foreground()) this.write(show);
  }

  private writeAbove(head: string): void {
    if (head === this.above) return;
    this.clear();
    this.write(`${this.clean(head)}\n`);
    this.above = head;
  }

  private write(text: string): void {
    this.canvas.write(text);
  }

  private wrapped(text: string, columns: number): readonly string[] {
    return text === ""
      ? []
      : this.clean(text)
          .split("\n")
          .flatMap((line) => wrapIndented(line, columns));
  }

  /** Goes up over what was drawn; a terminal that became narrower has broken its lines anew. */
  private erasing(columns: number): string {
    const rows = this.drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns)),
      0,
    );
    const up = Math.min(rows, rowsOf(this.canvas) - 1);
    return up <= 0 ? "\r" : `\r\u001b[${up}A\u001b[J`;
  }
}
