import { Optional } from "@marcbachmann/cel-js";
import { same } from "../cel-values.ts";
import { form, MissingValue, type ExpressionFunction } from "./function.ts";
import { isNumber, whole } from "./numbers.ts";

type List = readonly unknown[];

/** cel-go's `lists`, and what a diagnosis needs of a list besides. */
export const listFunctions: readonly ExpressionFunction[] = [
  {
    name: "distinct",
    written: "list.distinct()",
    gives: "each value once, where it first occurs",
    example: ["[1, 2, 1].distinct()", "[1, 2]"],
    forms: [form(["list"], "list<dyn>", distinct)],
  },
  {
    name: "flatten",
    written: "list.flatten([depth])",
    gives: "lists in the list replaced by their items, one level deep or so many",
    example: ["[1, [2, [3]]].flatten()", "[1, 2, [3]]"],
    forms: [
      form(["list"], "list<dyn>", (list: List) => list.flat()),
      form(["list", "int"], "list<dyn>", (list: List, depth: bigint) => {
        if (depth < 0n) throw new Error("flatten() takes a depth of 0 or more");
        return list.flat(Number(depth));
      }),
    ],
  },
  {
    name: "lists.range",
    written: "lists.range(n)",
    gives: "the whole numbers from 0 to n - 1",
    example: ["lists.range(3)", "[0, 1, 2]"],
    forms: [form(["int"], "list<int>", range)],
  },
  {
    name: "reverse",
    written: "list.reverse() or text.reverse()",
    gives: "the last first",
    example: ["'gums'.reverse()", "'smug'"],
    forms: [
      form(["list"], "list<dyn>", (list: List) => list.toReversed()),
      form(["string"], "string", (text: string) => Array.from(text).toReversed().join("")),
    ],
  },
  {
    name: "slice",
    written: "list.slice(from, to)",
    gives: "the items from a position to the one before `to`; a position outside the list is an error",
    example: ["[1, 2, 3, 4].slice(1, 3)", "[2, 3]"],
    forms: [form(["list", "int", "int"], "list<dyn>", slice)],
  },
  {
    name: "sort",
    written: "list.sort()",
    gives: "the smallest first",
    example: ["[3, 1, 2].sort()", "[1, 2, 3]"],
    forms: [form(["list"], "list<dyn>", (list: List) => sortedBy(list, list))],
  },
  {
    name: "sortBy",
    written: "list.sortBy(x, key of x)",
    gives: "the one with the smallest key first",
    example: ["['bb', 'a'].sortBy(x, x.size())", "['a', 'bb']"],
    forms: [],
    macro: { over: "list", gives: "list<dyn>", run: sortedBy },
  },
  {
    name: "first",
    written: "list.first() or list.first(n)",
    gives: "the first item, which may be missing; or the first n of them, or as many as there are",
    example: ["[1, 2, 3].first(2)", "[1, 2]"],
    forms: [
      form(["list"], "optional<dyn>", ([first]: List) => Optional.of(first)),
      form(["list", "int"], "list<dyn>", (list: List, most: bigint) => list.slice(0, count("first", most))),
    ],
  },
  {
    name: "last",
    written: "list.last() or list.last(n)",
    gives: "the last item, which may be missing; or the last n of them, or as many as there are",
    example: ["[1, 2, 3].last().value()", "3"],
    forms: [
      form(["list"], "optional<dyn>", (list: List) => Optional.of(list.at(-1))),
      form(["list", "int"], "list<dyn>", (list: List, most: bigint) =>
        list.slice(Math.max(0, list.length - count("last", most))),
      ),
    ],
  },
  {
    name: "sum",
    written: "list.sum()",
    gives: "the sum of numbers; of an empty list 0",
    example: ["[1, 2, 3].sum()", "6"],
    forms: [form(["list"], "dyn", sum)],
  },
  {
    name: "percentile",
    written: "list.percentile(p)",
    gives:
      "the smallest item that at least p percent of the items do not exceed; of an empty list there is none",
    example: ["[10, 20, 30, 40].percentile(95)", "40"],
    forms: ["int", "double"].map((type) => form(["list", type], "dyn", percentile)),
  },
  {
    name: "countBy",
    written: "list.countBy(x, key of x)",
    gives: "a list of {key, count}, the largest count first",
    example: ["['a', 'b', 'a'].countBy(x, x)", "[{'key': 'a', 'count': 2}, {'key': 'b', 'count': 1}]"],
    forms: [],
    macro: { over: "list", gives: "list<dyn>", run: countBy },
  },
];

/** As many as an expression may make out of nothing. */
const mostItems = 10_000n;

function range(size: bigint): readonly bigint[] {
  if (size > mostItems) throw new Error(`lists.range() makes ${mostItems} items at most`);
  return Array.from({ length: Math.max(0, Number(size)) }, (_, at) => BigInt(at));
}

function distinct(list: List): readonly unknown[] {
  const found: unknown[] = [];
  // What has a simple value is looked up; only maps and lists are compared one by one.
  const simple = new Set<string>();
  for (const item of list) {
    const key = simpleKey(item);
    if (key === undefined ? found.some((one) => alike(one, item)) : simple.has(key)) continue;
    if (key !== undefined) simple.add(key);
    found.push(item);
  }
  return found;
}

/** The same for equal texts, numbers and booleans, whichever way a whole number is written. */
function simpleKey(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return `n${BigInt(value)}`;
  if (isNumber(value)) return `n${value}`;
  return typeof value === "string" || typeof value === "boolean" ? `${typeof value}${value}` : undefined;
}

/** Unlike kinds are not the same item, and no error here. */
function alike(a: unknown, b: unknown): boolean {
  try {
    return same(a, b);
  } catch {
    return false;
  }
}

function slice(list: List, from: bigint, to: bigint): List {
  if (from < 0n || to > BigInt(list.length) || from > to)
    throw new Error(
      `slice() from ${from} to ${to} does not fit a list of ${list.length}; first(n) takes as many as there are`,
    );
  return list.slice(Number(from), Number(to));
}

function count(name: string, most: bigint): number {
  if (most < 0n) throw new Error(`${name}() takes 0 or more`);
  return Number(most);
}

function sum(list: List): bigint | number {
  let whole_ = 0n;
  let broken: number | undefined;
  for (const value of list) {
    if (!isNumber(value)) throw new Error("sum() takes a list of numbers");
    if (typeof value === "bigint") whole_ += value;
    else broken = (broken ?? 0) + value;
  }
  return broken === undefined ? whole(whole_) : broken + Number(whole_);
}

/** By nearest rank: a value that was measured, never one between two. */
function percentile(list: List, percent: bigint | number): unknown {
  const share = Number(percent);
  if (!(share > 0 && share <= 100)) throw new Error("percentile() takes a number above 0, and 100 at most");
  if (list.length === 0) throw new MissingValue(`the percentile ${percent} of none is missing`);
  const sorted = sortedBy(list, list);
  return sorted[Math.ceil((share / 100) * sorted.length) - 1];
}

function countBy(_list: List, keys: List): readonly unknown[] {
  const found = distinct(keys);
  const counts = new Map<unknown, bigint>(found.map((key) => [key, 0n]));
  const simple = new Map(found.map((key) => [simpleKey(key), key]));
  for (const key of keys) {
    const name = simpleKey(key);
    const one = name === undefined ? found.find((other) => alike(other, key)) : simple.get(name);
    counts.set(one, (counts.get(one) ?? 0n) + 1n);
  }
  return [...counts]
    .map(([key, count_]) => ({ key, count: count_ }))
    .toSorted((a, b) => Number(b.count - a.count));
}

function sortedBy(list: List, keys: List): readonly unknown[] {
  const kind = keys.length === 0 ? undefined : sortKind(keys[0]);
  if (keys.length > 0 && (kind === undefined || keys.some((key) => sortKind(key) !== kind)))
    throw new Error("sort() takes texts, numbers, booleans, times or durations, one kind of them");
  const order = keys.map((key, at): [unknown, number] => [ordered(key), at]);
  return order
    .toSorted(([a], [b]) => ((a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0))
    .map(([, at]) => list[at]);
}

function sortKind(key: unknown): string | undefined {
  if (isNumber(key)) return "number";
  if (key instanceof Date) return "time";
  if (typeof key === "string" || typeof key === "boolean") return typeof key;
  return isDuration(key) ? "duration" : undefined;
}

function isDuration(key: unknown): key is object {
  return (
    typeof key === "object" && key !== null && typeof key.valueOf() === "number" && !(key instanceof Date)
  );
}

function ordered(key: unknown): unknown {
  return key instanceof Date || isDuration(key) ? Number(key.valueOf()) : key;
}
