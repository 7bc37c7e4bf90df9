import { createHash } from "node:crypto";
import { ok, type Result } from "../../base/result.ts";
import { refOf, type IncidentData, type Ref } from "../../events/incident-record.ts";
import type { IncidentStatus } from "../../incident/status.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { personNamed, type Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

type Offered = IncidentData<"incident.handoff">;

/** A role that somebody has offered, and who has not taken it yet. */
export interface OpenOffer {
  readonly role: Offered["role"];
  readonly ref: Ref;
  /** What the offer was made on is not so any more. */
  readonly stale: boolean;
}

/** What whoever takes over has to say back: the severity, and whether trading is halted. */
export function stateToReadBack({ severity, trading }: Pick<IncidentStatus, "severity" | "trading">): string {
  return `${severity ?? "no severity"} ${trading.is}`;
}

/** Offers a role that one holds to somebody else. It is theirs once they have read the state back. */
export function offer(scene: Scene, who: string, typedRole: string): Result<Statement, Refusal> {
  const role = (["commander", "scribe", "comms"] as const).find((one) => one === typedRole);
  if (role === undefined) return refusal(`unknown role ${typedRole} (roles: commander, scribe, comms)`);
  const person = personNamed(scene, who);
  if (!person.ok) return person;
  const held = scene.status.roles.find((one) => one.role === role);
  const holders = held?.holders.map((one) => one.who) ?? [];
  if (!holders.includes(scene.me)) {
    const now = holders.length === 0 ? `nobody is ${role}` : `${role} is ${holders.join(", ")}`;
    return refusal(`${now}, and only its holder can hand a role over; assign it: lav-ir role ${role} ${who}`);
  }
  if (person.value === scene.me) return refusal(`${role} is already ${scene.me}`);
  const data = { role, to: person.value, shown: shownOf(scene) };
  return ok({
    records: [{ type: "incident.handoff", data }],
    says: [
      `${role} is offered to ${person.value}, and is yours until they have taken it: lav-ir handoff accept`,
      `they read back: ${stateToReadBack(scene.status)}`,
    ],
  });
}

/** Takes what was offered, with the state read back. */
export function accept(scene: Scene, typed: string): Result<Statement, Refusal> {
  const found = openOffer(scene);
  if (found === undefined) return refusal(`no role is offered to ${scene.me}`, "state");
  const state = stateToReadBack(scene.status);
  if (plain(typed) !== plain(state)) {
    const said = typed.trim() === "" ? "read the state back" : `it is not "${typed.trim()}"`;
    return refusal(`${said}; lav-ir status shows it: lav-ir handoff accept ${state}`, "consent");
  }
  const { role, ref } = found;
  const data = { role, person: scene.me, how: "handoff" as const, offer: ref };
  return ok({ records: [{ type: "incident.role", data }], says: [`${role}: ${scene.me} (handed over)`] });
}

/** The last offer to whoever types; a role that somebody took or gave since is offered no more. */
export function openOffer(scene: Scene): OpenOffer | undefined {
  const { fold, me } = scene;
  const offered = fold.handoffs.findLast(({ data, withdrawn }) => data.to === me && !withdrawn);
  if (offered === undefined) return undefined;
  const at = fold.all.indexOf(offered.by);
  const since = fold.roles.some(
    ({ data, by }) => data.role === offered.data.role && fold.all.indexOf(by) > at,
  );
  if (since) return undefined;
  const { desk, seq } = offered.by.record;
  return { role: offered.data.role, ref: refOf(desk, seq), stale: offered.data.shown !== shownOf(scene) };
}

function shownOf({ status }: Pick<Scene, "status">): string {
  return createHash("sha256")
    .update(`${status.number} ${stateToReadBack(status)}`)
    .digest("hex");
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s,;:]+/g, " ");
}
