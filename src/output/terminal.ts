import { Writable } from "node:stream";
import {
  DefaultRenderer,
  figures,
  ListrDefaultRendererLogLevels as Level,
  ListrLogger,
  ProcessOutput,
  type ListrDefaultRendererOptions,
} from "listr2";
import { formatDuration } from "../base/duration.ts";
import type { RunEvent, RunStarted } from "../events/run.ts";
import { columnsOf, type Asked, type Canvas, type Frame } from "./frame.ts";
import { headerLines } from "./summary.ts";
import { cutLine, wrapLine } from "./wrap.ts";
import type { Colours } from "./colour.ts";

/** What the view shows above the tasks: filled by the run's events. */
export class Header {
  private started: (RunStarted & { readonly run: string; readonly time: Date }) | undefined;
  private readonly colour: Colours;
  private readonly stop: AbortSignal;

  constructor(colour: Colours, stop: AbortSignal) {
    this.colour = colour;
    this.stop = stop;
  }

  hear(event: RunEvent): void {
    if (event.type === "run.started") this.started = event;
  }

  /** @param running false once the run has ended: clocks that stand still say nothing. */
  lines(running: boolean): readonly string[] {
    if (this.started === undefined) return [];
    const lines = [...headerLines(this.started, this.colour)];
    if (!running) return lines;
    const elapsed = Date.now() - this.started.time.getTime();
    const clock = [`${elapsed < 1000 ? "0s" : formatDuration(Math.floor(elapsed / 1000) * 1000)} elapsed`];
    const { response, response_since: since = this.started.time } = this.started;
    if (response !== undefined) {
      const left = Math.ceil((response - (Date.now() - since.getTime())) / 1000) * 1000;
      clock.push(
        left >= 0
          ? `${formatDuration(left)} left to respond`
          : this.colour.red(`${formatDuration(-left)} past the time to respond`),
      );
    }
    lines.push(this.colour.dim(clock.join(", ")));
    if (this.stop.aborted) {
      const message =
        "stopping after the running step; Ctrl-C again kills it now and leaves its outcome unknown";
      lines.push(this.colour.yellow(message));
    }
    return lines;
  }
}

/** listr2's live view with our header above it, in a frame of ours: whole once the run is over. */
export function terminalRenderer(
  header: Header,
  frame: Frame,
  canvas: Canvas,
  asked: () => Asked | undefined,
): typeof DefaultRenderer {
  return class TerminalRenderer extends DefaultRenderer {
    override async render(): Promise<void> {
      await super.render();
      const updater = Object.assign((text: string) => frame.draw(text, asked()), {
        clear: () => frame.clear(),
        done: () => frame.done(),
      });
      // Its own takes the width and the height that the terminal had at first, and redraws what a shell wrote over.
      Object.assign(this, { updater });
    }

    override create(options?: { tasks?: boolean; bottomBar?: boolean; prompt?: boolean }): string {
      const running = options?.prompt !== false;
      return [...header.lines(running), super.create(options)].join("\n");
    }

    /** Its own goes by the width of stdout, which may be a file, and not by the one that is drawn on. */
    protected override format(message: string, icon: string, level: number): string[] {
      const step = 2;
      const indent = " ".repeat(level * step);
      const columns = Math.max(step, columnsOf(canvas) - indent.length - step);
      const lines = (icon ? `${icon} ${message}` : message)
        .split("\n")
        .flatMap((line) => wrapLine(line.trimEnd(), columns))
        .filter((line) => line !== "");
      return lines.map((line, at) => `${indent}${at === 0 ? "" : " ".repeat(step)}${line}`);
    }
  };
}

/** Columns of a line that indentation and the mark before it take, with some to spare. */
const indentation = 12;

/** Lines of a running program as they stand below its task: each in one row. */
export function liveOutput(lines: readonly string[], canvas: Canvas): string {
  return lines.map((line) => cutLine(line, Math.max(8, columnsOf(canvas) - indentation))).join("\n");
}

/** Takes what Inquirer draws, and hands it on without what moves the cursor: to be drawn in our frame. */
export function questionOutput(draws: (text: string) => void): Writable {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // oxlint-disable-next-line no-control-regex -- cursor movement is what it is about
      const text = chunk.toString().replaceAll(/\u001b\[[?0-9;]*[A-LN-Za-ln-z]|\u0007/g, "");
      if (text.trim() !== "") draws(text.trim());
      done();
    },
  });
  // Lines are broken where they are drawn, and nowhere else.
  return Object.assign(output, { columns: Infinity, rows: Infinity });
}

/**
 * Options for the renderer.
 * @param shown the stream that the view is drawn on, in the colours that it has.
 * @param other held back while the view is drawn, so that nothing tears it.
 */
export function terminalOptions(
  shown: Writable,
  other: Writable,
  colour: Colours,
): ListrDefaultRendererOptions {
  const processOutput = new ProcessOutput(shown as NodeJS.WriteStream, other as NodeJS.WriteStream);
  return {
    logger: new ListrLogger<Level>({ useIcons: true, toStderr: [], processOutput }),
    // What was measured and done stays in sight when all of it is well, too.
    collapseSubtasks: false,
    icon: { [Level.FAILED_WITH_FAILED_SUBTASKS]: figures.cross },
    color: {
      [Level.PENDING]: colour.yellow,
      [Level.COMPLETED]: colour.green,
      [Level.COMPLETED_WITH_FAILED_SUBTASKS]: colour.yellow,
      [Level.COMPLETED_WITH_FAILED_SISTER_TASKS]: colour.red,
      [Level.FAILED]: colour.red,
      [Level.FAILED_WITH_FAILED_SUBTASKS]: colour.red,
      [Level.SKIPPED_WITH_COLLAPSE]: colour.dim,
      [Level.SKIPPED_WITHOUT_COLLAPSE]: colour.dim,
      [Level.WAITING]: colour.dim,
    },
  };
}
