import type { Json } from "../base/json.ts";
import type { Result } from "../base/result.ts";
import type { StepPlace } from "../events/run.ts";
import type { Effect, Preview, DisplayArgs } from "../kinds/kind.ts";
import type { Prompt } from "../ports/ports.ts";

/** One change, or one list of changes of a `foreach`, about to be asked for. */
export interface Request {
  readonly place: StepPlace;
  readonly effect: Exclude<Effect, "read">;
  /** The exact action, as the plan prints it, now with every value known. */
  readonly action: string;
  readonly args: readonly DisplayArgs[];
  /** Of a `foreach`: what it goes over. */
  readonly items: readonly Json[];
  /** The stores that it names, one a change. */
  readonly stores: readonly string[];
  readonly irreversible: string | undefined;
  /** Reads what will be touched, now. */
  readonly preview: () => Promise<Result<Preview>>;
  /** What binds of each change, by its key, as it was last read. */
  readonly bindings: ReadonlyMap<string, Json>;
  readonly prompt: Prompt;
  /** Whose turn it is, in a group that runs for each item of a list. */
  readonly turn: string | undefined;
  /** With 2, a second person must agree as well. */
  readonly approvers: 1 | 2;
  /** Milliseconds that their approval holds. */
  readonly expires: number;
  /** Steps whose approval is good for this one too, while it holds. */
  readonly standsWith: readonly string[];
  /** Later steps that the approval of this one is good for. */
  readonly covers: readonly { readonly step: string; readonly action: string }[];
}
