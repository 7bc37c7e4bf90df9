import { describe, expect, test } from "vitest";
import { fail } from "../../../src/base/result.ts";
import type { GroupLag, Kafka } from "../../../src/ports/kafka.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import { kafkaConfigSet } from "../../../src/kinds/kafka/kafka-config-set.ts";
import { kafkaGroup } from "../../../src/kinds/kafka/kafka-group.ts";
import { kafkaLag } from "../../../src/kinds/kafka/kafka-lag.ts";
import { kafkaOffsetsSet } from "../../../src/kinds/kafka/kafka-offsets-set.ts";
import { protection } from "../../../src/kinds/kafka/kafka-protected.ts";
import { kafkaRecordsDelete } from "../../../src/kinds/kafka/kafka-records-delete.ts";
import { loses, sameValue } from "../../../src/kinds/kafka/kafka-settings.ts";
import { kafkaTopic } from "../../../src/kinds/kafka/kafka-topic.ts";
import type { Kind, Preview } from "../../../src/kinds/kind.ts";
import type { Json } from "../../../src/base/json.ts";
import { failure, value } from "../../drivers/results.ts";
import { args, context, where } from "../context.ts";
import { group, kafkaOf, settings, type World } from "./kafka-world.ts";

const now = new Date("2026-03-01T12:00:00Z");
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {} };
const at = (world: World): ReturnType<typeof context> => context({ kafka: kafkaOf(world), clock });

const preview = async (
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  world: World,
): Promise<Preview> => {
  const seen = await kind.preview?.(args(kind, given), at(world));
  if (seen === undefined) throw new Error("it has no preview");
  return value(seen);
};
const refused = async (
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  world: World,
): Promise<unknown> => {
  const seen = await kind.preview?.(args(kind, given), at(world));
  if (seen === undefined) throw new Error("it has no preview");
  const run = await kind.execute(args(kind, given), at(world));
  // What the preview refuses is refused without it as well, before anything happened.
  expect(failure(run)).toEqual(failure(seen));
  expect(failure(run).effect).toBe("none");
  return failure(seen);
};
const happened = async (
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  before: Json,
  world: World,
): Promise<unknown> => await kind.happened?.(args(kind, given), before, now, at(world));
const undo = (kind: Kind, given: Readonly<Record<string, unknown>>, before: Json): unknown =>
  kind.undo.how === "steps" ? kind.undo.steps(args(kind, given), before) : kind.undo.how;

describe("kafka.topic", () => {
  const topic = async (world: World): Promise<Readonly<Record<string, unknown>>> =>
    value(await kafkaTopic.execute(args(kafkaTopic, { topic: "t" }), at(world)));

  test("the age of the newest message", async () => {
    const newest = new Date(now.getTime() - 90_000);
    expect(await topic({ ends: [5n, 7n], starts: [1n, 0n], newest })).toMatchObject({
      newest_age: 90_000,
      from_future: false,
      messages: 11n,
      partitions: 2,
      offline: 0,
    });
  });

  test("an empty topic has no age; a clock that runs ahead makes none either", async () => {
    expect(await topic({})).not.toHaveProperty("newest_age");
    const ahead = await topic({ newest: new Date(now.getTime() + 60_000) });
    expect(ahead).not.toHaveProperty("newest_age");
    expect(ahead).toMatchObject({ from_future: true });
    expect(await topic({ newest: new Date(now.getTime() + 500) })).toMatchObject({ newest_age: 0 });
  });
});

test("kafka.lag marks what never committed and what is beyond the end, and counts neither", async () => {
  const partitions = [
    { topic: "t", partition: 0, committed: 1n, end: 2n ** 61n, lag: 2n ** 61n - 1n },
    { topic: "t", partition: 1, committed: -1n, end: 9n, lag: undefined },
    { topic: "t", partition: 2, committed: 9n, end: 4n, lag: -5n },
  ];
  const outputs = value(
    await kafkaLag.execute(args(kafkaLag, {}), at({ groups: [group("g", "t", [], { partitions })] })),
  );
  expect(outputs).toMatchObject({
    total: 2n ** 61n - 1n,
    max: 2n ** 61n - 1n,
    never_committed: 1,
    straddled: 1,
  });
  expect(outputs["groups"]).toMatchObject([
    { behind: [{ lag: -5n }, { lag: 2n ** 61n - 1n }, { lag: null }] },
  ]);
});

test("faults 2: kafka.lag has no sum where a partition was not measured, or a named group is not there", async () => {
  const partitions = [{ topic: "t", partition: 0, committed: 1n, end: 3n, lag: 2n }];
  const unmeasured = [{ topic: "t", partition: 1, why: "it has no leader" }];
  const half = group("half", "t", [], { partitions, unmeasured });
  const whole = group("whole", "t", [], { partitions });
  const gone = group("gone", "t", [], { protocol: "none", state: "Dead" });
  const read = async (groups: readonly GroupLag[]): Promise<Readonly<Record<string, unknown>>> =>
    value(await kafkaLag.execute(args(kafkaLag, {}), at({ groups })));
  expect(await read([whole])).toMatchObject({ total: 2n, max: 2n, unmeasured: 0, absent: [] });
  const missing = await read([half, whole]);
  expect(missing).toMatchObject({
    unmeasured: 1,
    absent: [],
    groups: [{ unmeasured }, { lag: 2n, max: 2n }],
  });
  expect(["total", "max"].filter((name) => name in missing)).toEqual([]);
  expect((missing["groups"] as readonly object[]).map((one) => "lag" in one)).toEqual([false, true]);
  const absent = await read([whole, gone]);
  expect(absent).toMatchObject({ unmeasured: 0, absent: ["gone"] });
  expect("total" in absent).toBe(false);
  const own = value(await kafkaGroup.execute(args(kafkaGroup, { group: "half" }), at({ groups: [half] })));
  expect([own["unmeasured"], own["unassigned"], "lag" in own]).toEqual([1, 2, false]);
});

test.each<[string, GroupLag["partitions"]]>([
  ["never committed", [{ topic: "t", partition: 0, committed: -1n, end: 9n, lag: undefined }]],
  ["is beyond the end everywhere", [{ topic: "t", partition: 0, committed: 9n, end: 4n, lag: -5n }]],
  ["has no partition", []],
])("faults 2: a named group that %s is not 0 behind", async (_what, partitions) => {
  const whole = group("whole", "t", [], {
    partitions: [{ topic: "t", partition: 0, committed: 1n, end: 3n, lag: 2n }],
  });
  const groups = [group("g", "t", [], { partitions }), whole];
  const named = value(await kafkaLag.execute(args(kafkaLag, { groups: ["g", "whole"] }), at({ groups })));
  expect(["total", "max"].filter((name) => name in named)).toEqual([]);
  expect((named["groups"] as readonly object[]).map((one) => "lag" in one)).toEqual([false, true]);
  const all = value(await kafkaLag.execute(args(kafkaLag, {}), at({ groups })));
  expect(all).toMatchObject({ total: 2n, max: 2n });
});

test("kafka.lag tells the 20 partitions of a group that are furthest behind, and none that is not behind", async () => {
  const partitions = Array.from({ length: 100 }, (_, partition) => {
    const lag = BigInt(partition % 50);
    return { topic: "t", partition, committed: 0n, end: lag, lag };
  });
  const groups = [
    group("g", "t", [], { partitions }),
    group("done", "t", [], { partitions: partitions.slice(0, 1) }),
  ];
  const outputs = value(await kafkaLag.execute(args(kafkaLag, {}), at({ groups })));
  const told = outputs["groups"] as readonly { readonly behind: readonly { readonly lag: bigint }[] }[];
  expect(told[0]?.behind.map(({ lag }) => lag)).toEqual(
    Array.from({ length: 20 }, (_, index) => BigInt(49 - Math.floor(index / 2))),
  );
  expect(told[1]?.behind).toEqual([]);
  expect(outputs).toMatchObject({ total: 2450n, max: 49n });
});

describe("kafka.group", () => {
  test("members, what they read, and what nobody reads", async () => {
    const live = group("g", "t", [1n, -1n, 3n], {
      state: "Stable",
      members: 2,
      clients: [
        { member: "a-1", client: "a", host: "/10.0.0.1", assigned: [{ topic: "t", partitions: [0, 2] }] },
        { member: "b-1", client: "b", host: "/10.0.0.2", assigned: [] },
      ],
    });
    expect(
      value(await kafkaGroup.execute(args(kafkaGroup, { group: "g" }), at({ groups: [live] }))),
    ).toMatchObject({
      state: "Stable",
      members: 2,
      idle: 1,
      unassigned: 1,
      clients: [{ client: "a", host: "10.0.0.1", partitions: 2 }, { partitions: 0 }],
    });
  });

  test("while it rebalances nobody reads, and its lag is still the lag", async () => {
    const members = ["a", "b"].map((client) => ({ member: client, client, host: "/10.0.0.1", assigned: [] }));
    const partitions = [
      { topic: "t", partition: 0, committed: 4n, end: 10n, lag: 6n },
      { topic: "t", partition: 1, committed: 12n, end: 10n, lag: -2n },
    ];
    const moving = group("g", "t", [], {
      state: "PreparingRebalance",
      members: 2,
      clients: members,
      partitions,
    });
    expect(
      value(await kafkaGroup.execute(args(kafkaGroup, { group: "g" }), at({ groups: [moving] }))),
    ).toMatchObject({ state: "PreparingRebalance", idle: 2, unassigned: 2, lag: 6n });
    const latest = { group: "g", topic: "t", to: "latest" };
    expect(await refused(kafkaOffsetsSet, latest, { groups: [moving] })).toMatchObject({
      code: "GROUP_ACTIVE",
      message: expect.stringContaining("it has 2 members") as string,
    });
    const leaving = { ...moving, members: 0, clients: [] };
    expect(await refused(kafkaOffsetsSet, latest, { groups: [leaving] })).toMatchObject({
      message: "it is PreparingRebalance, not Empty",
    });
  });

  test("one that is not there is dead", async () => {
    expect(value(await kafkaGroup.execute(args(kafkaGroup, { group: "g" }), at({})))).toMatchObject({
      state: "Dead",
      protocol: "none",
      members: 0,
      unmeasured: 0,
    });
  });
});

describe("what is protected", () => {
  test.each(["orders", "eu.Order-events", "fills", "venue.FILLS.v2", "__consumer_offsets"])("%s", (topic) => {
    expect(protection(topic, [], settings({}))).toMatchObject({ code: "PROTECTED_TOPIC", effect: "none" });
  });

  test("compacted topics, and the names a runbook adds", () => {
    expect(protection("regime", [], settings({ "cleanup.policy": "compact,delete" }))?.type).toBe("rejected");
    expect(protection("ledger.v1", ["ledger.*"], settings({}))?.type).toBe("rejected");
    expect(protection("ledgerXv1", ["ledger.*"], settings({}))).toBeUndefined();
    expect(protection("market-regime", [], settings({}))).toBeUndefined();
  });
});

describe("kafka.config.set", () => {
  const lower = { topic: "market-regime", set: { "retention.ms": "3600000" } };

  test("a lower retention is destructive: what goes, and who has not read it", async () => {
    const groups = [
      group("fast", "market-regime", [100n, 200n]),
      group("slow", "market-regime", [40n, -1n]),
      group("elsewhere", "other", [0n]),
    ];
    const world = { starts: [10n, 20n], ends: [100n, 200n], from: [90n, 150n], groups };
    expect(await preview(kafkaConfigSet, lower, world)).toEqual({
      lines: [
        "retention.ms: 604800000 (7d) of the cluster → 3600000 (1h)",
        "deletes up to 210 messages of topic market-regime, for good",
        "group slow has not read 180 messages of them",
        "all of them read by: fast",
      ],
      binding: {
        changes: [{ name: "retention.ms", own: null, next: "3600000" }],
        destructive: true,
      },
      counters: { messages: 210n, unread: 180n },
      confirm: "market-regime",
      destructive: true,
    });
  });

  test("by size nobody can say which messages go, so all of them may", async () => {
    const given = { topic: "t", set: { "retention.bytes": "1000" } };
    const seen = await preview(kafkaConfigSet, given, { starts: [5n], ends: [25n], from: [5n] });
    expect(seen).toMatchObject({ destructive: true, counters: { messages: 20n } });
    expect(seen.lines).toContain("no group reads this topic");
  });

  test("a longer retention, or another setting, deletes nothing", async () => {
    const longer = { topic: "t", set: { "retention.ms": "-1", "max.message.bytes": "2000" } };
    expect(await preview(kafkaConfigSet, longer, { settings: settings({ "retention.ms": "1000" }) })).toEqual(
      {
        lines: ["retention.ms: 1000 (1s) → -1", "max.message.bytes: 1048588 of the cluster → 2000"],
        binding: {
          changes: [
            { name: "retention.ms", own: "1000", next: "-1" },
            { name: "max.message.bytes", own: null, next: "2000" },
          ],
          destructive: false,
        },
        counters: {},
        confirm: "t",
      },
    );
  });

  test("taking away a long retention is taken for what comes after it", async () => {
    const world = { settings: settings({ "retention.ms": "-1" }) };
    expect(await preview(kafkaConfigSet, { topic: "t", remove: ["retention.ms"] }, world)).toMatchObject({
      destructive: true,
      lines: expect.arrayContaining(["retention.ms: -1 → 604800000 (7d) of the cluster"]),
    });
  });

  test("taking away a retention of which nobody knows what comes after it is destructive", async () => {
    const world = {
      settings: [{ name: "retention.ms", value: "1000", overridden: true, fallback: undefined }],
      starts: [1n],
      ends: [3n],
    };
    expect(await preview(kafkaConfigSet, { topic: "t", remove: ["retention.ms"] }, world)).toMatchObject({
      destructive: true,
      counters: { messages: 2n },
      lines: expect.arrayContaining([
        "retention.ms: 1000 (1s) → what the cluster says, which Kafka does not tell",
      ]),
    });
  });

  test.each([
    [{ topic: "t" }, "set or remove must name a setting"],
    [
      { topic: "t", set: { "retention.m": "1" } },
      "a topic has no setting retention.m (did you mean retention.ms?)",
    ],
    [
      { topic: "t", set: { "retention.ms": "1" }, remove: ["retention.ms"] },
      "retention.ms is in set and in remove",
    ],
  ])("%j is refused", async (given, message) => {
    expect(await refused(kafkaConfigSet, given, {})).toMatchObject({ type: "argument", message });
  });

  test("a protected topic keeps its messages, and may have its other settings changed", async () => {
    expect(await refused(kafkaConfigSet, { ...lower, topic: "orders" }, {})).toMatchObject({
      code: "PROTECTED_TOPIC",
    });
    const other = { topic: "orders", set: { "max.message.bytes": "2000" } };
    expect((await preview(kafkaConfigSet, other, {})).destructive).toBeUndefined();
  });

  test("undo puts back the topic's own values and takes away what it had not", () => {
    const given = {
      topic: "t",
      set: { "retention.ms": "1", "segment.ms": "2" },
      remove: ["max.message.bytes"],
    };
    const before = { "retention.ms": "7", "segment.ms": null, "max.message.bytes": "9" };
    expect(undo(kafkaConfigSet, given, before)).toEqual([
      {
        "kafka.config.set": {
          topic: "t",
          set: { "retention.ms": "7", "max.message.bytes": "9" },
          remove: ["segment.ms"],
        },
      },
    ]);
    expect(undo(kafkaConfigSet, lower, { "retention.ms": "3600000" })).toBeUndefined();
  });

  test("after a crash: as asked, as before, or neither", async () => {
    const with_ = (own: Readonly<Record<string, string>>): World => ({ settings: settings(own) });
    const look = async (world: World): Promise<unknown> =>
      await happened(kafkaConfigSet, lower, { "retention.ms": null }, world);
    expect(await look(with_({ "retention.ms": "3600000" }))).toBe("yes");
    expect(await look(with_({}))).toBe("no");
    expect(await look(with_({ "retention.ms": "5" }))).toBe("unknown");
  });

  test("an accepted setting that does not come is said so, and is unknown", async () => {
    const kafka = { ...kafkaOf({}), alterSettings: async () => ({ ok: true, value: undefined }) as const };
    let time = 0;
    const slow: Clock = { ...clock, monotonic: () => (time += 1000) };
    const given = args(kafkaConfigSet, { topic: "t", set: { "max.message.bytes": "2000" } });
    expect(failure(await kafkaConfigSet.execute(given, context({ kafka, clock: slow })))).toEqual({
      type: "rejected",
      target: "topic t",
      code: "NOT_APPLIED",
      message: "max.message.bytes = 2000 was accepted, but reads back as not set",
      effect: "unknown",
    });
  });

  test.each([
    ["retention.ms", "1000", "999", true],
    ["retention.ms", "1000", "1000", false],
    ["retention.ms", "-1", "1000", true],
    ["retention.ms", "1000", "-1", false],
    ["retention.ms", "1000", undefined, true],
    ["retention.ms", "1000", "soon", true],
    ["retention.bytes", undefined, "5", true],
    ["cleanup.policy", "delete", "compact", true],
    ["cleanup.policy", "compact, delete", "compact,delete", false],
    ["segment.ms", "1000", "1", false],
  ])("%s from %s to %s loses messages: %s", (name, before, effective, expected) => {
    expect(loses({ name, value: before, own: null, next: null, effective })).toBe(expected);
  });

  test("values are the same however Kafka writes them", () => {
    expect(sameValue("TRUE", "true")).toBe(true);
    expect(sameValue("0.50", "0.5")).toBe(true);
    expect(sameValue("a, b", "a,b")).toBe(true);
    expect(sameValue("9007199254740993", "9007199254740992")).toBe(false);
    expect(sameValue(null, "")).toBe(false);
  });
});

describe("kafka.records.delete", () => {
  const given = { topic: "t" };

  test("up to the lowest offset of all groups, within what is there", async () => {
    const groups = [group("a", "t", [50n, 80n, -1n, 7n]), group("b", "t", [70n, 999n, 30n, 2n])];
    const world = { starts: [10n, 0n, 0n, 5n], ends: [100n, 60n, 40n, 9n], groups };
    const seen = await preview(kafkaRecordsDelete, given, world);
    // 40 of the first (a is at 50), 60 of the second (both are beyond its end), none of the others.
    expect(seen.lines).toEqual([
      "deletes 100 of 194 messages of topic t, for good",
      "every group has read them: a, b",
    ]);
    expect(seen).toMatchObject({ binding: { topic: "t", groups: ["a", "b"] }, counters: { messages: 100n } });
    const captured = await kafkaRecordsDelete.capture?.(args(kafkaRecordsDelete, given), at(world));
    expect(captured).toMatchObject({ value: { targets: { 0: "50", 1: "60", 2: "0", 3: "5" } } });
  });

  test("without a group nothing says what may go", async () => {
    expect(await refused(kafkaRecordsDelete, given, { ends: [5n] })).toMatchObject({ code: "NO_READERS" });
    expect(await refused(kafkaRecordsDelete, { topic: "fills" }, {})).toMatchObject({
      code: "PROTECTED_TOPIC",
    });
  });

  test("nothing to delete is nothing asked", async () => {
    const world = { ends: [5n], groups: [group("a", "t", [0n])] };
    expect(value(await kafkaRecordsDelete.execute(args(kafkaRecordsDelete, given), at(world)))).toEqual({
      deleted: 0n,
      partitions: 0,
      groups: ["a"],
    });
  });

  test("after a crash: all there, none, or some", async () => {
    const before = { starts: { 0: "0", 1: "0" }, targets: { 0: "5", 1: "9007199254740993" } };
    const look = async (...starts: bigint[]): Promise<unknown> =>
      await happened(kafkaRecordsDelete, given, before, { starts, ends: starts });
    expect(await look(5n, 9_007_199_254_740_993n)).toBe("yes");
    expect(await look(0n, 0n)).toBe("no");
    expect(await look(5n, 9_007_199_254_740_992n)).toBe("unknown");
  });
});

describe("kafka.offsets.set", () => {
  const latest = { group: "g", topic: "t", to: "latest" };
  const groups = [group("g", "t", [10n, -1n, 30n])];
  const world = { starts: [0n, 5n, 0n], ends: [100n, 15n, 20n], groups, from: [4n, 6n, 20n] };

  test("what is skipped is told from what is read again", async () => {
    expect(await preview(kafkaOffsetsSet, latest, world)).toEqual({
      lines: ["group g skips 100 unread messages on 2 partitions"],
      binding: { group: "g", topic: "t", partitions: [0, 1, 2] },
      counters: { skipped: 100n, replayed: 0n },
      confirm: "g",
    });
    expect((await preview(kafkaOffsetsSet, { ...latest, to: "earliest" }, world)).lines).toEqual([
      "group g reads 30 messages on 2 partitions again",
    ]);
    const time = { group: "g", topic: "t", time: "2026-02-01T00:00:00Z", partitions: [0, 1] };
    expect(await preview(kafkaOffsetsSet, time, world)).toMatchObject({
      counters: { skipped: 1n, replayed: 6n },
      binding: { partitions: [0, 1] },
    });
  });

  test("an offset that is not kept is said to be the consumer's own matter", async () => {
    const offsets = { 0: "500", 1: "-1" };
    const seen = await preview(kafkaOffsetsSet, { group: "g", topic: "t", offsets }, world);
    expect(seen.lines).toEqual([
      "group g skips 90 unread messages on 1 partition",
      "partition 0: offset 500 is not kept (0 to 100 is), so the group begins where its auto.offset.reset says",
      "partition 1: is never committed then, so the group begins where its auto.offset.reset says",
    ]);
  });

  test("a live group is refused with its members named", async () => {
    const clients = [{ member: "m", client: "sentinel", host: "/10.0.0.7", assigned: [] }];
    const live = [group("g", "t", [1n], { state: "Stable", members: 1, clients })];
    expect(await refused(kafkaOffsetsSet, latest, { ...world, groups: live })).toEqual({
      type: "rejected",
      target: "group g",
      code: "GROUP_ACTIVE",
      message: "it has 1 member (sentinel on 10.0.0.7); stop them first",
      effect: "none",
    });
  });

  test.each([
    [{ group: "nobody", topic: "t", to: "latest" }, "no group nobody"],
    [{ group: "g", topic: "t" }, "give one of to, time, ago and offsets"],
    [{ ...latest, ago: 5 }, "give one of to, time, ago and offsets"],
    [{ ...latest, partitions: [7] }, "it has no partition 7; it has 0 to 2"],
    [{ group: "g", topic: "t", offsets: { one: "5" } }, "one is not the number of a partition"],
    [
      { group: "g", topic: "t", offsets: { 0: "9223372036854775808" } },
      "9223372036854775808 is beyond any offset",
    ],
    [
      { group: "g", topic: "t", offsets: { 0: "1" }, partitions: [0] },
      "offsets name their partitions; leave partitions out",
    ],
    [
      { group: "g", topic: "t", time: "yesterday" },
      '"yesterday" is not a time with its zone, such as 2026-03-01T12:00:00Z',
    ],
    [{ group: "g", topic: "t", time: "2027-01-01T00:00:00Z" }, "2027-01-01T00:00:00.000Z is in the future"],
    [
      { ...latest, topic: "orders" },
      "its name is one of *order*, whose messages are never skipped or deleted",
    ],
  ])("%j is refused", async (given, message) => {
    expect(await refused(kafkaOffsetsSet, given, world)).toMatchObject({ message });
  });

  test("undo sets exactly what was there, also what was never committed, in 64 bits", async () => {
    const far = { ...world, groups: [group("g", "t", [2n ** 62n + 1n, -1n, 30n])] };
    const captured = await kafkaOffsetsSet.capture?.(args(kafkaOffsetsSet, latest), at(far));
    const before = captured?.ok === true ? captured.value : null;
    const offsets = { 0: "4611686018427387905", 1: "-1", 2: "30" };
    expect(undo(kafkaOffsetsSet, latest, before)).toEqual([
      { "kafka.offsets.set": { group: "g", topic: "t", offsets } },
    ]);
  });

  test("after a crash: set, not set, set a moment later, or gone on since", async () => {
    const before = { offsets: { 0: "10", 1: "-1" }, targets: { 0: "100", 1: "15" } };
    const look = async (one: ReturnType<typeof group>, given: object = latest): Promise<unknown> =>
      await happened(kafkaOffsetsSet, { ...given }, before, { ...world, groups: [one] });
    expect(await look(group("g", "t", [100n, 15n]))).toBe("yes");
    expect(await look(group("g", "t", [10n, -1n]))).toBe("no");
    const never = { offsets: { 0: "-1" }, targets: { 0: "5" } };
    expect(await happened(kafkaOffsetsSet, latest, never, { groups: [group("g", "other", [3n])] })).toBe(
      "no",
    );
    expect(await look(group("g", "t", [105n, 15n]))).toBe("yes");
    expect(await look(group("g", "t", [100n, -1n]))).toBe("unknown");
    expect(await look(group("g", "t", [105n, 15n]), { offsets: { 0: "100" } })).toBe("unknown");
    expect(await look(group("g", "t", [100n, 15n], { members: 1 }))).toBe("unknown");
  });
});

describe("a topic that vanishes between two reads", () => {
  const gone = { type: "missing", target: "topic t", message: "there is no topic t" } as const;
  const world = { ends: [100n], groups: [group("g", "t", [10n])] };
  const given = { group: "g", topic: "t", to: "latest", set: { "retention.ms": "60000" } };
  const kinds = [kafkaOffsetsSet, kafkaRecordsDelete, kafkaConfigSet];

  test.each<[string, keyof Kafka]>([
    ["kafka.offsets.set", "topic"],
    ["kafka.offsets.set", "settings"],
    ["kafka.records.delete", "topic"],
    ["kafka.records.delete", "settings"],
    ["kafka.config.set", "settings"],
  ])("%s: without its %s nothing is sent", async (name, read) => {
    const kind = kinds.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    const lost = context({ kafka: { ...kafkaOf(world), [read]: async () => fail(gone) }, clock });
    const own = Object.fromEntries(Object.entries(given).filter(([key]) => key in kind.args.spec.fields));
    expect(await kind.preview?.(args(kind, own), lost)).toMatchObject({ ok: false, failure: gone });
    // The port takes no change: one would throw.
    const ran = await kind.execute(args(kind, own), lost);
    expect(ran).toMatchObject({ ok: false, failure: { type: "missing", effect: "none" } });
  });

  test("its groups have no lag on it, and nothing is beyond the end", async () => {
    const left = { ...group("g", "t", []), partitions: [] };
    const lags = value(await kafkaLag.execute(args(kafkaLag, {}), at({ groups: [left] })));
    expect(lags).toMatchObject({ total: 0n, never_committed: 0, straddled: 0 });
  });
});

describe("plans and commands by hand", () => {
  test.each<[Kind, Readonly<Record<string, unknown>>, string, string]>([
    [
      kafkaConfigSet,
      {
        topic: "t",
        set: { "retention.ms": "1", "cleanup.policy": "compact,delete" },
        remove: ["segment.ms"],
      },
      "kafka.config.set: set retention.ms=1, cleanup.policy=compact,delete, no own segment.ms of topic t on Kafka at kafka.local:9092",
      "kafka-configs.sh --bootstrap-server kafka.local:9092 --alter --topic t --add-config 'retention.ms=1,cleanup.policy=[compact,delete]' --delete-config segment.ms",
    ],
    [
      kafkaOffsetsSet,
      { group: "g", topic: "t", to: "latest", partitions: [0, 2] },
      "kafka.offsets.set: set group g on topic t, only partition 0, 2, to latest on Kafka at kafka.local:9092",
      "kafka-consumer-groups.sh --bootstrap-server kafka.local:9092 --group g --topic t:0,2 --reset-offsets --to-latest --execute",
    ],
    [
      kafkaOffsetsSet,
      { group: "g", topic: "t", offsets: { 0: "12", 1: "-1" } },
      "kafka.offsets.set: set group g on topic t to offset 0: 12, 1: -1 on Kafka at kafka.local:9092",
      "kafka-consumer-groups.sh --bootstrap-server kafka.local:9092 --group g --topic t:0 --reset-offsets --to-offset 12 --execute && kafka-consumer-groups.sh --bootstrap-server kafka.local:9092 --group g --delete-offsets --topic t:1",
    ],
    [
      kafkaOffsetsSet,
      { group: "g", topic: "t", ago: 3_600_000 },
      "kafka.offsets.set: set group g on topic t to 1h ago on Kafka at kafka.local:9092",
      "kafka-consumer-groups.sh --bootstrap-server kafka.local:9092 --group g --topic t --reset-offsets --by-duration PT3600S --execute",
    ],
    [
      kafkaOffsetsSet,
      { group: "g", topic: "t", offsets: "‹steps.x.y›" },
      "kafka.offsets.set: set group g on topic t to offset ‹steps.x.y› on Kafka at kafka.local:9092",
      "kafka-consumer-groups.sh --bootstrap-server kafka.local:9092 --group g --topic t --reset-offsets --to-offset '‹steps.x.y›' --execute",
    ],
  ])("%#", (kind, given, plan, byHand) => {
    expect(kind.plan(given, where)).toBe(plan);
    expect(kind.byHand(given, where)).toBe(byHand);
  });
});
