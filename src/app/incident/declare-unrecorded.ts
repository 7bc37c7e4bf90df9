import type { IncidentRecord } from "../../events/incident-record.ts";
import { foldIncident } from "../../incident/fold.ts";
import { pageRecords, recipientsOf } from "../../incident/pages.ts";
import { policyOf } from "../../incident/policy.ts";
import { statusOf } from "../../incident/status.ts";
import { standardText } from "../../incident/templates/standard.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { nothingAdopted } from "./adopt.ts";
import { firstRecords, type Declaration } from "./declare.ts";
import { notRecorded } from "./not-recorded.ts";
import type { Responders } from "./scene.ts";
import type { UnrecordedAlert } from "./send-unrecorded.ts";
import { saysWhen } from "./statements.ts";

/** An alert that no disk takes goes out all the same, and says so. */
export async function declareUnrecorded(
  world: World,
  options: GlobalOptions,
  responders: Responders,
  declaration: Declaration,
  why: string,
): Promise<number> {
  const { plan, me } = responders;
  const { severity, impact, drill, security } = declaration;
  const recordsAs = (number: string): readonly IncidentRecord[] =>
    firstRecords(number, declaration, nothingAdopted, me, policyOf(plan));
  const { name, page } = plan.severities[severity];
  const recipients = recipientsOf(plan, page, declaration);
  const [time, actor] = [new Date().toISOString(), world.user];
  const says = [
    `declared ${severity}: ${impact}`,
    ...saysWhen(declaration.started).map((line) => `began ${line}`),
  ];
  const alert = (about: string): UnrecordedAlert => {
    const head = { desk: world.host, seq: 0, sum: "" };
    const chain = recordsAs(about).map((record, n) => ({
      desk: world.host,
      seq: n + 1,
      time,
      actor,
      ...record,
    }));
    const fold = foldIncident(chain);
    const now = Date.parse(time);
    const from = { fold, status: statusOf(fold, now, about), now, severityName: name };
    const body = standardText("alert", from, {}, responders.own.templates);
    return {
      severity,
      drill,
      security,
      records: pageRecords(recipients, { ...declaration, level: severity, about, body, head }),
      call: recipients.call.map(({ id }) => id),
      say: `${severity}, ${impact}`,
    };
  };
  return await notRecorded(world, options, responders, {
    incident: undefined,
    why,
    says,
    records: recordsAs(""),
    alert,
  });
}
