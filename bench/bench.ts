// How fast lav-ir is, against Node alone and against other tools, in one run on one machine. Prints a table;
// a whole run also writes it to bench/results.md. `npm run bench -- steps` measures one part only.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appending } from "./append.ts";
import { declaring, statusOfLong } from "./incident.ts";
import { binaryOnTheWire, haltOnFrozenDisk, haltOnTheWire } from "./halt.ts";
import { overList } from "./foreach.ts";
import { peakMemory, sideBySide } from "./limits.ts";
import { lintOfMany } from "./lint.ts";
import { findPeers } from "./peers.ts";
import { openPlace, root } from "./place.ts";
import { machineText, tableText, worseThan, type Row } from "./report.ts";
import { sealFolder, sealStream } from "./seal.ts";
import { flatMemory, sealing } from "./sealing.ts";
import { startServer } from "./server.ts";
import { startUp } from "./startup.ts";
import { costPerStep } from "./steps.ts";

const parts = [
  "startup",
  "lint",
  "foreach",
  "halt",
  "steps",
  "append",
  "incident",
  "wide",
  "memory",
  "sealing",
  "flat",
] as const;
/** Takes long and fills the disk for a while: only when it is asked for. */
const onlyNamed: ReadonlySet<string> = new Set(["flat"]);
type Part = (typeof parts)[number];

/** Measures everything and compares with what is committed; writes nothing. */
const checks = "check";

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const wanted = process.argv.slice(2);
const wrong = wanted.find((name) => name !== checks && !(parts as readonly string[]).includes(name));
const [first, folder = "", out = ""] = wanted;
if (first === "--seal") process.stdout.write(JSON.stringify(await sealFolder(folder, out)));
else if (first === "--seal-stream")
  process.stdout.write(JSON.stringify(await sealStream(Number(folder), out)));
else if (wrong === undefined) await bench();
else {
  say(`there is no part ${wrong} to measure; there are ${parts.join(", ")}, and ${checks}`);
  process.exitCode = 2;
}

async function bench(): Promise<void> {
  const named = wanted.filter((name) => name !== checks);
  const has = (part: Part): boolean => (named.length === 0 ? !onlyNamed.has(part) : named.includes(part));
  const place = openPlace();
  const server = await startServer();
  const rows: Row[] = [];
  let notes: readonly string[] = [];
  try {
    if (has("startup")) {
      say("start-up …");
      rows.push(...(await startUp(place, server.quick, 41)));
    }
    if (has("lint")) {
      say("lint of many …");
      rows.push(...(await lintOfMany(place, 5)));
    }
    if (has("foreach")) {
      say("a long list …");
      rows.push(...(await overList(place, server.quick, 15)));
    }
    if (has("halt")) {
      say("halting …");
      rows.push(...(await haltOnTheWire(place, 41)));
      rows.push(...(await haltOnFrozenDisk(place, 21)));
      // Only where `npm run build:binary` has made it.
      rows.push(...(await binaryOnTheWire(place, 41)));
    }
    if (has("steps")) {
      const peers = await findPeers(say);
      notes = peers.notes;
      say("cost per step …");
      rows.push(...(await costPerStep(place, server, peers, 31)));
    }
    if (has("append")) {
      say("appending …");
      rows.push(...(await appending(place, 7)));
    }
    if (has("incident")) {
      say("an incident …");
      rows.push(...(await statusOfLong(place, 9)));
      rows.push(...(await declaring(place, 15)));
    }
    if (has("wide")) {
      say("side by side …");
      rows.push(await sideBySide(place, server.slow, 5));
    }
    if (has("memory")) {
      say("memory …");
      rows.push(...(await peakMemory(place, server.large, 5)));
    }
    if (has("sealing")) {
      say("sealing …");
      rows.push(...(await sealing(place, 3)));
    }
    if (has("flat")) rows.push(...(await flatMemory(place, say)));
  } finally {
    server.close();
    place.remove();
  }
  const table = tableText(rows);
  process.stdout.write(`${table}\n${notes.map((note) => `${note}\n`).join("")}`);
  const results = join(root, "bench", "results.md");
  if (wanted.length === 0) writeFileSync(results, resultsText(table, notes));
  if (!wanted.includes(checks)) return;
  const worse = worseThan(readFileSync(results, "utf8"), rows);
  for (const line of worse) say(line);
  if (worse.length > 0) process.exitCode = 1;
}

function resultsText(table: string, notes: readonly string[]): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const about = [
    `${new Date().toISOString().slice(0, 10)}; ${machineText()}`,
    `lav-ir ${version}, Node ${process.versions.node}`,
    ...notes,
  ];
  return [
    "# What it costs",
    "",
    "Written by `npm run bench`. A ratio is the median of the ratios of pairs, each pair measured one right after",
    "the other; a step's cost is a run of 51 steps less a run of 1, over 50. Figures of a busy machine are larger",
    "on both sides; the ratios hold better than the milliseconds. Every program has an environment of three variables",
    "(PATH, HOME, LANG) and what the row needs; all figures are warm. `npm run bench -- check` measures again and fails",
    "where a ratio is worse than the largest of its row.",
    "",
    ...about.map((line) => `* ${line}`),
    "",
    table,
    "",
  ].join("\n");
}
