import type { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { StepStatus, Section } from "../events/run.ts";
import type { Names } from "../language/value.ts";
import type { Plan } from "../plan/plan.ts";
import type { Prompt } from "../ports/ports.ts";
import type { Need, Step } from "../runbook/runbook.ts";
import type { Scope } from "./scope.ts";
import type { Session } from "./session.ts";
import type { Around } from "./standing.ts";
import type { Live } from "./task-view.ts";
import type { Ticks } from "./ticks.ts";

/** One step about to run, and all it needs. */
export interface Running {
  readonly session: Session;
  readonly step: Step;
  /** The plan as this step's runbook sees it: an included one has its own names. */
  readonly plan: Plan;
  readonly scope: Scope;
  readonly section: Section;
  readonly rung: string | undefined;
  /** Ids of the includes around it, outermost first. */
  readonly path: readonly string[];
  /** Ids of the groups and includes around it, outermost first. */
  readonly groups: readonly string[];
  /** When it does not end well, its list carries on. */
  readonly tolerate: boolean;
  /** What the groups around it need. */
  readonly needs: readonly Need[];
  /** Of a turn of a list: `2 of 7: NEWS`. */
  readonly turn?: string;
  /** The group that it stands in. */
  readonly around?: Around;
  /** Why it is not begun: nobody can say whether the group around it is meant. */
  readonly undecided?: string;
  /** Fires when the time of a group around it is over: a read ends, a change keeps its own deadline. */
  readonly over?: AbortSignal;
  /** Asks in the right place of the terminal. */
  readonly prompt: Prompt;
  /** Shows how it stands in its place of the terminal, while it goes on. */
  readonly tell?: (text: string) => void;
  /** Shows what its program writes. */
  readonly live?: Live | undefined;
  /** What a person ticked off in it. */
  readonly ticks?: Ticks;
  /** Measured again: how it ended before. Only another end is told. */
  readonly known?: StepStatus;
}

export interface StepResult {
  readonly status: StepStatus;
  readonly title: string;
  /** One sentence. */
  readonly sentence: string;
  readonly failure?: Failure;
  /** A change that ended well. */
  readonly changed?: true;
  /** It did not end well, and its list carries on. */
  readonly tolerated?: true;
  /** A change that nobody can say took place. */
  readonly doubtful?: true;
  /** The operator passed it over: this step, or with it all that is left of its rung. */
  readonly passed?: "step" | "rung";
}

/** What came of running a kind, before anybody judged its outputs. */
export interface Ran {
  readonly status: Exclude<StepStatus, "skipped">;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly failure?: Failure;
  readonly message?: string;
  /** An earlier process left it in doubt, and looking did not help: it is not to be tried again. */
  readonly doubtful?: true;
}

/** One run of a step's kind: a step without `foreach` has one. */
export interface StepInstance {
  /** The same in every process that works on this run. */
  readonly key: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** `item` and `index` inside a `foreach`. */
  readonly here: Names;
  /** Everything its arguments were made from. */
  readonly names: Names;
  /** In a list of changes: the item, as the journal keeps it. Consent binds to it. */
  readonly item?: Json;
  /** What takes back the changes of the list it stands in. */
  readonly undo?: UndoList;
}

/** What takes back the changes of one list, in the order in which they took place. */
export interface UndoList {
  /** The list's own key. */
  readonly key: string;
  readonly parts: UndoPart[];
}

interface UndoPart {
  readonly key: string;
  readonly made: UndoSteps;
}

/** Steps that put back what a change replaced, or why there are none; undefined when nothing is to be put back. */
export type UndoSteps = { readonly steps: readonly Json[] } | { readonly withheld: string } | undefined;
