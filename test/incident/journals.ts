import type { Severity } from "../../src/platform/severity.ts";
import { at, declared, Desks, minute, policy } from "./chains.ts";

const objectives = { rpo: 15 * minute, mttr: 120 * minute, stakeholders: 30 * minute };
const facts: Readonly<Record<string, string>> = {
  s: "started",
  m: "mitigated",
  r: "recovered",
  p: "recovery-point",
  k: "stakeholders",
};

/**
 * A journal in short: `P0` is declared at 0:00, `drill` as an exercise; `s-11:00` a fact of eleven minutes before (s
 * started, m mitigated, r recovered, p recovery point, k stakeholders told); `a3:12` Bob's answer; `^P0@10:00` a
 * change of severity; `x`, `o` and `c` the end, its opposite, and that it was none.
 */
export function journalOf(short: string): Desks {
  const desks = new Desks();
  for (const word of short.split(" ")) write(desks, word);
  return desks;
}

function write(desks: Desks, word: string): void {
  const [, kind = "", severity, time = "0:00"] = /^(\^|[a-z]+|)(P\d)?@?(-?\d+:\d\d)?$/.exec(word) ?? [];
  const minutes = minutesOf(time);
  const to = severity as Severity;
  const fact = facts[kind];
  if (fact !== undefined) {
    const data = { name: fact, at: { at: at(minutes) }, how: "typed" as const };
    desks.write("ny1", Math.max(0, minutes), "incident.fact", data);
  } else if (kind === "" || kind === "drill")
    desks.write(
      "ny1",
      minutes,
      "incident.declared",
      declared({ severity: to, drill: kind === "drill", policy: { ...policy, objectives } }),
    );
  else if (kind === "^") desks.write("ny1", minutes, "incident.severity", { from: "P1", to, why: "x" });
  else if (kind === "a") desks.write("ny1", minutes, "incident.answer", { person: "bob", by: "slack" });
  else if (kind === "x") desks.write("ny1", minutes, "incident.resolved", { message: "x" });
  else if (kind === "o") desks.write("ny1", minutes, "incident.reopened", { why: "x" });
  else if (kind === "c") desks.write("ny1", minutes, "incident.cancelled", { why: "x" });
  else throw new Error(`${word} is no record`);
}

/** `-11:30` in minutes. */
function minutesOf(time: string): number {
  const [whole = "0", seconds = "0"] = time.replace("-", "").split(":");
  return (time.startsWith("-") ? -1 : 1) * (Number(whole) + Number(seconds) / 60);
}

/** `71:00` of milliseconds: what a person reads off. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Journals and their figures, as a person computes them: response, MTTR, RTO, RPO, stakeholders. */
export const written: readonly (readonly [journal: string, figures: string])[] = [
  ["P0 s-11:00 a3:12 m60:00 r74:00 p-20:00 k25:00 x90:00", "3:12 85:00 85:00 9:00 25:00"],
  ["P0 s-11:00 a3:12 m60:00 x90:00", "3:12 71:00 ? ? ?"],
  ["P0 a3:12 m60:00 x90:00", "3:12 >60:00 ? ? ?"],
  ["P0 a0:01 r0:59 x1:00", "0:01 >0:59 >0:59 ? ?"],
  ["P0 x90:00", "? ? ? ? ?"],
  ["P0", "? ? ? ? ?"],
  ["P1 s-30:30 a59:59 r120:15 x121:00", "59:59 150:45 150:45 ? ?"],
  ["P1 s-30:30 a60:01 r239:29 p-31:00 x240:00", "60:01 269:59 269:59 0:30 ?"],
  ["P1 a2:00 ^P0@10:00 a13:00 s-5:00 r30:00 x31:00", "3:00 35:00 35:00 ? ?"],
  ["P1 a2:00 ^P0@10:00 s-5:00 r30:00 x31:00", "? 35:00 35:00 ? ?"],
  ["P1 ^P0@10:00 a13:30 ^P2@20:00 a25:00 s0:00 r30:00 x31:00", "3:30 30:00 30:00 ? ?"],
  ["P0 s-1:00 p-1:00 r1:00 x2:00", "? 2:00 2:00 0:00 ?"],
  ["P0 s-1:00 p0:30 r1:00 x2:00", "? 2:00 2:00 0:00 ?"],
  ["P0 p-7:00 x2:00", "? ? ? <7:00 ?"],
  ["P0 s-10:00 r20:00 x21:00 o30:00", "? ? ? ? ?"],
  ["P0 s-10:00 r20:00 x21:00 o30:00 r45:00 x46:00", "? 55:00 55:00 ? ?"],
  ["P0 s-10:00 m20:00 x21:00 o30:00 x50:00", "? ? ? ? ?"],
  ["P0 s-10:00 m20:00 x21:00 o30:00 m48:20 x50:00", "? 58:20 ? ? ?"],
  ["P0 s-10:00 r-30:00 x21:00", "? ! ! ? ?"],
  ["P0 s5:00 a6:00 m4:00 x7:00", "6:00 ! ? ? ?"],
  ["P0 k-2:00 x1:00", "? ? ? ? !"],
  ["P0 k0:00 x1:00", "? ? ? ? 0:00"],
  ["P0 s-1440:00 r1440:00 x1441:00", "? 2880:00 2880:00 ? ?"],
  ["P0 s-0:01 r0:00 x0:01", "? 0:01 0:01 ? ?"],
  ["P0 s-11:00 s-12:30 r10:00 x11:00", "? 22:30 22:30 ? ?"],
  ["P0 r10:00 r12:00 s-1:00 x13:00", "? 13:00 13:00 ? ?"],
  ["P0 s-60:00 p-75:01 r1:00 k30:01 x2:00", "? 61:00 61:00 15:01 30:01"],
  ["P2 s-60:00 a5:00 r1:00 x2:00", "5:00 61:00 61:00 ? ?"],
  ["P3 s-3:03 a7:07 m11:11 x12:00", "7:07 14:14 ? ? ?"],
  ["P0 a14:59 a16:00 s0:00 m119:59 r120:00 p-14:59 k29:59 x121:00", "14:59 120:00 120:00 14:59 29:59"],
];
