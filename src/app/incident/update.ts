import { nearest } from "../../base/suggest.ts";
import { ok, type Result } from "../../base/result.ts";
import { pageRecords, pageTargets, recipientsOf, roomsOf } from "../../incident/pages.ts";
import { longestSms } from "../../incident/templates/template.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import { noTexts, unusedNotes } from "./own-texts.ts";
import { filled, givenFields, missingFields, standardBody, type GivenOptions } from "./templated.ts";
import type { NamedTemplate } from "./templates.ts";
import type { Statement } from "./statements.ts";

/**
 * An update to the rooms that the severity alerts, or to an audience: a team, a person or a channel. It counts once
 * a provider took it: then the clock of updates begins anew.
 */
export function update(
  scene: Scene,
  typed: string,
  own: UpdateOptions,
  template?: NamedTemplate,
): Result<Statement, Refusal> {
  const text = template === undefined ? plainText(scene, typed) : templateText(scene, typed, own, template);
  if (!text.ok) return text;
  const { plan, status, fold, head } = scene;
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
    return refusal(`nobody is named ${own.to ?? ""} (${hint})`);
  }
  const recipients = recipientsOf(plan, targets, status);
  if (recipients.send.length === 0 && recipients.call.length === 0)
    return refusal(
      own.to === undefined
        ? "no room takes updates at this severity: name a channel, a team or a person with --to"
        : `no channel reaches ${own.to}${recipients.left.length === 0 ? "" : `: ${recipients.left.join(", ")} may not carry it`}`,
    );
  const { noted, body } = text.value;
  const tooLong = recipients.send.find(
    ({ channel }) => plan.channels[channel]?.provider.type === "twilio" && body.length > longestSms,
  );
  if (tooLong !== undefined)
    return refusal(
      `the text is ${body.length} characters; ${tooLong.channel} takes ${longestSms}: shorten it, or name a room with --to`,
    );
  const level = own.to ?? severity;
  const notes = template === undefined ? unusedNotes(scene.own, "update") : unusedNotes(noTexts, "update");
  const audience = own.to === undefined ? "update" : `update to ${own.to}`;
  return ok({
    records: [{ type: "incident.note", data: { text: `${audience}: ${noted}` } }, ...notes.records],
    quoting: ([about = ""]) =>
      pageRecords(recipients, { ...status, kind: "update", level, about, body, head }),
    recipients,
    sends: "updates",
    says: [
      audience,
      ...notes.says,
      ...(status.security ? ["security incident: the text is on record and withheld from the messages"] : []),
    ],
  });
}

export interface UpdateOptions extends GivenOptions {
  readonly to?: string;
}

interface UpdateText {
  /** What goes on record. */
  readonly noted: string;
  /** What is sent. */
  readonly body: string;
}

function plainText(scene: Scene, typed: string): Result<UpdateText, Refusal> {
  const text = scene.text(typed, "the update");
  return text.ok
    ? ok({ noted: text.value, body: standardBody(scene, "update", { text: text.value }) })
    : refusal(text.failure);
}

/** Of a security incident the messages carry none of it: who reads them is not known. */
function templateText(
  scene: Scene,
  typed: string,
  own: UpdateOptions,
  { name, template }: NamedTemplate,
): Result<UpdateText, Refusal> {
  const given = givenFields(scene, typed, own);
  if (!given.ok) return given;
  const made = filled(scene, template, given.value);
  if (made.missing.length > 0) return missingFields(made);
  const body = scene.status.security ? standardBody(scene, "update") : made.text;
  const said = given.value.text === undefined ? "" : `: ${given.value.text}`;
  return ok({ noted: `template ${name}${said}`, body });
}

/** A pager takes an update for the end of what it paged: none goes there. */
function audienceOf({ plan }: Scene, to: string): readonly string[] | undefined {
  return pageTargets(plan, to)?.filter((target) => {
    const [channel = ""] = target.split(":");
    return plan.channels[channel]?.provider.type !== "pagerduty";
  });
}
