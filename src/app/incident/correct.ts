import { nearest } from "../../base/suggest.ts";
import { ok, type Result } from "../../base/result.ts";
import type { IncidentData } from "../../events/incident-record.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import { saysWhen, timeOf, type Statement } from "./statements.ts";

export interface CorrectOptions {
  readonly at?: string;
  readonly value?: string;
  readonly withdraw?: boolean;
  readonly yes?: boolean;
}

type Correct = IncidentData<"incident.correct">;

/** What a record says wrongly: both stay, and both are shown. */
export function correct(
  scene: Scene,
  record: string,
  reason: string,
  own: CorrectOptions,
): Result<Statement, Refusal> {
  const { fold, place } = scene;
  const found = fold.all.find(({ ref }) => ref === record);
  if (found === undefined) {
    const near = nearest(
      record,
      fold.all.map(({ ref }) => ref),
    );
    return refusal(
      `${place.incident} has no record ${record}${near === undefined ? "" : ` (did you mean ${near}?)`}; lav-ir incident timeline names them`,
    );
  }
  const given = [own.at, own.value, own.withdraw === true ? "" : undefined].filter(
    (one) => one !== undefined,
  );
  if (given.length !== 1) return refusal("correct needs one of --at, --value and --withdraw");
  const why = scene.text(reason, "the reason");
  if (!why.ok) return refusal(why.failure);
  const change = changeOf(scene, found.record.type, own);
  if (!change.ok) return change;
  const data: Correct = { record, ...change.value.data, why: why.value };
  return ok({ records: [{ type: "incident.correct", data }], says: change.value.says });
}

interface Change {
  readonly data: Pick<Correct, "field" | "value" | "withdraw">;
  readonly says: readonly string[];
}

function changeOf(scene: Scene, type: string, own: CorrectOptions): Result<Change, Refusal> {
  if (own.withdraw === true && type === "incident.declared")
    return refusal("a declaration is not withdrawn; lav-ir cancel ends a false alarm or a duplicate");
  if (own.withdraw === true)
    return ok({
      data: { withdraw: true },
      says: [
        "withdrawn: hidden from every view; it stays on record",
        ...(type === "incident.security" ? [openAgain(scene)] : []),
      ],
    });
  // What a machine did is so, whatever anybody says of it.
  const isStated = type.startsWith("incident.") && type !== "incident.correct";
  if (own.at !== undefined) {
    if (!isStated) return refusal(`the time of ${type} cannot be corrected, only withdrawn`);
    const at = timeOf(scene, own.at);
    if (!at.ok) return at;
    return ok({ data: { field: "at", value: at.value }, says: saysWhen(at.value) });
  }
  const field = fieldOf(type);
  if (field === undefined) return refusal(`${type} has neither a value nor a text that --value can correct`);
  const value = scene.text(own.value ?? "", "the value");
  if (!value.ok) return refusal(value.failure);
  return ok({ data: { field, value: value.value }, says: [`${field}: ${value.value}`] });
}

function fieldOf(type: string): "value" | "text" | undefined {
  if (type === "incident.fact") return "value";
  return ["incident.note", "incident.answer", "incident.declared", "incident.action"].includes(type)
    ? "text"
    : undefined;
}

/** What a withdrawn `incident.security` leaves: another one may still hold. */
function openAgain({ fold, status }: Scene): string {
  const others = fold.all.filter(
    ({ ref, read }) =>
      read?.type === "incident.security" && fold.corrections.get(ref)?.some((one) => one.withdrawn) !== true,
  );
  return others.length > 1 || fold.declared?.data.security === true
    ? `${status.number} is still a security incident: another record says so`
    : "an ordinary incident again: every channel of its severity may carry it; messages that were withdrawn stay so";
}
