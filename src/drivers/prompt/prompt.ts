import type { Writable } from "node:stream";
import type { Job } from "../process/job.ts";
import type { Answer, Prompt } from "../../ports/ports.ts";
import type { Context, Keyboard } from "./terminal.ts";

/** One of Inquirer's prompts. */
type InquirerPrompt<Value, Config> = (
  config: Config,
  context?: Context,
) => Promise<Value> & { cancel: () => void };

/**
 * Shows one of Inquirer's prompts in a view that draws the terminal.
 * @param head what stands above the line that is answered in; of several lines, or empty.
 */
export type Shows = <Value, Config>(
  prompt: InquirerPrompt<Value, Config>,
  config: Config,
  context: Context,
  head: string,
) => Promise<Value>;

export interface PromptSettings {
  /** A person is at the terminal and may be asked. */
  readonly available: boolean;
  /** Who that is, as the journal names them. */
  readonly person?: string;
  readonly input: Keyboard;
  readonly output: Writable;
  /** Ctrl-C at a question: the terminal is in raw mode then, and no signal comes. */
  readonly interrupted: () => void;
  readonly job: Job;
  /** A text from anywhere as a terminal may be given it: what is asked is made of such. */
  readonly clean: (text: string) => string;
}

const nobody: Answer<never> = { answered: false, why: "no-terminal" };

/**
 * Questions by Inquirer, one at a time: steps that run side by side wait for their turn. What was typed
 * before a question appeared does not answer it; nor does what was typed before the process was stopped.
 */
export function createPrompt(settings: PromptSettings, turn: Turn, shows?: Shows): Prompt {
  const { available, input, output, interrupted, job, clean } = settings;
  const ask = async <Value, Config>(
    question: string,
    signal: AbortSignal,
    load: () => Promise<InquirerPrompt<Value, Config>>,
    configOf: (message: string) => Config,
    patience = inBackground,
  ): Promise<Answer<Value>> => {
    if (!available) return nobody;
    const { head, line } = parts(clean(question));
    const config = configOf(line);
    return await turn.take(async () => {
      if (signal.aborted) return cancelled;
      const prompt = await load();
      for (;;) {
        if (!(await comesBack(settings, patience, signal))) return signal.aborted ? cancelled : nobody;
        if (await typedAhead(input)) {
          interrupted();
          return cancelled;
        }
        const round = new Round(job, signal);
        try {
          const context = { input, signal: round.signal };
          if (shows !== undefined)
            return { answered: true, value: await shows(prompt, config, context, head) };
          // Written once, the terminal may break it as it likes: only the last line is drawn again at each key.
          if (head !== "") output.write(`${head}\n`);
          return { answered: true, value: await prompt(config, { ...context, output }) };
        } catch (error) {
          if (!(error instanceof Error) || !/^(ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name)) {
            throw error;
          }
          if (error.name === "ExitPromptError") interrupted();
          else if (round.left && !signal.aborted) continue;
          return cancelled;
        } finally {
          round.end();
        }
      }
    });
  };
  return {
    available,
    ...(settings.person === undefined ? {} : { person: settings.person }),
    confirm: (question, signal) =>
      ask(
        question,
        signal,
        async () => (await import("@inquirer/confirm")).default,
        (message) => ({ message, default: false }),
      ),
    text: (question, signal) =>
      ask(
        question,
        signal,
        async () => (await import("@inquirer/input")).default,
        (message) => ({ message }),
      ),
    paste: (question, signal) =>
      ask(
        question,
        signal,
        async () => (await import("./paste.ts")).paste,
        (message) => ({ message }),
        // What is pasted may come another way as well: whoever waits for it says how long.
        Infinity,
      ),
    choose: (question, choices, signal) =>
      ask(
        question,
        signal,
        async () => (await import("@inquirer/select")).default<string>,
        (message) => ({
          message,
          choices: choices.map((value) => ({ value, name: clean(value), short: clean(value) })),
        }),
      ),
  };
}

/** The line of a question that is answered in, and what stands above it. */
function parts(question: string): { readonly head: string; readonly line: string } {
  const text = question.trimEnd();
  const at = text.lastIndexOf("\n");
  return { head: text.slice(0, Math.max(0, at)), line: text.slice(at + 1).trim() };
}

const cancelled: Answer<never> = { answered: false, why: "cancelled" };

/** One drawing of a question: over when it is answered, or when the process is stopped under it. */
class Round {
  /** The process was stopped: the question is to be drawn again. */
  left = false;
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly over: (() => void)[] = [];

  constructor(job: Job, signal: AbortSignal) {
    this.signal = this.controller.signal;
    const abort = (): void => this.controller.abort();
    signal.addEventListener("abort", abort);
    this.over.push(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    const ended = new Promise<void>((resolve) => this.over.push(resolve));
    const leave = (): Promise<void> => {
      this.left = true;
      abort();
      return ended;
    };
    this.over.push(job.watch({ leaves: leave, returns: () => void leave() }));
  }

  end(): void {
    for (const end of this.over) end();
  }
}

/** Milliseconds between two looks whether the process is in the foreground again. */
const look = 100;
/** Milliseconds that a question waits in the background before nobody is asked. */
const inBackground = 60_000;

/**
 * Waits until the process is in the foreground, where it may ask. The time for which it is stopped does not count.
 * @returns whether it is.
 */
async function comesBack(
  { job, output }: PromptSettings,
  within: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let waited = 0; !job.foreground(); waited += look) {
    if (signal.aborted || waited >= within) return false;
    if (waited === settled) output.write(waitsText(within));
    await new Promise((resolve) => setTimeout(resolve, look));
  }
  return true;
}

/** Milliseconds after which it is in the background, and not on its way back. */
const settled = 3 * look;

function waitsText(within: number): string {
  const until = Number.isFinite(within) ? `; after ${within / 1000} s it stops asking` : "";
  return `\nlav-ir is waiting for an answer: bring it to the foreground with fg${until}\n`;
}

/** How long the terminal is listened to before a question, in milliseconds: what waits in it comes at once. */
const settling = 25;

/** Turns of the event loop in which it is read at any rate. */
const turns = 3;
/** Times that it is listened to again because more came: a key that is held down ends some time. */
const mostRounds = 40;

/**
 * Throws away what was typed before a question appeared: Enter pressed while a step was running must not
 * become an answer to what comes after it.
 * @returns whether Ctrl-C was among it.
 */
async function typedAhead(input: Keyboard): Promise<boolean> {
  if (input.isTTY !== true) return false;
  let interrupt = false;
  let heard = 0;
  const discard = (chunk: Buffer | string): void => {
    heard++;
    interrupt ||= chunk.toString().includes("\u0003");
  };
  input.setRawMode?.(true);
  input.on("data", discard);
  // After an earlier question it is paused, and listening alone would not read.
  input.resume();
  for (let round = 0, before = -1; before !== heard && round < mostRounds; round++) {
    before = heard;
    await new Promise((resolve) => setTimeout(resolve, settling));
    // On a busy machine the timer is over before the terminal was looked at once.
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
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
