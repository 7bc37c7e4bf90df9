import { didYouMean } from "../base/suggest.ts";
import { fail, type Result } from "../base/result.ts";
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
    unusedLimits(param.value, read.type, problems);
    const written = param.value.type === "map" ? entryOf(param.value, "default")?.value : undefined;
    const texts = read.type === "string" || (read.type === "list" && (read.of ?? "string") === "string");
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

/** A limit that does not belong to the type would hold nothing, and say nothing. */
function unusedLimits(node: Node, type: Param["type"], problems: Problems): void {
  if (node.type !== "map") return;
  for (const { key, keySpan } of node.entries) {
    const numeric = type === "integer" || type === "number";
    const texts = type === "string" || (type === "list" && !node.entries.some((entry) => entry.key === "of"));
    const misplaced =
      key === "enum" ? !texts : key === "of" ? type !== "list" : (key === "min" || key === "max") && !numeric;
    if (misplaced) problems.add(keySpan, `${key} does not limit a parameter of type ${type}`);
  }
}

/** A parameter the operator gave as text: `--param hold=30m`. */
export function readParam(param: Param, given: string): Result<unknown, string> {
  const { type } = param;
  if (type === "list") return fitGiven(param, listIn(given));
  if (type === "map") return fitGiven(param, jsonIn(given, "{"));
  if (type === "boolean")
    return fit(given === "true" ? true : given === "false" ? false : given, param.shape);
  if (type === "integer" || type === "number") {
    return fit(/^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given, param.shape);
  }
  const fitted = fit(given, param.shape);
  const allowed = param.shape.type === "string" ? (param.shape.enum ?? []) : [];
  return fitted.ok ? fitted : fail(`${fitted.failure}${didYouMean(given, allowed)}`);
}

/** A value that could not be read is given as it was typed: its shape says what it must be. */
function fitGiven({ shape, of = "string" }: Param, given: unknown): Result<unknown, string> {
  const numeric = of === "integer" || of === "number";
  const item = (one: unknown): unknown =>
    numeric && typeof one === "string" && /^-?\d+(\.\d+)?$/.test(one) ? Number(one) : one;
  const read = fit(Array.isArray(given) ? given.map(item) : given, shape);
  if (read.ok || !Array.isArray(given) || shape.type !== "list") return read;
  const { of: inner } = shape;
  const allowed = inner.type === "string" ? (inner.enum ?? []) : [];
  const wrong = given.find((one) => typeof one === "string" && allowed.length > 0 && !allowed.includes(one));
  return fail(`${read.failure}${typeof wrong === "string" ? didYouMean(wrong, allowed) : ""}`);
}

/** `a,b`, or JSON where an item has a comma or a blank at its end. */
function listIn(given: string): unknown {
  if (given.trimStart().startsWith("[")) return jsonIn(given, "[");
  return given.trim() === "" ? [] : given.split(",").map((item) => item.trim());
}

function jsonIn(given: string, begins: string): unknown {
  if (!given.trimStart().startsWith(begins)) return given;
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
}

function scalarsIn(node: Node | undefined): readonly ScalarNode[] {
  if (node?.type === "scalar") return [node];
  return node?.type === "list" ? node.items.flatMap(scalarsIn) : [];
}
