import { instant } from "./cel-time.ts";
import { isNode, visit, type AstNode } from "./departures.ts";
import { functionNamed } from "./functions/table.ts";
import { patternProblem } from "./re2.ts";
import type { Span } from "./source.ts";

/** What is wrong with a tree that was checked, as far as the types of its parts are known. */
export function departureProblem(
  ast: unknown,
  text: string,
): { message: string; span: Span; hint: string } | undefined {
  let found: { message: string; span: Span; hint: string } | undefined;
  visit(ast, (node) => {
    found ??= unlikeTypes(node) ?? badInstant(node) ?? badPattern(node) ?? hyphen(node, text);
  });
  return found;
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^string$/, "text"],
  [/^(?:int|uint|double)$/, "a number"],
  [/^bool$/, "true or false"],
  [/^google\.protobuf\.Timestamp$/, "a time"],
  [/^google\.protobuf\.Duration$/, "a duration"],
  [/^list\b/, "a list"],
  [/^map\b/, "a map"],
  [/^optional\b/, "a value that may be missing"],
];

function kindOf(node: unknown): string | undefined {
  const name = isNode(node) ? node.checkedType?.name : undefined;
  return name === undefined ? undefined : kinds.find(([pattern]) => pattern.test(name))?.[1];
}

function unlikeTypes(node: AstNode) {
  if ((node.op !== "==" && node.op !== "!=") || !Array.isArray(node.args)) return undefined;
  const [left, right] = node.args.map(kindOf);
  if (left === undefined || right === undefined || left === right) return undefined;
  return {
    message: `${left} is compared with ${right}`,
    span: { start: node.start, end: node.end },
    hint: "They are never equal. Compare like with like: int(…), string(…), timestamp(…).",
  };
}

function badInstant(node: AstNode) {
  if (node.op !== "call" || !Array.isArray(node.args) || node.args[0] !== "_timestamp_") return undefined;
  const [argument] = node.args[1] as readonly unknown[];
  if (!isNode(argument) || argument.op !== "value" || typeof argument.args !== "string") return undefined;
  try {
    instant(argument.args);
    return undefined;
  } catch (error) {
    return {
      message: error instanceof Error ? error.message : String(error),
      span: { start: argument.start, end: argument.end },
      hint: "Write the zone: Z, or +01:00.",
    };
  }
}

/** A pattern that is written out and is none. */
function badPattern(node: AstNode) {
  if (node.op !== "rcall" || !Array.isArray(node.args)) return undefined;
  const [name, receiver, given] = node.args as readonly unknown[];
  const space = isNode(receiver) ? functionNamed(`${String(receiver.args)}.${String(name)}`) : undefined;
  const called = space ?? functionNamed(String(name));
  if (called?.pattern === undefined) return undefined;
  if (!Array.isArray(given)) return undefined;
  const pattern: unknown = (space === undefined ? [receiver, ...(given as unknown[])] : given)[
    called.pattern
  ];
  if (!isNode(pattern) || pattern.op !== "value" || typeof pattern.args !== "string") return undefined;
  const why = patternProblem(pattern.args);
  const span = { start: pattern.start, end: pattern.end };
  return why === undefined
    ? undefined
    : {
        message: `this is no pattern: ${why}`,
        span,
        hint: "Patterns are RE2: as in Go, without (?=…) and \\1.",
      };
}

/** `json.queue-size` is `json.queue` less `size`. */
function hyphen(node: AstNode, text: string) {
  if (node.op !== "-" || !Array.isArray(node.args)) return undefined;
  const [left, right] = node.args as readonly unknown[];
  if (!isNode(left) || !isNode(right) || left.op !== "." || !Array.isArray(left.args)) return undefined;
  if (text.slice(left.end, right.start) !== "-" || !/^[A-Za-z_]/.test(text.slice(right.start)))
    return undefined;
  const before = isNode(left.args[0]) ? text.slice(left.args[0].start, left.args[0].end) : "";
  const name = `${String(left.args[1])}-${/^\w+/.exec(text.slice(right.start))?.[0] ?? ""}`;
  return {
    message: `${text.slice(left.start, left.end)}-… is a subtraction`,
    span: { start: left.start, end: right.end },
    hint: `For the field write ${before}["${name}"]; for the subtraction put blanks around -.`,
  };
}
