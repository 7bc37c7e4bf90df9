import type { Effect, Kind } from "../kinds/kind.ts";
import { integer } from "../language/shape.ts";
import type { Problems } from "../language/problems.ts";
import type { MapNode } from "../language/yaml.ts";
import { expiry, plainText } from "./fields.ts";
import { entryOf, plain } from "./keys.ts";
import type { Step } from "./runbook.ts";

/** How long a second person's approval holds when the step does not say, in milliseconds. */
const approvalHolds = 15 * 60_000;

/** How many people a step takes: an author may ask for more than its kind does, never for fewer. */
export function readApproval(
  node: MapNode,
  kind: Kind,
  effect: Effect,
  problems: Problems,
): Pick<Step, "approvers" | "approvedWith" | "expires"> {
  const given = plain(node, "approvers", integer({ min: 1, max: 2 }), problems);
  const entry = entryOf(node, "approvers");
  const place = entry?.keySpan ?? node.span;
  if (given === 2 && effect === "read") {
    const hint = "approvers is for what changes something; effect: change makes it one.";
    problems.add(place, `${kind.name} only reads, which needs no approval`, hint);
  }
  if (given === 1 && kind.approvers === 2)
    problems.add(place, `${kind.name} needs two people; an author may require more, never fewer`);
  const approvers = given === 2 || kind.approvers === 2 ? 2 : 1;
  const expires = plain(node, "expires", expiry, problems);
  if (expires !== undefined && approvers === 1) {
    const hint = "It is how long a second person's approval holds; approvers: 2 asks for one.";
    problems.add(entryOf(node, "expires")?.keySpan ?? node.span, "expires needs approvers: 2", hint);
  }
  const approvedWith = plain(node, "approved_with", plainText, problems);
  if (approvedWith !== undefined && approvers === 1) {
    const place = entryOf(node, "approved_with")?.keySpan ?? node.span;
    problems.add(place, "approved_with needs approvers: 2");
  }
  return { approvers, approvedWith, expires: expires ?? approvalHolds };
}
