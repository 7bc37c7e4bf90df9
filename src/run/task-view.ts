import type { ListrRendererFactory, ListrTask, ListrTaskWrapper } from "listr2";
import type { Prompt } from "../ports/ports.ts";
import type { LiveLines } from "../secrets/live-text.ts";

/** How the tasks are shown: chosen by the command, which owns the terminal. */
export interface View {
  readonly renderer: "silent" | ListrRendererFactory;
  readonly rendererOptions: Readonly<Record<string, unknown>>;
  /** A prompt that asks in the place of one task. */
  readonly promptIn: (task: Task) => Prompt;
  /** Shows what a step's program writes while it runs; without it nobody sees that. */
  readonly liveIn?: ((task: Task, step: string) => Live) | undefined;
}

/** What is shown of a program that runs: the newest lines in one place, or each line once, as it ends. */
export type Live =
  | {
      readonly shows: "newest";
      /** How many. */
      readonly lines: number;
      readonly show: (lines: readonly string[]) => void;
    }
  | { readonly shows: "every"; readonly show: (lines: LiveLines) => void };

/** A task while it runs, as listr2 hands it to its function. */
export type Task = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;

/** How a task that ended badly tells listr2 so. Anything else that a task throws is a bug. */
export class TaskFailed extends Error {}

/** A task before it runs. */
export type TaskSpec = ListrTask<unknown, ListrRendererFactory, ListrRendererFactory>;
