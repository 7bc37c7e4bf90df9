import { openScene, respondersOf } from "../../../app/incident/scene.ts";
import { refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { show } from "../../../app/context/telling.ts";
import { storeOf } from "../../../app/context/store.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { timelineOf, type TimelineRow } from "../../../incident/timeline.ts";
import type { Incident } from "../../../store/incidents.ts";

/** `lav-ir incident list`: every exercise and every incident of this machine, the newest last. */
export async function incidentList(world: World, options: GlobalOptions): Promise<number> {
  const store = storeOf(world, options);
  const all: Incident[] = [];
  for (const id of await store.incidentNames()) {
    const one = await store.incident(id);
    if (one !== undefined) all.push(one);
  }
  if (all.length === 0) world.stderr.write("no incident is on record here\n");
  show(world, options, all.map(listed), () =>
    all.map((one) => {
      if (one.is === "open")
        return `${one.id}  ${one.severity ?? "--"}  open since ${minuteOf(one.declared)} UTC`;
      if (one.is === "closed") return `${one.id}  ended ${minuteOf(one.at)} UTC by ${one.by}`;
      return `${one.id}  ${one.is}: ${one.why}`;
    }),
  );
  return 0;
}

function listed(one: Incident) {
  const row = { type: "incident.listed" as const, incident: one.id, state: one.is };
  if (one.is === "open") return { ...row, severity: one.severity, at: one.declared };
  if (one.is === "closed") return { ...row, at: one.at, by: one.by };
  return { ...row, message: one.why };
}

function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace("T", " ");
}

/** `lav-ir incident show [REF]`: one record as it stands, or all of the incident's. */
export async function incidentShow(
  world: World,
  options: GlobalOptions,
  ref: string | undefined,
): Promise<number> {
  const scene = await openScene(world, options, { command: "incident show", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const { fold, place } = scene.value;
  const found = fold.all.filter((one) => ref === undefined || one.ref === ref);
  if (found.length === 0)
    return refuse(world, options, refusal(`${place.incident} has no record ${ref ?? ""}`).failure);
  const hidden = (one: string): boolean =>
    fold.corrections.get(one)?.some(({ withdrawn }) => withdrawn) === true;
  const rows = found.map(({ ref: name, record: { type: record, time: recorded, actor, data, imported } }) => {
    const withdrawn = hidden(name);
    const row = { type: "incident.record" as const, ref: name, record, recorded, actor, withdrawn, imported };
    return withdrawn ? row : { ...row, data };
  });
  show(world, options, rows, () =>
    found.flatMap(({ ref: name, record }) => {
      const whole = ref !== undefined;
      const data = hidden(name) ? "withdrawn" : JSON.stringify(record.data, undefined, whole ? 2 : 0);
      const { imported } = record;
      const later =
        imported === undefined
          ? ""
          : `  imported ${imported.at} by ${imported.by}${imported.block === undefined ? "" : `, ${imported.block}`}`;
      const head = `${name}  ${record.time}  ${record.actor}  ${record.type}${later}`;
      return [head, ...data.split("\n").map((line) => (whole ? line : `  ${line}`))];
    }),
  );
  return 0;
}

/** `lav-ir incident timeline`: what happened, by time, each row with its record. */
export async function incidentTimeline(world: World, options: GlobalOptions): Promise<number> {
  const scene = await openScene(world, options, { command: "incident timeline", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const { fold, status } = scene.value;
  const rows = timelineOf(fold);
  const lines = rows.map(({ at, written, ...row }) => ({
    type: "incident.event" as const,
    at: new Date(at),
    written: written === undefined ? undefined : new Date(written),
    ...row,
  }));
  show(world, options, lines, () => {
    const width = Math.max(0, ...rows.map(({ ref }) => ref.length));
    const days = rows.map(({ at }) => new Date(at).toISOString().slice(0, 10));
    const shown = rows.flatMap((row, index) => [
      ...(days[index] === days[index - 1] ? [] : [days[index] ?? ""]),
      rowText(row, width),
    ]);
    return [`${status.number}  times in UTC`, ...shown];
  });
  return 0;
}

function rowText({ at, written, text, by, ref, before, imported }: TimelineRow, width: number): string {
  const notes = [
    ...(before === undefined ? [] : [`corrected from ${before.slice(11, 19)}`]),
    ...(written === undefined || before !== undefined
      ? []
      : [`noted late, ${new Date(written).toISOString().slice(11, 19)}`]),
    ...(imported === undefined ? [] : [`imported ${minuteOf(imported.at)} by ${imported.by}`]),
  ];
  const more = notes.length === 0 ? "" : ` [${notes.join("; ")}]`;
  return ` ${new Date(at).toISOString().slice(11, 19)}  ${ref.padEnd(width)}  ${text}${more}  ${by}`;
}

/** `lav-ir contacts [WHO]`: people, levels and vendors with their numbers; reads the platform file alone. */
export async function contacts(
  world: World,
  options: GlobalOptions,
  who: string | undefined,
): Promise<number> {
  const { plan, missing, platform } = await respondersOf(world, options, "contacts");
  if (platform === undefined) return refuse(world, options, refusal(missing ?? "", "configuration").failure);
  const teamsOf = (id: string): readonly string[] =>
    Object.entries(plan.teams).flatMap(([team, members]) => (members.includes(id) ? [team] : []));
  const word = who?.toLowerCase();
  const level = who === undefined ? undefined : plan.escalation[who];
  const named = level?.to.flatMap((to) => to.split(":")[1] ?? []) ?? [];
  const people = Object.values(plan.people).filter(({ id, name }) => {
    const words = [id, name.toLowerCase(), ...teamsOf(id)];
    return (
      word === undefined ||
      words.some((one) => one.includes(word)) ||
      words.some((one) => named.includes(one))
    );
  });
  const vendors = Object.entries(plan.vendors).filter(([name]) => word === undefined || name.includes(word));
  if (people.length === 0 && vendors.length === 0 && level === undefined)
    return refuse(world, options, refusal(`no person or vendor is named ${who ?? ""}`).failure);
  const rows = [
    ...people.map(({ id, name, phone, email }) => ({
      type: "contact" as const,
      id,
      name,
      phone,
      email,
      teams: teamsOf(id),
    })),
    ...vendors.map(([vendor, ways]) => ({ type: "vendor" as const, vendor, ways })),
  ];
  const lines = [
    ...people.map(({ id, name, phone = "no number", email = "" }) =>
      [id.padEnd(8), name.padEnd(20), phone.padEnd(20), teamsOf(id).join(", "), email].join("  ").trimEnd(),
    ),
    ...Object.entries(plan.escalation)
      .filter(([name]) => who === undefined || name === who)
      .map(
        ([name, { who: what, to, next }]) =>
          `${name}  ${what}: ${to.join(", ")}${next === undefined ? "" : `; then ${next}`}`,
      ),
    ...vendors.map(
      ([name, ways]) =>
        `${name}  ${Object.entries(ways)
          .map(([what, way]) => `${what} ${way}`)
          .join("; ")}`,
    ),
  ];
  show(world, options, rows, () => lines);
  return 0;
}
