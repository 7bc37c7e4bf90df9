import { printable } from "../../base/printable.ts";
import type { Context, Keyboard } from "./terminal.ts";

/** Milliseconds without a further key after a line end: then that was the last line. */
const silence = 80;
/** Milliseconds after which the question is drawn once more: a view may not have listened yet. */
const again = 150;
/** Characters of what was typed that are shown at most, and those that stand around them. */
const [most, around] = [40, 28];

/** As Inquirer's own are named, so that whoever asks tells them apart in the same way. */
class ExitPromptError extends Error {
  override readonly name = "ExitPromptError";
}
class AbortPromptError extends Error {
  override readonly name = "AbortPromptError";
}

/**
 * A question for what is pasted. Inquirer draws everything anew at each key: hundreds of them, as a paste
 * brings at once, take it half a minute on a busy machine. This draws once for each piece that comes.
 */
export function paste(
  { message }: { readonly message: string },
  { input, output, signal }: Context = {},
): Promise<string> & { cancel: () => void } {
  const keyboard = input as Keyboard;
  const terminal = (output as { isTTY?: boolean } | undefined)?.isTTY === true;
  const { columns } = (output ?? {}) as { columns?: number };
  const room = columns === undefined || columns <= 0 ? 80 : columns;
  const shown = Math.max(1, Math.min(most, room - around));
  let text = "";
  let timers: NodeJS.Timeout[] = [];
  let end: (settle: () => void) => void = () => {};
  let refuse: (error: Error) => void = () => {};
  const draw = (first: boolean): void => {
    const line = printable(text.replaceAll(/\s+/g, " "));
    const tail = line.length > shown ? `… ${line.slice(-shown)} (${line.length} characters)` : line;
    // A view shows the last thing it was given; a terminal has the question already.
    output?.write(
      terminal && !first ? `\r\u001b[2K> ${tail}` : `? ${message}${terminal ? "\n> " : " "}${tail}`,
    );
  };
  const promise = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer | string): void => {
      for (const timer of timers) clearTimeout(timer);
      for (const key of chunk.toString().replaceAll("\u001b[200~", "").replaceAll("\u001b[201~", "")) {
        if (key === "\u0003") return refuse(new ExitPromptError("Ctrl-C"));
        if (key === "\u007f" || key === "\b") text = text.slice(0, -1);
        else text += key === "\r" ? "\n" : key;
      }
      draw(false);
      if (text.endsWith("\n")) timers = [setTimeout(() => end(() => resolve(text.trim())), silence)];
    };
    const aborted = (): void => refuse(new AbortPromptError("the question is no longer asked"));
    end = (settle) => {
      for (const timer of timers) clearTimeout(timer);
      keyboard.off("data", hear);
      keyboard.pause();
      keyboard.setRawMode?.(false);
      signal?.removeEventListener("abort", aborted);
      if (terminal) output?.write("\n");
      settle();
    };
    refuse = (error) => end(() => reject(error));
    signal?.addEventListener("abort", aborted);
    keyboard.setRawMode?.(true);
    keyboard.on("data", hear);
    keyboard.resume();
    draw(true);
    if (!terminal) timers = [setTimeout(() => draw(true), again)];
    if (signal?.aborted === true) aborted();
  });
  return Object.assign(promise, { cancel: () => refuse(new AbortPromptError("cancelled")) });
}
