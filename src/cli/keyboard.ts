import type { Keyboard } from "../drivers/prompt.ts";

/** The parts of a terminal's input that may fail once the terminal is gone. */
interface TerminalInput extends Keyboard {
  setRawMode?(raw: boolean): unknown;
}

/**
 * Standard input that survives its terminal: a window that is closed, a line that breaks. Reading then ends,
 * and setting its mode, which Node lets throw in the middle of closing a question, does nothing.
 */
export function lasting(stdin: TerminalInput): Keyboard {
  stdin.on("error", () => {});
  const set = stdin.setRawMode?.bind(stdin);
  if (set === undefined) return stdin;
  stdin.setRawMode = (raw) => {
    try {
      set(raw);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && gone.has(error.code))) throw error;
    }
    return stdin;
  };
  return stdin;
}

const gone: ReadonlySet<unknown> = new Set(["EIO", "ENXIO", "EBADF", "ENOTTY"]);
