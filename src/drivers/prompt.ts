import type { Readable, Writable } from "node:stream";
import type { Answer, Prompt } from "./ports.ts";

/** One of Inquirer's prompts. */
type InquirerPrompt<Value, Config> = (
  config: Config,
  context?: Context,
) => Promise<Value> & { cancel: () => void };

/** Shows one of Inquirer's prompts: on the terminal itself, or in the place of a task. */
export type Shows = <Value, Config>(
  prompt: InquirerPrompt<Value, Config>,
  config: Config,
  context: Context,
) => Promise<Value>;

export interface Context {
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
  signal?: AbortSignal;
}

/** A terminal's input, whose mode can be changed. */
export interface Keyboard extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface PromptSettings {
  /** A person is at the terminal and may be asked. */
  readonly available: boolean;
  /** Who that is, as the journal names them. */
  readonly person?: string;
  readonly input: Keyboard;
  readonly output: Writable;
  /** Ctrl-C at a question: the terminal is in raw mode then, and no signal comes. */
  readonly interrupted: () => void;
}

const nobody: Answer<never> = { answered: false, why: "no-terminal" };

/**
 * Questions by Inquirer, one at a time: steps that run side by side wait for their turn. What was typed
 * before a question appeared does not answer it.
 */
export function createPrompt(settings: PromptSettings, turn: Turn, shows?: Shows): Prompt {
  const { available, input, output, interrupted } = settings;
  const ask = async <Value, Config>(
    signal: AbortSignal,
    load: () => Promise<InquirerPrompt<Value, Config>>,
    config: Config,
  ): Promise<Answer<Value>> => {
    if (!available) return nobody;
    return await turn.take(async () => {
      if (signal.aborted) return { answered: false, why: "cancelled" };
      const prompt = await load();
      if (await typedAhead(input)) {
        interrupted();
        return { answered: false, why: "cancelled" };
      }
      try {
        const value =
          shows === undefined
            ? await prompt(config, { input, output, signal })
            : await shows(prompt, config, { input, signal });
        return { answered: true, value };
      } catch (error) {
        if (!(error instanceof Error) || !/^(ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name)) {
          throw error;
        }
        if (error.name === "ExitPromptError") interrupted();
        return { answered: false, why: "cancelled" };
      }
    });
  };
  return {
    available,
    ...(settings.person === undefined ? {} : { person: settings.person }),
    confirm: (message, signal) =>
      ask(signal, async () => (await import("@inquirer/prompts")).confirm, { message, default: false }),
    text: (message, signal) =>
      ask(signal, async () => (await import("@inquirer/prompts")).input, { message }),
    paste: (message, signal) =>
      ask(signal, async () => (await import("./prompt/paste.ts")).paste, { message }),
    choose: (message, choices, signal) =>
      ask(signal, async () => (await import("@inquirer/prompts")).select<string>, {
        message,
        choices: choices.map((value) => ({ value })),
      }),
  };
}

/** How long the terminal is listened to before a question, in milliseconds: what waits in it comes at once. */
const settling = 25;

/**
 * Throws away what was typed before a question appeared: Enter pressed while a step was running must not
 * become an answer to what comes after it.
 * @returns whether Ctrl-C was among it.
 */
async function typedAhead(input: Keyboard): Promise<boolean> {
  if (input.isTTY !== true) return false;
  let interrupt = false;
  const discard = (chunk: Buffer | string): void => {
    interrupt ||= chunk.toString().includes("\u0003");
  };
  input.setRawMode?.(true);
  input.on("data", discard);
  await new Promise((resolve) => setTimeout(resolve, settling));
  input.off("data", discard);
  input.pause();
  input.setRawMode?.(false);
  return interrupt;
}

/** A queue of one: whoever asks first is answered first. */
export class Turn {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => {});
    return mine;
  }
}
