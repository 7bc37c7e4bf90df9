import type { Canvas, Presence } from "./frame.ts";

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clear = "\u001b[2J";
const toLineEnd = "\u001b[K";
const below = "\u001b[J";
const shownCursor = "\u001b[?25h";
const hiddenCursor = "\u001b[?25l";

/**
 * The whole of a terminal, on its second screen: what stood there before is there again afterwards. Nothing scrolls.
 * A process in the background draws nothing, and one that is stopped leaves the terminal as it was.
 */
export class FullScreen {
  private readonly canvas: Canvas;
  private readonly clean: (text: string) => string;
  private readonly presence: Presence;
  private readonly unwatch: () => void;

  /** @param clean makes of a text one that a terminal may be given @param returned it has to be drawn anew */
  constructor(canvas: Canvas, clean: (text: string) => string, presence: Presence, returned: () => void) {
    this.canvas = canvas;
    this.clean = clean;
    this.presence = presence;
    this.canvas.write(enter + home + clear);
    this.unwatch = presence.watch({
      leaves: () => void this.canvas.write(leave),
      returns: () => {
        this.canvas.write(enter + home + clear);
        returned();
      },
    });
  }

  /** Columns and rows that there are now. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.canvas;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  draw(lines: readonly string[]): void {
    if (!this.presence.foreground()) return;
    const { rows } = this.size;
    const shown = lines.slice(0, rows).map((line) => `${this.clean(line)}${toLineEnd}`);
    // No line end behind the last one: it would scroll.
    this.canvas.write(`${home}${shown.join("\r\n")}${below}`);
  }

  /** A question is asked on an empty screen below these lines, with a cursor. */
  async asking<T>(lines: readonly string[], ask: () => Promise<T>): Promise<T> {
    this.draw(lines);
    this.canvas.write(`\r\n${shownCursor}`);
    try {
      return await ask();
    } finally {
      this.canvas.write(`${hiddenCursor}${home}${clear}`);
    }
  }

  leave(): void {
    this.unwatch();
    if (this.presence.foreground()) this.canvas.write(leave);
  }
}
