import { didYouMean } from "../base/suggest.ts";
import { NoValue } from "../base/no-value.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { jsonOf } from "../language/json-text.ts";
import { readNow, refuseSpelling } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import { fit } from "../language/value.ts";
import type { MapNode, Node, ScalarNode } from "../language/yaml.ts";
import { paramShape, plainText as line, shapeOfParam } from "./fields.ts";
import { entryOf } from "./keys.ts";
import type { Param } from "./runbook.ts";

const wordPattern = /^[a-z][a-z0-9_]*$/;

/** The parameters that a runbook takes. */
export function readParams(node: MapNode, problems: Problems): readonly Param[] {
  const entry = entryOf(node, "params");
  if (entry === undefined) return [];
  if (entry.value.type !== "map") {
    problems.add(
      entry.value.span,
      "params must be a map of name: { type, default, ask, … }",
      "Such as params: { minutes: { type: integer, default: 15 } }.",
    );
    return [];
  }
  return entry.value.entries.flatMap((param) => {
    if (!wordPattern.test(param.key)) {
      problems.add(
        param.keySpan,
        `${param.key} is not a valid parameter name`,
        "Lower-case letters, digits and _.",
      );
    }
    const read = readNow(param.value, paramShape, param.key, problems);
    const unread: Param = {
      name: param.key,
      shape: line.spec,
      type: "string",
      default: undefined,
      ask: undefined,
      span: param.keySpan,
      unread: true,
    };
    if (read === undefined) return [unread];
    const texts = read.type === "string" || (read.type === "list" && (read.of ?? "string") === "string");
    unusedLimits(param.value, read.type, texts, problems);
    const written = param.value.type === "map" ? entryOf(param.value, "default")?.value : undefined;
    if (texts && scalarsIn(written).some((scalar) => refuseSpelling(scalar, problems))) return [unread];
    const shape = shapeOfParam(read).spec;
    const initial = read.default === undefined ? undefined : fit(read.default, shape);
    if (initial !== undefined && !initial.ok) {
      problems.add(written?.span ?? param.value.span, `the default of ${param.key} ${initial.failure}`);
    }
    const start = initial?.ok === true ? initial.value : undefined;
    const of = read.type === "list" ? { of: read.of ?? "string" } : {};
    return [
      { name: param.key, shape, type: read.type, ...of, default: start, ask: read.ask, span: param.keySpan },
    ];
  });
}

/**
 * A limit that does not belong to the type would hold nothing, and say nothing.
 * @param texts whether it is a text, or a list of them
 */
function unusedLimits(node: Node, type: Param["type"], texts: boolean, problems: Problems): void {
  if (node.type !== "map") return;
  for (const { key, keySpan } of node.entries) {
    const misplaced =
      key === "enum"
        ? !texts
        : key === "of"
          ? type !== "list"
          : (key === "min" || key === "max") && !numeric(type);
    if (misplaced) problems.add(keySpan, `${key} does not limit a parameter of type ${type}`);
  }
}

/** A parameter the operator gave as text: `--param hold=30m`. */
export async function readParam(param: Param, given: string): Promise<Result<unknown, string>> {
  const { type, of = "string" } = param;
  switch (type) {
    case "list": {
      const read = await listIn(given);
      return read.ok ? fitList(param, numeric(of) ? numbersIn(read.value) : read.value) : read;
    }
    case "map": {
      const read = await jsonIn(given, "{");
      return read.ok ? fit(read.value, param.shape) : read;
    }
    case "boolean":
      return fit(given === "true" ? true : given === "false" ? false : given, param.shape);
    case "integer":
    case "number":
      return fit(numberIn(given), param.shape);
    case "string":
    case "duration": {
      const fitted = fit(given, param.shape);
      const allowed = param.shape.type === "string" ? (param.shape.enum ?? []) : [];
      return fitted.ok ? fitted : fail(`${fitted.failure}${didYouMean(given, allowed)}`);
    }
  }
}

/** A value that could not be read is given as it was typed: its shape says what it must be. */
function fitList({ shape }: Param, given: unknown): Result<unknown, string> {
  const read = fit(given, shape);
  if (read.ok || !Array.isArray(given) || shape.type !== "list") return read;
  const { of: inner } = shape;
  const allowed = inner.type === "string" ? (inner.enum ?? []) : [];
  const wrong = given.find((one) => typeof one === "string" && allowed.length > 0 && !allowed.includes(one));
  return fail(`${read.failure}${typeof wrong === "string" ? didYouMean(wrong, allowed) : ""}`);
}

function numeric(type: string): boolean {
  return type === "integer" || type === "number";
}

function numbersIn(items: unknown): unknown {
  return Array.isArray(items) ? items.map((one) => (typeof one === "string" ? numberIn(one) : one)) : items;
}

/** A number where it is one that can be held; another text as it was typed. */
function numberIn(given: string): number | string {
  const value = Number(given);
  const exact = given.includes(".") || Number.isSafeInteger(value);
  return /^-?\d+(\.\d+)?$/.test(given) && exact ? value : given;
}

/** `a,b`, or JSON where an item has a comma or a blank at its end. */
async function listIn(given: string): Promise<Result<unknown, string>> {
  if (given.trimStart().startsWith("[")) return await jsonIn(given, "[");
  return ok(given.trim() === "" ? [] : given.split(",").map((item) => item.trim()));
}

/** What does not begin so, or is no JSON, is given as it was typed. */
async function jsonIn(given: string, begins: string): Promise<Result<unknown, string>> {
  if (!given.trimStart().startsWith(begins)) return ok(given);
  const read = await jsonOf(given, true);
  if (read === undefined) return ok(given);
  return read.value instanceof NoValue ? fail(`has no value: ${read.value.why}`) : plain(read.value);
}

/** As a runbook's file would have it: numbers, where each is the one that was typed. */
function plain(value: unknown): Result<unknown, string> {
  if (typeof value === "bigint") {
    const whole = Number(value);
    return Number.isSafeInteger(whole)
      ? ok(whole)
      : fail(`has ${value}, which no number holds exactly; put it in quotes`);
  }
  if (typeof value !== "object" || value === null) return ok(value);
  const items = Object.entries(value).map(([name, item]: [string, unknown]) => [name, plain(item)] as const);
  const read: [string, unknown][] = [];
  for (const [name, item] of items) {
    if (!item.ok) return item;
    read.push([name, item.value]);
  }
  return ok(Array.isArray(value) ? read.map(([, item]) => item) : Object.fromEntries(read));
}

function scalarsIn(node: Node | undefined): readonly ScalarNode[] {
  if (node?.type === "scalar") return [node];
  return node?.type === "list" ? node.items.flatMap(scalarsIn) : [];
}
