import { describe, expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { inOrder, type ChainRecord } from "../../src/incident/order.ts";
import { holderOf } from "../../src/incident/people.ts";
import { statusOf } from "../../src/incident/status.ts";
import { at, declared, Desks, minute, zero } from "./chains.ts";
import { queued, result } from "./records.ts";

const imported = { at: at(60), by: "bob", block: "NR-20261130-094200-3fa9c1" };

/** The last record of ny1 as one that was imported. */
function importLast(desks: Desks): void {
  const last = desks.records.pop();
  if (last !== undefined) desks.records.push({ ...last, imported });
}

function write(desks: Desks, minutes: number, type: string, data: object): void {
  desks.put("ny1", minutes, type, data);
  importLast(desks);
}

const refs = (records: readonly ChainRecord[]): readonly string[] => inOrder(records).map(({ ref }) => ref);
const status = ({ records }: Desks, minutes: number) =>
  statusOf(foldIncident(records), zero + minutes * minute, "INC-2026-0042");

test("an imported record stands where it was written, and others keep their order", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 20, "incident.note", { text: "the clock stepped back behind this" });
  desks.write("ny1", 10, "incident.note", { text: "b" });
  desks.write("ny1", 30, "incident.note", { text: "c" });
  write(desks, 25, "incident.note", { text: "d" });
  write(desks, 5, "incident.note", { text: "e" });
  desks.write("ny1", 70, "incident.note", { text: "f" });
  expect(refs(desks.records)).toEqual(["ny1-1", "ny1-6", "ny1-2", "ny1-3", "ny1-5", "ny1-4", "ny1-7"]);
});

test("and keeps no other desk's record waiting", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 10, "incident.note", { text: "b" });
  write(desks, 5, "incident.note", { text: "c" });
  desks.sync("ldn", "ny1");
  desks.write("ldn", 20, "incident.note", { text: "d" });
  desks.sync("ny1", "ldn");
  desks.write("ny1", 30, "incident.note", { text: "e" });
  expect(refs(desks.records)).toEqual(["ny1-1", "ny1-3", "ny1-2", "ldn-1", "ny1-4"]);
});

test("an earlier declaration that comes later is the one that clocks run from", () => {
  const desks = new Desks();
  desks.write("ny1", 20, "incident.declared", { ...declared(), severity: "P1", affects: ["gateway"] });
  expect(status(desks, 21).declared?.at).toBe(zero + 20 * minute);
  write(desks, 0, "incident.declared", { ...declared(), affects: ["executioner"] });
  write(desks, 0, "message.queued", queued({ key: "a" }).data);
  write(desks, 1, "message.result", result("a", "accepted").data);
  const { declared: first, events, affects, clocks, impact } = status(desks, 21);
  expect([first?.at, first?.ref, impact]).toEqual([zero, "ny1-2", declared().impact]);
  expect(events["paged"]?.at).toBe(zero + minute);
  expect(affects).toEqual(["executioner", "gateway"]);
  expect(clocks.find(({ name }) => name === "alerted")).toMatchObject({ state: { is: "met", took: minute } });
});

test("the severity of the later declaration is in force", () => {
  const desks = new Desks();
  desks.write("ny1", 20, "incident.declared", declared());
  write(desks, 0, "incident.declared", { ...declared(), severity: "P2" });
  desks.write("ny1", 70, "incident.note", { text: "seen both" });
  expect(status(desks, 71)).toMatchObject({ severity: "P0", declared: { at: zero } });
});

test("who commands is a conflict until somebody who has both says so", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 20, "incident.role", { role: "commander", person: "bob", how: "taken" });
  write(desks, 5, "incident.role", { role: "commander", person: "ada", how: "taken" });
  expect(holderOf(foldIncident(desks.records), "commander")).toMatchObject({ conflict: true });
  desks.write("ny1", 70, "incident.note", { text: "seen both" });
  expect(holderOf(foldIncident(desks.records), "commander")).toMatchObject({
    conflict: false,
    holders: [{ who: "bob" }],
  });
});

describe("the number of a message in its text", () => {
  const message = (key: string, more: object = {}): object => ({ ...queued({ key }).data, ...more });
  const numbers = ({ records }: Desks): readonly string[] =>
    [...foldIncident(records).messages.values()].map(({ key, number }) => `${key} #${number}`);

  test("is its place in the chain, whatever is imported before it later", () => {
    const desks = new Desks();
    desks.write("ny1", 0, "incident.declared", declared());
    desks.put("ny1", 1, "message.queued", message("a"));
    desks.put("ny1", 9, "message.queued", message("b"));
    desks.put("ny1", 10, "message.queued", message("a"));
    expect(numbers(desks)).toEqual(["a #1", "b #2"]);
    write(desks, 5, "message.queued", message("c"));
    expect(numbers(desks)).toEqual(["a #1", "c #3", "b #2"]);
  });

  test("is the one that it went by, where it had to go before it was on record", () => {
    const desks = new Desks();
    desks.write("ny1", 0, "incident.declared", declared());
    write(desks, 5, "message.queued", message("a", { number: "NR-3fa9c1" }));
    desks.put("ny1", 9, "message.queued", message("b"));
    expect(numbers(desks)).toEqual(["a #NR-3fa9c1", "b #2"]);
  });

  test("names the desk, where that is another than the one that declared", () => {
    const desks = new Desks();
    desks.write("ny1", 0, "incident.declared", declared());
    desks.sync("ldn", "ny1");
    desks.put("ldn", 1, "message.queued", message("a"));
    desks.put("ny1", 2, "message.queued", message("b"));
    expect(numbers(desks)).toEqual(["a #ldn-1", "b #1"]);
  });
});
