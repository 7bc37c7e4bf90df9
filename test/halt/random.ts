import { setTimeout as sleep } from "node:timers/promises";
import { engineJson } from "../../sandbox/docker.ts";
import { numbers } from "../../sandbox/platform/shared/chance.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { Halter, ordersSince, tradingAgain, type HaltRan } from "./world.ts";

/** Something that goes wrong, begun some milliseconds before or after the halt is. */
interface Trouble {
  readonly name: string;
  readonly begin: (stack: Stack) => Promise<void>;
}

export interface Tally {
  readonly runs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** By each trouble there was, alone or with others: how often which outcome. */
  readonly troubles: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What went wrong, a line each; empty when the promise held. */
  readonly broken: readonly string[];
}

const perInstance = ["hang", "errors", "reset", "garbage", "drip", "crash"] as const;

function troubles(random: () => number): readonly Trouble[] {
  const instance = random() < 0.5 ? 1 : 2;
  const on = (fault: string, options: object = {}): Trouble => ({
    name: `${fault}${Object.keys(options).length === 0 ? "" : ` ${JSON.stringify(options)}`} on executioner ${instance}`,
    begin: async (stack) =>
      await stack.fault("executioner", { fault, until: "cleared", instance, ...options }),
  });
  const atVenues = (fault: string, options: object): Trouble => ({
    name: `${fault} ${JSON.stringify(options)} at the venues`,
    begin: async (stack) => await stack.fault("venues", { fault, until: "cleared", ...options }),
  });
  return [
    ...perInstance.map((fault) => on(fault)),
    on("reset", { effect: true }),
    on("errors", { effect: true }),
    on("slow", { ms: 1500 }),
    on("deaf"),
    on("deaf", { honest: true }),
    on("venue-down", { venues: ["BOREAL"] }),
    atVenues("venue-down", { venues: ["ATLAS"] }),
    atVenues("venue-down", { venues: ["CYGNUS"], hang: true }),
    atVenues("refuse-cancel", { venues: ["DRACO"] }),
    atVenues("late-fill", { venues: ["ELARA"] }),
    atVenues("hang", {}),
    cutOff(instance, "ATLAS", { fault: "venue-down" }),
    cutOff(instance, "BOREAL", { fault: "venue-down", hang: true }),
    {
      name: `executioner ${instance} forgets and restarts`,
      begin: async (stack) => {
        await stack.fault("executioner", { fault: "forget", until: "cleared", instance });
        await act(stack, "executioner", instance, "restart?t=0");
      },
    },
    { name: "PostgreSQL stands still", begin: async (stack) => await act(stack, "postgres", 1, "pause") },
    { name: "Kafka stands still", begin: async (stack) => await act(stack, "kafka", 1, "pause") },
  ];
}

/** One that says it is halted and trades on, and a venue that nobody can close. */
function cutOff(instance: number, venue: string, fault: { fault: string; hang?: boolean }): Trouble {
  return {
    name: `deaf on executioner ${instance}, and ${venue} ${fault.hang === true ? "hangs" : "is down"} for a moment`,
    begin: async (stack) => {
      await stack.fault("executioner", { fault: "deaf", until: "cleared", instance, honest: true });
      await stack.fault("venues", { ...fault, until: "cleared", venues: [venue] });
      await sleep(4000);
      await stack.clear("venues");
    },
  };
}

async function act(stack: Stack, service: string, number: number, path: string): Promise<void> {
  const found = (await stack.containers()).find((one) => one.service === service && one.number === number);
  // An engine of a busy machine cannot always freeze a container: then this run has one trouble less.
  if (found !== undefined)
    await engineJson(
      stack.state.dockerHost,
      { method: "POST", path: `/containers/${found.id}/${path}` },
      [304, 409, 500],
    );
}

/** Halts again and again with orders flowing and random faults, and holds what it said against the venues' books. */
export async function randomHalts(
  stack: Stack,
  runs: number,
  seed: number,
  say: (line: string) => void,
): Promise<Tally> {
  const random = numbers(seed);
  const outcomes: Record<string, number> = {};
  const byTrouble: Record<string, Record<string, number>> = {};
  const broken: string[] = [];
  await using halter = new Halter(stack);
  for (let run = 1; run <= runs; run++) {
    await tradingAgain(stack, 30);
    const all = troubles(random);
    const chosen = all.filter(() => random() < 1.6 / all.length);
    const begun = chosen.map(async ({ begin }) => {
      await sleep(Math.floor(random() * 700));
      await begin(stack);
    });
    await sleep(random() * 500);
    const two = random() < 0.2;
    const [ran] = await Promise.all([halter.halt(), ...(two ? [halter.halt()] : []), ...begun]);
    const said = ran.finished?.["outcome"];
    const outcome = typeof said === "string" ? said : `exit ${ran.code}`;
    count(outcomes, outcome);
    const kinds = [...chosen.map(({ name }) => name), ...(two ? ["two operators"] : [])];
    for (const kind of kinds.length === 0 ? ["nothing"] : kinds)
      count((byTrouble[kind.replace(/ (on executioner )?\d\b/, "")] ??= {}), outcome);
    const names = chosen.map(({ name }) => name).join("; ") || "nothing";
    const wrong = await check(stack, ran);
    say(
      `${run} ${outcome} with ${names}${two ? "; two operators" : ""}${wrong === undefined ? "" : `: ${wrong}`}`,
    );
    if (wrong !== undefined) broken.push(`run ${run} of seed ${seed}, ${names}: ${wrong}`);
  }
  await tradingAgain(stack, 1);
  return { runs, outcomes, troubles: byTrouble, broken };
}

function count(into: Record<string, number>, outcome: string): void {
  into[outcome] = (into[outcome] ?? 0) + 1;
}

/** What of the outcome the venues' own books contradict. */
async function check(stack: Stack, ran: HaltRan): Promise<string | undefined> {
  const { finished } = ran;
  if (finished === undefined) return `no receipt: ${ran.stderr.slice(-300)}`;
  const proof = finished["proof"] as {
    read_at: string;
    trading: string[];
    unknown: string[];
    instances: { name: string; instance?: string }[];
  };
  const codes: Readonly<Record<string, number>> = { PROVEN: 0, PARTIAL: 1, UNKNOWN: 4 };
  const outcome = String(finished["outcome"]);
  if (ran.code !== codes[outcome]) return `exit code ${ran.code} for ${outcome}`;
  await sleep(1200);
  // The venues are asked what they took; what the executioners do goes on.
  await stack.clear("venues");
  const later = await ordersSince(stack, Date.parse(proof.read_at));
  if (outcome === "PROVEN") {
    return later.length === 0
      ? undefined
      : `${later.length} orders taken after PROVEN, the first by ${later[0]?.client} at ${later[0]?.venue}`;
  }
  if (outcome === "UNKNOWN")
    return proof.unknown.length > 0 ? undefined : "UNKNOWN says nothing of what is not known";
  const said = proof.trading.join("\n");
  if (said === "") return "PARTIAL names nothing";
  const unnamed = [...new Set(later.map(({ client }) => client))].filter((client) => {
    const name = proof.instances.find(({ instance }) => instance === client)?.name;
    const all = `${said}\n${proof.unknown.join("\n")}`;
    return !all.includes(client) && (name === undefined || !all.includes(name));
  });
  if (unnamed.length > 0) return `PARTIAL does not name ${unnamed.join(", ")}, which trades`;
  const taken = await ordersSince(stack, Date.parse(String(finished["started"])) - 60_000);
  for (const line of proof.trading) {
    const instance = proof.instances.find(({ name }) => line.startsWith(`${name} trades`));
    const order = / holds order (\S+) |\(order (\S+)\)|the last (\S+) at /.exec(line)?.slice(1).find(Boolean);
    const holds =
      instance === undefined
        ? order === undefined || taken.some((one) => one.order === order)
        : later.some(({ client }) => client === instance.instance) || (await tradesStill(line));
    if (!holds) return `PARTIAL says what is not so: ${line}`;
  }
  return undefined;
}

/** By its own word now, a moment later; one that does not answer any more is not held against what was said. */
async function tradesStill(line: string): Promise<boolean> {
  const url = /http:[^\s)]+/.exec(line.slice(0, line.indexOf(" trades")))?.[0];
  if (url === undefined) return false;
  try {
    const reply = await fetch(`${url}/api/emergency/status`, { signal: AbortSignal.timeout(3000) });
    const { stage } = (await reply.json()) as { stage?: string };
    return stage !== "halted";
  } catch {
    return true;
  }
}
