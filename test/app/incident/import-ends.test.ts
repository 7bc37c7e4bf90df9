import { expect, test } from "vitest";
import { newBlockId, type Block } from "../../../src/app/incident/block.ts";
import type { PlannedImport } from "../../../src/app/incident/import-plan.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { attempt, queued, result } from "../../incident/records.ts";
import { ago, block, Desk, id, key, opening, paged } from "./import-desk.ts";
import { messageRecords, outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

// A block may be printed while its messages are on their way, and a command be killed behind it.

const note: IncidentRecord = { type: "incident.note", data: { text: "queues are full" } };

async function warningsFor(desk: Desk, one: Block): Promise<readonly string[]> {
  const planned = await desk.plan([one]);
  return typeof planned === "string" ? [planned] : planned.flatMap(({ warnings }) => warnings);
}

test.each<readonly [string, readonly IncidentRecord[], string, RegExp]>([
  [
    "one that was tried",
    paged,
    "unknown",
    /^outcome of page\S+ unknown: it may have arrived; it is not sent/,
  ],
  [
    "one whose end nobody knows",
    [...paged, result(key, "unknown")],
    "unknown",
    /^outcome of page\S+ unknown/,
  ],
  ["one that was not tried", [queued({ key })], "withdrawn", /^page\S+ was not sent, and is not sent now$/],
  [
    "one that was refused, and would be sent again",
    [...paged, result(key, "refused", { code: "429" })],
    "withdrawn",
    /^page\S+ was not sent, and is not sent now$/,
  ],
])("%s: all else is on record, and it is not sent", async (_what, messages, outcome, warning) => {
  await using providers = await Providers.start();
  const desk = new Desk();
  const one = block([opening, ...messages, note]);
  expect(await warningsFor(desk, one)).toContainEqual(expect.stringMatching(warning));
  const incident = await desk.import(one);
  const { notes, messages: sent, silent } = await desk.status(incident);
  expect([notes, sent]).toEqual([1, { [outcome]: 1 }]);
  expect(silent).toMatchObject([{ who: "war-room", outcome }]);
  await sendAll(desk.state, providers);
  expect(providers.slack.posts).toEqual([]);
});

test("each has its end once, and one that has an end gets none", async () => {
  const desk = new Desk();
  const other = `page/sms/rosa/${id}`;
  const sent = [
    queued({ key: other, channel: "sms", person: "rosa" }),
    attempt(other),
    result(other, "accepted"),
  ];
  const incident = await desk.import(block([opening, ...paged, ...sent]));
  expect(messageRecords(desk.state, incident).slice(-2)).toEqual([
    `result ${key} unknown`,
    `result ${key} withdrawn`,
  ]);
  expect((await desk.status(incident)).messages).toEqual({ unknown: 1, accepted: 1 });
});

test("one of a clock that this desk has as well stays this desk's to send", async () => {
  const desk = new Desk();
  const incident = await desk.import(block([opening]));
  const clocked = "page/war-room/answered.P0.1.1";
  const own = queued({ key: clocked, clock: { id: "answered", n: 1 } });
  await write(desk.state, [own], { id: incident });
  const one = { ...block([own], { incident }, ago(10)), id: newBlockId(new Date()) };
  const [planned] = (await desk.plan([one])) as readonly PlannedImport[];
  expect(planned?.warnings).not.toContainEqual(expect.stringContaining(clocked));
  await desk.import(one);
  expect(outboxIn(desk.state, incident).messages).toMatchObject([
    { key: clocked, state: { state: "queued" } },
  ]);
});
