import { nearest } from "../../base/suggest.ts";
import { ok, type Result } from "../../base/result.ts";
import { pageRecords, pageTargets, recipientsOf, roomsOf } from "../../incident/pages.ts";
import { updateText } from "../../incident/update-text.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/**
 * An update to the rooms that the severity alerts, or to an audience: a team, a person or a channel. It counts once
 * a provider took it: then the clock of updates begins anew.
 */
export function update(
  scene: Scene,
  typed: string,
  own: { readonly to?: string },
): Result<Statement, Refusal> {
  const text = scene.text(typed, "the update");
  if (!text.ok) return refusal(text.failure);
  const { plan, status, fold } = scene;
  const { severity = "P3" } = status;
  const frozen = fold.declared?.data.policy.severities[severity]?.page;
  const targets =
    own.to === undefined
      ? roomsOf(plan, frozen ?? plan.severities[severity].page)
      : audienceOf(scene, own.to);
  if (targets === undefined) {
    const known = Object.keys({ ...plan.people, ...plan.teams, ...plan.channels });
    const near = nearest(own.to ?? "", known);
    const hint = near === undefined ? `whom: ${known.join(", ")}` : `did you mean ${near}?`;
    return refusal(`nobody is called ${own.to ?? ""} (${hint})`);
  }
  const recipients = recipientsOf(plan, targets, status);
  if (recipients.send.length === 0 && recipients.call.length === 0)
    return refusal(
      own.to === undefined
        ? "no room takes updates at this severity: name a channel, a team or a person with --to"
        : `no channel reaches ${own.to}${recipients.left.length === 0 ? "" : `: ${recipients.left.join(", ")} may not carry it`}`,
    );
  const [level, body] = [own.to ?? severity, updateText(status, text.value)];
  const audience = own.to === undefined ? "update" : `update to ${own.to}`;
  return ok({
    records: [{ type: "incident.note", data: { text: `${audience}: ${text.value}` } }],
    quoting: ([about = ""], head) =>
      pageRecords(recipients, { ...status, kind: "update", level, about, body, head }),
    recipients,
    sends: "updates",
    says: [
      audience,
      ...(status.security ? ["a security incident: the text is on record, and not in the messages"] : []),
    ],
  });
}

/** A pager takes an update for the end of what it paged: none goes there. */
function audienceOf({ plan }: Scene, to: string): readonly string[] | undefined {
  return pageTargets(plan, to)?.filter((target) => {
    const [channel = ""] = target.split(":");
    return plan.channels[channel]?.provider.type !== "pagerduty";
  });
}
