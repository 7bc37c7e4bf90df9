// What each playbook's diagnosis takes on the real stack, the program's start included, above its own slowest probe,
// and a whole snapshot above its slowest collector. A stack of its own is brought up and taken down. Run by hand: `npm run bench:diagnosis`, with a number for other than 9 rounds.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { stackUp, type Stack } from "../sandbox/stack.ts";
import { captures } from "./capture.ts";
import { timed, type Command } from "./child.ts";
import { openPlace, root, type Place } from "./place.ts";
import { figure, machineText, tableText, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

const playbooks = [
  "market-sentinel-down",
  "risk-warden-alert-storm",
  "executioner-fill-rate-drop",
  "database-pool-exhaustion",
  "kafka-message-backlog",
] as const;
const rounds = Number(process.argv[2] ?? 9);

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const place = openPlace();
const stack = await stackUp({ project: "bench", log: say });
try {
  const rows: Row[] = [];
  for (const playbook of playbooks) {
    say(`${playbook} …`);
    rows.push(await measure(playbook, stack, place));
  }
  say("snapshots …");
  rows.push(await captures(stack, place, rounds));
  process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);
} finally {
  await stack.down();
  place.remove();
}

async function measure(playbook: string, { env, platformFile }: Stack, where: Place): Promise<Row> {
  const run = where.lavIr("run", playbook, "--json", "--no-input");
  // Whatever it finds, nobody lets it change anything.
  const command: Command = {
    ...run,
    env: { ...run.env, ...env, LAV_IR_CONFIG: platformFile },
    codes: [0, 1, 3, 4],
  };
  const needs = needsOf(playbook);
  const over: number[] = [];
  const probes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = Date.now();
    const events = eventsIn((await timed(command)).output);
    const slowest = slowestChain(events, needs);
    probes.push(slowest);
    over.push(diagnosed(events) - started - slowest);
  }
  return {
    what: `diagnosis of ${playbook}, over its slowest probe`,
    unit: "ms",
    spread: spread(over),
    atMost: 300,
    note: `slowest probe, with those it waits for: ${figure(spread(probes).median)} ms`,
  };
}

interface Event {
  readonly type: string;
  readonly time: string;
  readonly section?: string;
  readonly step?: string;
  readonly duration_ms?: number;
}

function eventsIn(output: string): readonly Event[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Event);
}

function probesIn(events: readonly Event[]): readonly Event[] {
  return events.filter(({ type, section }) => type === "step.finished" && section === "diagnose");
}

/** When the last probe of the diagnosis ended. A finding that persists is measured again later: its first end counts. */
function diagnosed(events: readonly Event[]): number {
  const first = new Map<string, number>();
  for (const { step = "", time } of probesIn(events)) if (!first.has(step)) first.set(step, Date.parse(time));
  return Math.max(...first.values());
}

/** A probe that waits for another takes as long as both. */
function slowestChain(events: readonly Event[], needs: ReadonlyMap<string, readonly string[]>): number {
  const took = new Map<string, number>();
  for (const { step = "", duration_ms = 0 } of probesIn(events))
    if (!took.has(step)) took.set(step, duration_ms);
  const chain = (step: string): number =>
    (took.get(step) ?? 0) + Math.max(0, ...(needs.get(step) ?? []).map(chain));
  return Math.max(...[...took.keys()].map(chain));
}

function needsOf(playbook: string): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(root, "runbooks", `${playbook}.yaml`), "utf8");
  const { diagnose } = parse(text) as { diagnose: { id: string; needs?: string | string[] }[] };
  return new Map(diagnose.map(({ id, needs = [] }) => [id, [needs].flat()]));
}
