import { correct } from "../../../../src/app/incident/correct.ts";
import { accept, offer, stateToReadBack } from "../../../../src/app/incident/handoff.ts";
import type { Scene } from "../../../../src/app/incident/scene.ts";
import * as say from "../../../../src/app/incident/statements.ts";
import { update } from "../../../../src/app/incident/update.ts";
import type { Refusal } from "../../../../src/app/context/refusal.ts";
import type { Result } from "../../../../src/base/result.ts";
import { Machine, type Fate } from "./machine.ts";
import type { Random } from "./random.ts";

const second = 1000;
const minute = 60 * second;
const everybody = ["ada", "bob", "rosa", "max"] as const;

/** What may happen to the machine itself in one simulation, beside faults of channels and kills. */
export interface Weather {
  /** The wall clock steps. People then type no times: what they would mean by one is nobody's guess. */
  readonly steps: boolean;
  /** How much later than wanted whoever sleeps wakes at most, in milliseconds. */
  readonly late: number;
}

export function weatherOf(random: Random): Weather {
  return {
    steps: random.chance(0.25),
    // Whoever is always in time looks thousands of times in vain: one in ten.
    late: random.pick([0, 2, 4, 4, 4, 4, 20, 20, 20, 20]) * second,
  };
}

/** Everything that happens from `declare` on, until nothing more goes wrong. */
export async function play(machine: Machine, random: Random, weather: Weather): Promise<void> {
  machine.channels.trouble = random.pick([0.05, 0.3, 0.6, 0.9]);
  await machine.declare({
    severity: random.pick(["P0", "P0", "P0", "P1", "P2"]),
    impact: "Orders rejected",
    affects: ["executioner"],
    security: false,
    drill: false,
    mine: random.chance(0.2),
  });
  const acts = random.between(5, 40);
  for (let act = 0; act < acts; act += 1) {
    await machine.pass(random.pick([0, 50, second, 20 * second, minute, 4 * minute, 11 * minute]));
    await one(machine, random, weather);
  }
}

async function one(machine: Machine, random: Random, weather: Weather): Promise<void> {
  const roll = random.next();
  if (roll < 0.55) await typed(machine, random, weather);
  else if (roll < 0.72) answered(machine, random);
  else if (roll < 0.78) machine.channels.trouble = random.pick([0, 0.3, 0.6, 0.9]);
  else if (roll < 0.8) machine.channels.calm();
  else if (roll < 0.9) killed(machine, random);
  else if (roll < 0.93) diskTurns(machine);
  else if (roll < 0.96) machine.suspend(random.pick([30 * second, 10 * minute, 100 * minute]));
  else if (weather.steps) machine.clock.step(random.pick([-1, 1]) * random.pick([7, 90, 3600]) * second);
}

function killed(machine: Machine, random: Random): void {
  if (machine.sends) machine.killSender();
  else machine.ensureSender(random.chance(0.5) ? Infinity : random.between(1, 120));
}

function diskTurns(machine: Machine): void {
  machine.fill(!machine.disk.full);
}

type Make = (scene: Scene) => Result<say.Statement, Refusal>;

async function typed(machine: Machine, random: Random, { steps }: Weather): Promise<void> {
  const fate: Fate = random.pick(["well", "well", "well", "well", "killed-before", "torn", "killed-after"]);
  const at = steps || random.chance(0.6) ? {} : { at: `${random.between(1, 9)}m ago` };
  const who = random.pick(everybody);
  const make = random.pick<Make>([
    (scene) => say.ack(scene, random.pick(["on it", undefined]), random.chance(0.5) ? {} : { for: "rosa" }),
    (scene) => say.note(scene, "restarted", at),
    (scene) =>
      say.fact(scene, random.pick(["started", "detected", "bridge", "briefed", "recovered"]), "x", at),
    (scene) => say.fact(scene, "classified", random.pick(["major", "minor"]), at),
    (scene) => say.fact(scene, "update", undefined, at),
    (scene) => say.mitigated(scene, "routed around"),
    (scene) => say.affects(scene, ["gateway"], []),
    (scene) => say.affects(scene, [], ["gateway"]),
    (scene) => say.role(scene, random.pick(["commander", "scribe"]), random.pick(["me", "bob", "rosa"])),
    (scene) => offer(scene, random.pick(everybody), "commander"),
    (scene) => accept(scene, stateToReadBack(scene.status)),
    (scene) => say.severity(scene, random.pick(["P0", "P1", "P2"]), "as it turned out"),
    (scene) => say.page(scene, random.pick(["rosa", "risk", "war-room", "L2", "hook"]), "please join"),
    (scene) => say.escalate(scene, random.pick([undefined, undefined, "L1", "L3"])),
    (scene) => update(scene, "gateway restarted", {}),
    (scene) =>
      update(scene, "gateway restarted", { to: random.pick(["stakeholders", "executives", "hook"]) }),
    (scene) => corrected(scene, random, steps),
  ]);
  await machine.command(who, make, fate);
}

function corrected(scene: Scene, random: Random, steps: boolean): ReturnType<Make> {
  const { ref } = random.pick(scene.fold.all);
  const how = random.pick<Parameters<typeof correct>[3]>([
    { withdraw: true },
    { value: "another" },
    ...(steps ? [] : [{ at: `${random.between(1, 20)}m ago` }]),
  ]);
  return correct(scene, ref, "the other log", how);
}

/** People answer where they read: at the providers. */
function answered({ channels }: Machine, random: Random): void {
  const { slack, duty, twilio } = channels;
  const ways: (() => void)[] = [
    () => {
      if (slack.posts.length > 0)
        slack.react(random.pick(slack.posts), random.pick(["U01", "U02", "U03"]), "+1");
    },
    () => {
      if (slack.posts.length > 0)
        slack.reply(random.pick(slack.posts), "U03", random.pick(["ack", "what is it?", "yes, coming"]));
    },
    () => {
      if (duty.incidents.length > 0) duty.acknowledge(random.pick(duty.incidents).key, "PBOB");
    },
    () =>
      twilio.answer(random.pick(["+15550103", "+15550104"]), random.pick(["ack", "ok, on it", "who is it?"])),
    () => twilio.settle(random.pick(["delivered", "delivered", "undelivered"])),
  ];
  random.pick(ways)();
}

/** Whoever is left does what is left to do, with nothing in the way. */
export async function calm(machine: Machine): Promise<void> {
  machine.fill(false);
  machine.channels.calm();
  machine.ensureSender();
  await machine.pass(5 * minute);
}

/** The end: everybody is told, and the sender ends by itself. */
export async function close(machine: Machine, how: "resolved" | "cancelled"): Promise<void> {
  await machine.command("ada", (scene) => {
    const made = say.cancel(scene, "over", {});
    if (!made.ok || how === "cancelled") return made;
    return {
      ok: true,
      value: { ...made.value, records: [{ type: "incident.resolved", data: { message: "over" } }] },
    };
  });
  machine.ensureSender();
  await machine.pass(20 * minute);
}
