import { form, MissingValue, ofNumbers, type ExpressionFunction } from "./function.ts";

type CelNumber = bigint | number;

/** cel-go's `math`, of whole numbers too. */
export const numberFunctions: readonly ExpressionFunction[] = [
  {
    name: "math.greatest",
    written: "math.greatest(a, b, …) or math.greatest(list)",
    gives: "the largest; of an empty list there is none",
    example: ["math.greatest([3, 1.5])", "3"],
    forms: [
      form(["list"], "dyn", (list: readonly unknown[]) => extreme("greatest", list, (a, b) => a > b)),
      ...ofNumbers((only) => only),
    ],
    variadic: true,
  },
  {
    name: "math.least",
    written: "math.least(a, b, …) or math.least(list)",
    gives: "the smallest; of an empty list there is none",
    example: ["math.least(3, 1.5)", "1.5"],
    forms: [
      form(["list"], "dyn", (list: readonly unknown[]) => extreme("least", list, (a, b) => a < b)),
      ...ofNumbers((only) => only),
    ],
    variadic: true,
  },
  {
    name: "math.abs",
    written: "math.abs(number)",
    gives: "the number without its sign",
    example: ["math.abs(-2)", "2"],
    forms: ofNumbers((value) => whole(value < 0 ? -value : value)),
  },
  {
    name: "math.ceil",
    written: "math.ceil(number)",
    gives: "the next whole number up",
    example: ["math.ceil(1.2)", "2.0"],
    forms: ofNumbers((value) => (typeof value === "bigint" ? value : Math.ceil(value))),
  },
  {
    name: "math.floor",
    written: "math.floor(number)",
    gives: "the next whole number down",
    example: ["math.floor(-1.2)", "-2.0"],
    forms: ofNumbers((value) => (typeof value === "bigint" ? value : Math.floor(value))),
  },
  {
    name: "math.round",
    written: "math.round(number)",
    gives: "the nearest whole number; a half goes away from 0",
    example: ["math.round(-1.5)", "-2.0"],
    forms: ofNumbers((value) => (typeof value === "bigint" ? value : rounded(value))),
  },
  {
    name: "math.sign",
    written: "math.sign(number)",
    gives: "-1, 0 or 1",
    example: ["math.sign(-2.5)", "-1.0"],
    forms: [
      form(["int"], "int", (value: bigint) => (value > 0n ? 1n : value < 0n ? -1n : 0n)),
      form(["double"], "double", Math.sign),
    ],
  },
  {
    name: "math.sqrt",
    written: "math.sqrt(number)",
    gives: "the square root; a negative number has none",
    example: ["math.sqrt(9)", "3.0"],
    forms: ["int", "double"].map((type) => form([type], "double", squareRoot)),
  },
  {
    name: "math.trunc",
    written: "math.trunc(number)",
    gives: "the number without what is behind the point",
    example: ["math.trunc(-1.9)", "-1.0"],
    forms: ofNumbers((value) => (typeof value === "bigint" ? value : Math.trunc(value))),
  },
];

function extreme(
  name: string,
  list: readonly unknown[],
  beats: (a: CelNumber, b: CelNumber) => boolean,
): CelNumber {
  let best: CelNumber | undefined;
  for (const value of list) {
    if (!isNumber(value)) throw new Error(`math.${name}() takes numbers`);
    if (best === undefined || beats(value, best)) best = value;
  }
  if (best === undefined) throw new MissingValue(`the ${name} of none is missing`);
  return best;
}

export function isNumber(value: unknown): value is CelNumber {
  return typeof value === "bigint" || typeof value === "number";
}

/** A whole number has 64 bits, or is none. */
export function whole(value: CelNumber): CelNumber {
  if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value)
    throw new Error("the number does not fit into 64 bits");
  return value;
}

function rounded(value: number): number {
  const down = Math.trunc(value);
  return Math.abs(value - down) >= 0.5 ? down + Math.sign(value) : down;
}

function squareRoot(value: CelNumber): number {
  if (value < 0) throw new MissingValue("the square root of a negative number is missing (NaN)");
  return Math.sqrt(Number(value));
}
