import { ok, type Result } from "../../base/result.ts";
import { shownState, type MessageFold } from "../../incident/messages.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/**
 * Turns an incident into a security incident: from now on only private channels carry it, without its impact. What
 * waits for another channel is withdrawn; what went out before is named, because nobody can take that back.
 */
export function security(scene: Scene, reason: string): Result<Statement, Refusal> {
  const { place, status, fold, plan } = scene;
  if (status.security) return refusal(`${place.incident} is a security incident already`);
  const why = scene.text(reason, "the reason");
  if (!why.ok) return refusal(why.failure);
  const open = [...fold.messages.values()].filter(
    ({ queued }) => plan.channels[queued.data.channel]?.private !== true,
  );
  const waiting = open.filter((message) => shownState(message).state === "queued");
  const gone = open.filter(
    ({ attempts, state }) => attempts > 0 && state.state !== "failed" && state.state !== "queued",
  );
  return ok({
    records: [{ type: "incident.security", data: { why: why.value } }],
    says: [
      "private channels only from now on; messages withhold the impact",
      ...(waiting.length === 0 ? [] : [`withdrawn before they went out: ${named(waiting)}`]),
      ...(gone.length === 0 ? [] : [`went out before, and may have been read: ${named(gone)}`]),
      ...(Object.values(plan.channels).some((channel) => channel.private)
        ? []
        : ["NO CHANNEL IS PRIVATE: nothing more is sent; lav-ir contacts has the numbers"]),
    ],
  });
}

function named(messages: readonly MessageFold[]): string {
  return messages
    .map(
      ({ queued: { data } }) =>
        `${data.kind} to ${data.channel}${data.person === undefined ? "" : ` (${data.person})`}`,
    )
    .join(", ");
}

/** What is asked before a correction that makes a security incident an ordinary one. */
export function asksToOpen({ fold, place }: Scene, ref: string, withdraws: boolean): string | undefined {
  if (!withdraws || !isSecurity(fold, ref)) return undefined;
  return `Make ${place.incident} an ordinary incident again? Every channel of its severity may then carry its impact.`;
}

export function isSecurity({ all }: Pick<Scene["fold"], "all">, ref: string): boolean {
  return all.find((one) => one.ref === ref)?.record.type === "incident.security";
}
