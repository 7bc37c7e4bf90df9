import { LiveText } from "../secrets/live-text.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Live } from "./task-view.ts";

/** From a piece to a look at it, in milliseconds. */
const shortestPause = 200;
/** A look is followed by so many times as long without one: a program that floods us is read, not watched. */
const rest = 20;

/** Shows what one program writes while it runs. Keeps the newest of it alone, and never waits for anybody. */
export class LiveOutput {
  private readonly live: Live;
  private readonly texts: ReadonlyMap<"stdout" | "stderr", LiveText>;
  private newest: LiveText | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pause = shortestPause;
  private ended = false;

  constructor(live: Live, redactor: Redactor) {
    this.live = live;
    this.texts = new Map([
      ["stdout", new LiveText(redactor)],
      ["stderr", new LiveText(redactor)],
    ]);
  }

  readonly hear = (piece: Uint8Array, stream: "stdout" | "stderr"): void => {
    if (this.ended) return;
    this.newest = this.texts.get(stream);
    this.newest?.add(piece);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const begun = performance.now();
      this.look();
      this.pause = Math.max(shortestPause, rest * (performance.now() - begun));
    }, this.pause);
  };

  /** What is written from here on is not shown. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    if (this.live.shows === "newest") return;
    for (const text of this.texts.values()) text.end();
    this.look();
  }

  private look(): void {
    switch (this.live.shows) {
      case "newest": {
        const lines = this.newest?.newest(this.live.lines) ?? [];
        if (lines.length > 0) this.live.show(lines);
        return;
      }
      case "every":
        for (const text of this.texts.values()) {
          const fresh = text.fresh();
          if (fresh.lines.length > 0 || fresh.leftOut) this.live.show(fresh);
        }
    }
  }
}
