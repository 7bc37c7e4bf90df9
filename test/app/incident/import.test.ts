import { deflateRawSync } from "node:zlib";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockOf, linesOfBlock, newBlockId } from "../../../src/app/incident/block.ts";
import { findBlocks } from "../../../src/app/incident/block-text.ts";
import { importBlock } from "../../../src/app/incident/import.ts";
import type { PlannedImport } from "../../../src/app/incident/import-plan.ts";
import { uidOf } from "../../../src/app/incident/chain.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { createRedactor } from "../../../src/secrets/redactor.ts";
import { journalIn, incidentFolder } from "../../../src/store/layout.ts";
import { verifyJournal } from "../../../src/store/verify-journal.ts";
import { deskKey } from "../../../src/store/desk.ts";
import { declared } from "../../incident/chains.ts";
import { samplePolicy } from "../../events/incident-samples.ts";
import { attempt, queued, result } from "../../incident/records.ts";
import { ago, block, Desk, id, key, opening, paged } from "./import-desk.ts";
import { outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

describe("a block", () => {
  test("has all that its records need, and no secret's rule takes a character of it", () => {
    const redactor = createRedactor(["a-known-secret"]);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const one = block([{ type: "incident.note", data: { text } }], { incident: "INC-2026-0001" });
        const printed = redactor.text(linesOfBlock(one).join("\n"));
        const found = findBlocks(printed);
        expect(found.ok && found.value.map((each) => blockOf(each))).toEqual([{ ok: true, value: one }]);
      }),
      { seed: 3, numRuns: 40 },
    );
  });

  test("has a name of when it was", () => {
    expect(newBlockId(new Date("2026-11-30T09:42:07.123Z"))).toMatch(/^NR-20261130-094207-[0-9a-f]{6}$/);
  });

  const made = (value: unknown): string => {
    const read = blockOf({ id, bytes: deflateRawSync(JSON.stringify(value)) });
    return read.ok ? "read" : read.failure;
  };
  const time = "2026-11-30T09:42:07.000Z";
  const base = { v: 1, actor: "ada", host: "ops1", incident: "INC-2026-0001" };
  const noted = { time, type: "incident.note", data: { text: "x" } };

  test.each([
    ["one that commands print", { ...base, records: [noted] }, "read"],
    ["of a newer version", { ...base, v: 2, records: [noted] }, /newer lav-ir: upgrade/],
    ["without records", { ...base, records: [] }, /is no block that lav-ir prints/],
    ["without its actor", { ...base, actor: undefined, records: [noted] }, /is no block/],
    ["at no time", { ...base, records: [{ ...noted, time: "yesterday" }] }, /is no block/],
    ["with a halt's receipt", { ...base, records: [{ ...noted, type: "halt.receipt" }] }, /halt\.receipt/],
    ["with a step's intent", { ...base, records: [{ ...noted, type: "step.intent" }] }, /step\.intent/],
    ["with a desk's clock", { ...base, records: [{ ...noted, type: "desk.clock" }] }, /desk\.clock/],
    ["with data that is not the type's", { ...base, records: [{ ...noted, data: {} }] }, /incident\.note/],
    [
      "with a halt that was measured",
      {
        ...base,
        records: [
          { time, type: "incident.fact", data: { name: "halted", at: { at: time }, how: "measured" } },
        ],
      },
      /incident\.fact/,
    ],
    ["of no incident, declaring none", { ...base, incident: undefined, records: [noted] }, /either declare/],
    [
      "of an incident, declaring one",
      { ...base, records: [{ time, type: "incident.declared", data: declared() }] },
      /either declare/,
    ],
    ["a text alone", "x", /cannot be read/],
  ])("%s", (_what, value, wanted) => {
    expect(made(value)).toMatch(wanted);
  });

  test("that unpacks to more than any block is refused, and so is what is not packed", () => {
    const bomb = deflateRawSync(Buffer.alloc(8 * 1_048_576, 0x20));
    for (const bytes of [bomb, Buffer.from("no deflate"), Buffer.alloc(0)])
      expect(blockOf({ id, bytes })).toMatchObject({ ok: false });
  });
});

test("an incident is on record as of then, marked with who imported it; nothing is sent again", async () => {
  await using providers = await Providers.start();
  const desk = new Desk();
  const one = block([opening, ...paged, result(key, "accepted", { provider_id: "1.2" })]);
  expect(await desk.plan([one])).toMatchObject([{ target: { to: "new", drill: false } }]);
  expect(await desk.import(one)).toBe(`INC-${ago(60).slice(0, 4)}-0001`);
  const [incident = ""] = readdirSync(join(desk.state, "incidents")).filter((name) => name.startsWith("INC"));
  const lines = await desk.lines(incident);
  expect(
    lines.map(({ time, actor, host, imported }) => [time, actor, host, imported?.by, imported?.block]),
  ).toEqual(one.records.map(({ time }) => [time, "ada", "ops1", "bob", id]));
  expect(lines[0]?.data).toMatchObject({ number: incident });
  const status = await desk.status(incident);
  expect([status.declared?.at, status.events["paged"]?.at]).toEqual(
    [one.records[0]?.time, one.records[3]?.time].map((time) => Date.parse(time ?? "")),
  );
  expect(verifyJournal(journalIn(incidentFolder(desk.state, incident)), deskKey(desk.state))).toMatchObject({
    verdict: "holds",
  });
  await sendAll(desk.state, providers);
  expect([providers.slack.posts, providers.duty.incidents]).toEqual([[], []]);
  expect(outboxIn(desk.state, incident).messages).toMatchObject([{ state: { state: "accepted" } }]);
});

test("what was not accepted is not sent again either", async () => {
  await using providers = await Providers.start();
  const desk = new Desk();
  const [a, b] = [`page/war-room/${id}`, `page/sms/rosa/${id}`];
  const records = [
    opening,
    queued({ key: a, sent_as: id }),
    attempt(a),
    result(a, "unknown", { code: "timed out" }),
    result(a, "withdrawn"),
    queued({ key: b, channel: "sms", person: "rosa", sent_as: id }),
    result(b, "failed", { n: 0, code: "SMS is not set" }),
  ];
  const incident = await desk.import(block(records));
  await sendAll(desk.state, providers);
  expect([providers.slack.posts, providers.twilio.messages]).toEqual([[], []]);
  expect((await desk.status(incident)).silent.map(({ who, outcome }) => [who, outcome])).toEqual([
    ["rosa", "failed"],
    ["war-room", "withdrawn"],
  ]);
});

test("importing twice changes nothing, wherever it went", async () => {
  const desk = new Desk();
  const one = block([opening]);
  const incident = await desk.import(one);
  const before = await desk.lines(incident);
  expect(await desk.import(one)).toBe(`already in ${incident}`);
  const other = await desk.import({ ...block([opening]), id: newBlockId(new Date()) });
  expect(await desk.import(one, other)).toBe(`already in ${incident}`);
  expect(await desk.lines(incident)).toEqual(before);
});

test("two who import it at once put it on record once", async () => {
  const desk = new Desk();
  const one = block([opening]);
  const done = await Promise.all(
    [1, 2, 3].map(async () => await importBlock(desk.importer, one, { to: "new", drill: false })),
  );
  expect(done.map((each) => each.ok && each.value?.refs)).toEqual(
    expect.arrayContaining([["ops1-1"], undefined, undefined]),
  );
});

test("into an incident that was declared again: its clocks run from the first declaration", async () => {
  const desk = new Desk();
  const incident = "INC-2026-0007";
  await write(desk.state, [{ type: "incident.declared", data: { ...declared(), number: incident } }], {
    id: incident,
  });
  const policy = samplePolicy;
  const one = block([{ ...opening, data: { ...opening.data, policy } } as IncidentRecord], {}, ago(20));
  const [planned] = (await desk.plan([one])) as readonly PlannedImport[];
  expect(planned?.warnings).toContainEqual(
    expect.stringMatching(/^INC-2026-0007 P0 is open, declared .*--incident/),
  );
  const [into] = (await desk.plan([one], incident)) as readonly PlannedImport[];
  expect(into?.warnings[0]).toMatch(/^its clocks run from \d\d:\d\d:\d\d UTC then, not from/);
  expect(into?.warnings.slice(1)).toContainEqual(expect.stringMatching(/^clock \S+ is due and pages/));
  expect(await desk.import(one, incident)).toBe(incident);
  const status = await desk.status(incident);
  expect(status.declared?.at).toBe(Date.parse(one.records[0]?.time ?? ""));
  expect(await desk.store.incident(incident)).toMatchObject({ is: "open", declared: one.records[0]?.time });
});

test("with an alert manager's key into the open incident that has it", async () => {
  const desk = new Desk();
  const keyed: IncidentRecord = { type: "incident.declared", data: { ...declared(), number: "", key: "k" } };
  const first = await desk.import(block([keyed], {}, ago(10)));
  expect(await desk.import({ ...block([keyed]), id: newBlockId(new Date()) })).toBe(first);
});

const future = new Date(Date.now() + 3_600_000).toISOString();
test.each([
  [
    "of an incident of elsewhere",
    block([{ type: "incident.note", data: { text: "x" } }], { incident: "INC-2026-0042" }),
    /is of INC-2026-0042, which is not on this machine; import it where that incident is$/,
  ],
  [
    "in the future",
    block([opening], {}, future),
    /in the future by this machine's clock: set that right, then import it$/,
  ],
  [
    "a result of another's message",
    block([opening, result("page/x/ny1-1", "accepted")]),
    /a message that is not in it or on record/,
  ],
  [
    "a text longer than a record",
    block([{ ...opening, data: { ...opening.data, impact: "x".repeat(40_000) } } as IncidentRecord]),
    /longer than a record takes/,
  ],
])("%s is refused, and nothing is written", async (_what, one, wanted) => {
  const desk = new Desk();
  expect(await desk.import(one)).toMatch(wanted);
  expect(await desk.store.incidentNames()).toEqual([]);
});

test("of another incident of the same name is refused: its references are to other records", async () => {
  const [here, there] = [new Desk(), new Desk()];
  const incident = await here.import(block([opening]));
  expect(await there.import({ ...block([opening], {}, ago(50)), id: newBlockId(new Date()) })).toBe(incident);
  const uid = await uidOf({ store: there.store, incident });
  const one = block([{ type: "incident.correct", data: { record: "ops1-1", withdraw: true, why: "x" } }], {
    id: newBlockId(new Date()),
    incident,
    uid: uid ?? "",
  });
  expect(await here.import(one)).toMatch(
    / is of another INC-\S+ than this machine's; import it where that is$/,
  );
  expect(await there.import(one)).toBe(incident);
});

test("what two senders sent for one clock is one message", async () => {
  const desk = new Desk();
  const incident = await desk.import(block([opening]));
  const paged = "page/on-call/answered.P0.1.1";
  const sent = (number: string): readonly IncidentRecord[] => [
    queued({ key: paged, channel: "on-call", clock: { id: "answered", n: 1 }, number }),
    attempt(paged),
    result(paged, "accepted"),
  ];
  await write(desk.state, sent("2"), { id: incident });
  const one = { ...block(sent("NR-3fa9c1"), { incident }, ago(10)), id: newBlockId(new Date()) };
  expect(await desk.import(one)).toBe(incident);
  expect(outboxIn(desk.state, incident).messages).toMatchObject([{ state: { state: "accepted" } }]);
});

test("an incident's block goes into no other one", async () => {
  const desk = new Desk();
  const other = await desk.import({ ...block([opening]), id: newBlockId(new Date()) });
  const one = block([{ type: "incident.note", data: { text: "x" } }], { incident: "INC-2026-0042" });
  expect(await desk.import(one, other)).toMatch(/cannot be imported into INC-\S+; leave --incident out$/);
});
