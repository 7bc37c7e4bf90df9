import { printable } from "../../base/printable.ts";
import { comparable, differences, type Difference } from "../../evidence/diff/diff.ts";
import { readSnapshot } from "../../evidence/bundle/read.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { bytesText } from "../../output/bytes.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
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
    if (!sound) world.stderr.write(`${path} is not what was sealed; lav-ir snapshot verify says in what\n`);
  }
  const found = differences(before.value, after.value);
  if (options.json === true) {
    world.stdout.write(ndjsonHeader(world.version));
    for (const difference of found)
      world.stdout.write(
        ndjsonRow("snapshot.difference", { ...difference, type: undefined, kind: difference.type }),
      );
    return found.length === 0 ? 0 : 1;
  }
  const incidents = [before.value.snapshot.incident, after.value.snapshot.incident];
  if (incidents[0] !== incidents[1]) {
    world.stderr.write("these are of two incidents: the tokens of the same secret differ\n");
  }
  for (const difference of found) {
    for (const line of linesOf(difference)) world.stdout.write(`${printable(line)}\n`);
  }
  if (found.length === 0) world.stdout.write("nothing differs\n");
  return found.length === 0 ? 0 : 1;
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
