import { commandText, correctionsText, instantText, type ReviewModel } from "./model.ts";
import { plain, refs, refText, table } from "./words.ts";

type Lines = readonly string[];

/** What the incident did to the business, as far as figures say so. */
export function impactLines(model: ReviewModel): Lines {
  const facts = [
    ["users", "Users affected", "fact users …"],
    ["revenue", "Revenue", "fact revenue …"],
    ["pnl", "Profit and loss", "fact pnl …"],
  ] as const;
  const rows = facts.map(([name, title, command]) => {
    const event = model.events.get(name);
    const stated = model.notKnown.get(name);
    if (event !== undefined) return [title, valueText(model, event.ref, event.value), refText(event.ref)];
    if (stated !== undefined) return [title, "not known, as stated", refText(stated)];
    return [title, `NOT KNOWN: ${commandText(model, command)}`, ""];
  });
  return table(["Figure", "Value", "Record"], [...rows, breachRow(model)]);
}

/** Both values of one that was corrected. */
function valueText(model: ReviewModel, ref: string, value = ""): string {
  const read = model.records.get(ref)?.read;
  const own = read?.type === "incident.fact" ? (read.data.value ?? "") : "";
  const old = own === value ? "" : `~~${plain(own)}~~ `;
  return [`${old}${plain(value)}`, ...correctionsText(model, ref)].join(", ");
}

function breachRow({ status }: ReviewModel): Lines {
  const missed = status.clocks.filter(({ state }) => state.is === "missed");
  const names = missed.map((clock) => `${plain(clock.name)} (${clock.severity})`);
  const by = missed.flatMap(({ state }) => (state.is === "missed" ? [state.event] : []));
  return ["Limits missed", names.length === 0 ? "none" : names.join(", "), refs(by)];
}

/** Halts, runs and snapshots; of each bundle its digest. */
export function evidenceLines(model: ReviewModel): Lines {
  const rows = model.fold.all.flatMap(({ record: { type, data, time }, ref }) => {
    const what = evidenceText(type, data);
    return what === undefined ? [] : [[instantText(model, Date.parse(time)), what, refText(ref)]];
  });
  return [
    ...(rows.length === 0
      ? ["No run, halt or snapshot is on record."]
      : table(["Time", "What", "Record"], rows)),
    ...adoptedLines(model),
    ...unsealedLines(model),
  ];
}

function adoptedLines({ fold: { declared } }: ReviewModel): Lines {
  const adopted = declared?.data.adopted ?? [];
  if (adopted.length === 0) return [];
  return [
    "",
    `Adopted from the preceding hour: ${adopted.map(plain).join(", ")} (${refs([declared?.by.ref])}).`,
  ];
}

/** Which of the incident's records no bundle of this machine holds: a snapshot has what was on record when it began. */
function unsealedLines(model: ReviewModel): Lines {
  // That a review was written changes no review.
  const all = model.fold.all
    .map(({ record, ref }) => ({ type: record.type, ref }))
    .filter(({ type }) => type !== "incident.review");
  const last = all.findLastIndex(({ type }) => type === "snapshot.sealed");
  const command = commandText(model, "snapshot");
  if (last === -1) return ["", `No bundle holds this incident's records: ${command}`];
  const later = all.length - 1 - last;
  if (later === 0) return [];
  const records = later === 1 ? "1 record is" : `${later} records are`;
  return ["", `${records} newer than the last bundle (${refText(all[last]?.ref ?? "")}): ${command}`];
}

function evidenceText(type: string, data: Readonly<Record<string, unknown>>): string | undefined {
  const text = (key: string): string => (typeof data[key] === "string" ? plain(data[key]) : "");
  switch (type) {
    case "halt.receipt":
      return `halt ${text("halt")} of ${text("scope")}: ${text("outcome")}`;
    case "run.started":
      return `run ${text("run")} of ${text("runbook")} began`;
    case "run.finished":
      return `run ${text("run")}: ${text("outcome")}`;
    case "snapshot.sealed":
    case "evidence.sealed":
      return `snapshot ${text("snapshot")}, ${text("verdict")}, SHA-256 ${text("sha256")}`;
    case "incident.fact":
      // Adopted: its journal is that of the hour before.
      return data["name"] === "evidence" && data["how"] === "measured"
        ? `snapshot ${text("value")}, of before the declaration: holds none of its records`
        : undefined;
    default:
      return undefined;
  }
}

/** What was said of the cause when it was resolved. */
export function causeLines(model: ReviewModel): Lines {
  const said = model.fold.ends.flatMap(({ data, by, withdrawn }) => {
    if (data.what !== "resolved") return [];
    if (withdrawn) return [["withdrawn", "", refText(by.ref)]];
    const cause = data.cause === undefined ? "not known yet" : plain(data.cause);
    return [[plain(data.message), cause, refText(by.ref)]];
  });
  return said.length === 0 ? ["Not resolved."] : table(["Resolved by", "Cause", "Record"], said);
}

/** What is to be done, and by whom. */
export function actionLines(model: ReviewModel): Lines {
  const { actions } = model;
  if (actions.length === 0)
    return [`NONE: ${commandText(model, 'actions add preventive "…" --owner … --due …')}`];
  const rows = actions.map(({ id, text, kind, owner, due, priority, done, ref }) => [
    id,
    plain(text),
    kind,
    owner === undefined ? "NOBODY" : plain(owner),
    due ?? "NO DATE",
    priority,
    done ? "done" : "open",
    refText(ref),
  ]);
  return table(["#", "Action", "Kind", "Owner", "Due", "Priority", "State", "Record"], rows);
}
