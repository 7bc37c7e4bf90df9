import { nearest } from "../base/suggest.ts";
import type { Problems } from "../language/problems.ts";
import { duration, list, map, object, optional, required, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace, placeOf } from "./place.ts";

/** Who comes after whom, and how long each has to answer. */
const line = text({ template: "none", instead: "Write it out." });

const levelShape = object({
  who: required(line, "Who they are: On-call engineer."),
  to: required(list(line, { min: 1, lone: true }), "Channels, `channel:team` or `channel:person`."),
  answer: optional(duration({ min: 1000 }), "How long they have to answer."),
  next: optional(line, "The level after this one."),
});
export const escalationShape = map(levelShape);
export type EscalationRead = NonNullable<(typeof escalationShape)["type"]>;
export type Escalation = Readonly<Record<string, EscalationRead[string]>>;

/** Every level leads somewhere, and none leads back. */
export function checkEscalation(levels: Escalation, root: Node, problems: Problems): void {
  for (const [name, { next }] of Object.entries(levels)) {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name))
      problems.add(
        keyPlace(root, ["escalation"], name),
        `${name} is not a valid name for a level`,
        "Letters, digits, -.",
      );
    if (next === undefined || Object.hasOwn(levels, next)) continue;
    const near = nearest(next, Object.keys(levels));
    const hint = near === undefined ? `Levels: ${Object.keys(levels).join(", ")}.` : `Did you mean ${near}?`;
    problems.add(placeOf(root, ["escalation", name, "next"]), `unknown level ${next}`, hint);
  }
  const told = new Set<string>();
  for (const name of Object.keys(levels)) {
    const loop = loopFrom(name, levels);
    if (loop.length === 0 || loop.some((level) => told.has(level))) continue;
    for (const level of loop) told.add(level);
    const place = placeOf(root, ["escalation", loop.at(-1) ?? name, "next"]);
    problems.add(
      place,
      `the escalation is circular: ${[...loop, loop[0]].join(", ")}`,
      `Remove next from ${loop.at(-1) ?? name}.`,
    );
  }
}

/** The levels of the circle that leads back to this one. */
function loopFrom(name: string, levels: Escalation): readonly string[] {
  const path: string[] = [];
  for (let at: string | undefined = name; at !== undefined; at = levels[at]?.next) {
    if (path.length > 0 && at === name) return path;
    if (path.includes(at)) return [];
    path.push(at);
  }
  return [];
}
