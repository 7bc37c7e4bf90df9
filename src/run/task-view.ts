import type { ListrRendererFactory, ListrTask, ListrTaskWrapper } from "listr2";
import type { Prompt } from "../ports/ports.ts";

/** How the tasks are shown: chosen by the command, which owns the terminal. */
export interface View {
  readonly renderer: "silent" | ListrRendererFactory;
  readonly rendererOptions: Readonly<Record<string, unknown>>;
  /** A prompt that asks in the place of one task. */
  readonly promptIn: (task: Task) => Prompt;
}

/** A task while it runs, as listr2 hands it to its function. */
export type Task = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;

/** How a task that ended badly tells listr2 so. Anything else that a task throws is a bug. */
export class TaskFailed extends Error {}

/** A task before it runs. */
export type TaskSpec = ListrTask<unknown, ListrRendererFactory, ListrRendererFactory>;
