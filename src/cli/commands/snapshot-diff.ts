import { comparable, differences, type Difference } from "../../evidence/diff/diff.ts";
import { readSnapshot } from "../../evidence/bundle/read.ts";
import type { SnapshotLine } from "../../events/snapshot-lines.ts";
import { bytesText } from "../../output/bytes.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

/** `lav-ir snapshot diff`: what is otherwise in the second than in the first. @returns 0 when nothing is, 1 otherwise. */
export async function diff(
  world: World,
  options: GlobalOptions,
  first: string,
  second: string,
): Promise<number> {
  const [before, after] = [await readSnapshot(first, comparable), await readSnapshot(second, comparable)];
  if (!before.ok) return refuse(world, options, refusal(before.failure).failure);
  if (!after.ok) return refuse(world, options, refusal(after.failure).failure);
  for (const { path, sound } of [before.value, after.value]) {
    if (!sound)
      world.stderr.write(`${path} was changed after it was sealed; lav-ir snapshot verify shows where\n`);
  }
  const found = differences(before.value, after.value);
  const incidents = [before.value.snapshot.incident, after.value.snapshot.incident];
  if (incidents[0] !== incidents[1]) {
    world.stderr.write(
      "warning: the snapshots belong to two incidents, so the same secret has different tokens\n",
    );
  }
  show(world, options, found.map(rowOf), () =>
    found.length === 0 ? ["no differences"] : found.flatMap(linesOf),
  );
  return found.length === 0 ? 0 : 1;
}

function rowOf({ type: kind, ...difference }: Difference): SnapshotLine {
  const type = "snapshot.difference";
  if (!("name" in difference)) return { type, kind, ...difference };
  const { before: value_before, after: value_after, ...rest } = difference;
  return { type, kind, ...rest, value_before, value_after };
}

function linesOf(difference: Difference): readonly string[] {
  switch (difference.type) {
    case "added":
      return [`added    ${difference.path}  ${bytesText(difference.bytes)}`];
    case "removed":
      return [`removed  ${difference.path}  ${bytesText(difference.bytes)}`];
    case "changed":
      return [
        `changed  ${difference.path}`,
        ...difference.lines.map(
          ({ sign, text }) => `  ${sign} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`,
        ),
        ...(difference.more > 0 ? [`  and ${difference.more} more lines`] : []),
      ];
    case "status":
      return [`status   ${difference.collector}: ${difference.before} → ${difference.after}`];
    case "measure":
      return [
        `measure  ${difference.name}: ${difference.before} → ${difference.after}${difference.unit === "" ? "" : ` ${difference.unit}`}`,
      ];
    case "secret":
      return [
        `secret   ${difference.path}: ${difference.token} only ${difference.in === "before" ? "in the first" : "in the second"}`,
      ];
  }
}
