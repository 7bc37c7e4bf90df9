/**
 * A function of expressions, once for who checks, who evaluates and who reads about it. A receiver is its first
 * argument: `text.charAt(2)` is registered as `charAt(text, 2)`.
 */
export interface ExpressionFunction {
  /** As it is called, `math.` and the like included. */
  readonly name: string;
  /** As it is written: the first line of its reference. */
  readonly written: string;
  /** What it gives, in a phrase; a second sentence says when it gives nothing. */
  readonly gives: string;
  /** An expression of constants, and the same value as CEL writes it. */
  readonly example: readonly [expression: string, value: string];
  readonly forms: readonly Form[];
  /** The number of the argument, from 0, that is a pattern: one that is written out is compiled before anything runs. */
  readonly pattern?: number;
  /** Takes any number of arguments, which it gets as one list. */
  readonly variadic?: true;
  /** It names what it goes over, and takes an expression of it. */
  readonly macro?: Macro;
}

interface Macro {
  readonly over: "list" | "optional";
  readonly gives: string;
  /** @param results of the expression, one for each item; of an optional without a value there is none */
  readonly run: (items: readonly unknown[], results: readonly unknown[]) => unknown;
}

/** One way to call it. */
interface Form {
  /** Types of the arguments, the receiver's first, and of the value. */
  readonly types: readonly [takes: readonly string[], gives: string];
  readonly run: (...given: never[]) => unknown;
}

/** A value that is not there, such as the largest of none: no error, and no zero. */
export class MissingValue extends Error {}

/** @param takes types of the arguments, the receiver's first. */
export function form(takes: readonly string[], gives: string, run: (...given: never[]) => unknown): Form {
  return { types: [takes, gives], run };
}

/** The same function of whole and of broken numbers. */
export function ofNumbers(run: (value: bigint | number) => unknown): readonly Form[] {
  return [form(["int"], "int", run), form(["double"], "double", run)];
}
