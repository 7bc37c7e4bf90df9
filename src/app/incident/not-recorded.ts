import { printable } from "../../base/printable.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import { show } from "../context/telling.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { linesOfBlock, newBlockId, type Block } from "./block.ts";
import type { Responders } from "./scene.ts";
import { sendUnrecorded, type UnrecordedAlert } from "./send-unrecorded.ts";

/** What a command could not record. */
export interface Unrecorded {
  /** Undefined where it was to declare one. */
  readonly incident: string | undefined;
  /** Which one of that name. */
  readonly uid?: string | undefined;
  /** Why not: completes "NOT RECORDED: …". */
  readonly why: string;
  /** For a person: what was typed, a line each. */
  readonly says: readonly string[];
  readonly records: readonly IncidentRecord[];
  /** What goes out all the same; `about` stands in its keys. */
  readonly alert?: (about: string) => UnrecordedAlert;
}

/** What the disk did not take: sent where it alerts somebody, and printed as a block that can be imported later. */
export async function notRecorded(
  world: World,
  options: GlobalOptions,
  responders: Responders,
  { incident, uid, why, says, records, alert }: Unrecorded,
): Promise<number> {
  const now = new Date();
  const id = newBlockId(now);
  const tell = (lines: readonly string[]): void =>
    void world.stderr.write(lines.map((line) => `${printable(line)}\n`).join(""));
  tell([`NOT RECORDED${incident === undefined ? "" : ` in ${incident}`}: ${why}`]);
  const sent = alert === undefined ? undefined : await sendUnrecorded(world, responders, alert(id), id);
  tell(sent?.lines ?? []);
  const time = now.toISOString();
  const block: Block = {
    id,
    ...(incident === undefined ? {} : { incident }),
    ...(uid === undefined ? {} : { uid }),
    actor: world.user,
    host: world.host,
    records: [...records.map((record) => ({ time, record })), ...(sent?.records ?? [])],
  };
  const lines = linesOfBlock(block);
  const row = {
    type: "incident.not_recorded" as const,
    incident,
    id,
    at: now,
    actor: world.user,
    message: why,
    records: block.records.map(({ time: at, record }) => ({ at, ...record })),
    block: lines.join("\n"),
  };
  show(world, options, [row], () => [
    `${id}  NOT RECORDED  ${time.slice(0, 19).replace("T", " ")} UTC, by ${world.user} on ${world.host}`,
    ...says.map((line) => `  ${line}`),
    ...lines,
  ]);
  tell(["Keep the block above. Once records can be written: lav-ir incident import FILE, or - to paste it"]);
  return 1;
}
