import type { Kind } from "../kinds/kind.ts";
import { celDuration } from "../language/expression.ts";
import { hasChanged } from "../language/expression-problem.ts";
import type { Names } from "../language/value.ts";
import { seenItems, type Item } from "../runbook/runbook.ts";

/** The values that expressions and templates see, filled while the run goes. */
export class Scope {
  readonly steps: Record<string, unknown> = {};
  readonly vars: Record<string, unknown>;
  readonly fixed: Names;
  readonly secrets: Names;
  /** The last change of the rung that is climbed, seen by every runbook of the run. */
  readonly last: { changed: Date | undefined };
  private readonly now: () => Date;
  private readonly around: Scope | undefined;

  /** @param around of an item of a group's list: what is seen besides its own steps */
  constructor(
    fixed: Names,
    secrets: Names,
    now: () => Date,
    last: Scope["last"] = { changed: undefined },
    around?: Scope,
  ) {
    this.vars = around?.vars ?? {};
    this.around = around;
    this.fixed = fixed;
    this.secrets = secrets;
    this.now = now;
    this.last = last;
  }

  /** For expressions. Secrets are not among them. */
  names(more: Names = {}): Names {
    const { changed } = this.last;
    return {
      ...this.fixed,
      steps: this.seen(),
      vars: this.vars,
      now: this.now(),
      [hasChanged]: changed !== undefined,
      ...(changed === undefined ? {} : { changed }),
      ...more,
    };
  }

  private seen(): Names {
    return this.around === undefined ? this.steps : { ...this.around.seen(), ...this.steps };
  }

  /** For one item of a group's list: its steps are its own. */
  item(here: Names): Scope {
    return new Scope({ ...this.fixed, ...here }, this.secrets, this.now, this.last, this);
  }

  /** The run's outcome is known: what comes after it sees it in `run`. */
  ended(outcome: Names): void {
    Object.assign(this.fixed["run"] as object, outcome);
  }

  /** For arguments, where the rules allow `secrets` in the places that take one. */
  withSecrets(more: Names = {}): Names {
    return { ...this.names(more), secrets: this.secrets };
  }

  /** An included runbook's own names: its parameters, its steps, the same platform. */
  inner(fixed: Names): Scope {
    const { run } = this.fixed;
    return new Scope({ ...fixed, ...(run === undefined ? {} : { run }) }, this.secrets, this.now, this.last);
  }
}

/** What each item of a list is to an expression until it has ended: as one that was skipped. */
export function* notReached(items: readonly Item[]): Generator<readonly [string, Names]> {
  for (const item of seenItems(items)) {
    const none = item.type !== "include" && item.foreach !== undefined ? { items: [] } : {};
    if (item.type !== "include") yield [item.id, { ...none, outcome: "skipped", sentence: "not reached" }];
  }
}

/** A kind's outputs as an expression sees them, by their declared types. Missing ones stay missing. */
export function celOutputs(kind: Kind, outputs: Readonly<Record<string, unknown>>): Names {
  const seen: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(kind.outputs)) {
    const value = outputs[name];
    if (value === undefined || value === null) continue;
    if (spec.type === "int" && typeof value === "number") seen[name] = BigInt(Math.trunc(value));
    else if (spec.type === "duration" && typeof value === "number") seen[name] = celDuration(value);
    else seen[name] = value;
  }
  return seen;
}
