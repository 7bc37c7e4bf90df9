import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./child.ts";
import { root, type Place } from "./place.ts";
import type { Row } from "./report.ts";
import { spread } from "./statistics.ts";

const runbooks = 1000;

/** Lint of as many runbooks as a large company has, with the platform file that they are for. */
export async function lintOfMany(place: Place, rounds: number): Promise<readonly Row[]> {
  const shipped = readdirSync(join(root, "runbooks"))
    .filter((name) => name.endsWith(".yaml") && name !== "platform.yaml")
    .map((name) => readFileSync(join(root, "runbooks", name), "utf8"));
  mkdirSync(join(place.folder, "many"));
  for (let at = 0; at < runbooks; at++) {
    const text = renamed(shipped[at % shipped.length] ?? "", at);
    const [, name = ""] = /^runbook: (\S+)/m.exec(text) ?? [];
    place.write(join("many", `${name}.yaml`), text);
  }
  const command = place.lavIr("lint", join(place.folder, "many"));
  await timed(command);
  const times: number[] = [];
  for (let at = 0; at < rounds; at++) times.push((await timed(command)).ms);
  const note = "the shipped ones, each with names of its own";
  return [{ what: `lint of ${runbooks} runbooks`, unit: "ms", spread: spread(times), atMost: 2500, note }];
}

/** With names of its own for the runbook and its steps: what lint keeps of one text helps it with no other. */
function renamed(text: string, at: number): string {
  const ids = new Set([...text.matchAll(/\bid: (\w+)/g)].map(([, id]) => id ?? ""));
  const own = (id: string): string => (ids.has(id) ? `${id}_${at}` : id);
  return text
    .replace(/^runbook: (\S+)/m, `runbook: $1-${at}`)
    .replaceAll(/(\bid: |steps\.|approved_with: )(\w+)/g, (_all, before: string, id: string) => {
      return `${before}${own(id)}`;
    })
    .replaceAll(/((?:findings|needs): \[)([\w, ]*)\]/g, (_all, before: string, list: string) => {
      return `${before}${list.split(", ").map(own).join(", ")}]`;
    });
}
