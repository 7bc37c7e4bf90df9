import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../src/base/json.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { createKafka } from "../../../src/drivers/kafka/kafka.ts";
import type { Kafka } from "../../../src/ports/kafka.ts";
import { kindsByName } from "../../../src/app/wiring/kinds.ts";
import type { Kind, KindContext, Preview } from "../../../src/kinds/kind.ts";
import { failure, value } from "../../drivers/results.ts";
import { chosen } from "../../../sandbox/chosen.ts";
import { joinNewProtocol, kafkaClient, type KafkaClient } from "../../../sandbox/kafka-client.ts";
import { startKafka, type RunningKafka } from "../../../sandbox/kafka.ts";
import { args, context } from "../context.ts";
import { patience, soon } from "../../patience.ts";

type Given = Readonly<Record<string, unknown>>;
const version = chosen().kafka;

describe(`Kafka ${version}`, () => {
  let cluster: RunningKafka;
  let client: KafkaClient;
  let kafka: Kafka;
  const cleanup: (() => unknown)[] = [];

  beforeAll(async () => {
    cluster = await startKafka({
      version,
      config: {
        "group.coordinator.rebalance.protocols": "classic,consumer",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        // Segments are compacted as soon as they are closed.
        "log.cleaner.backoff.ms": "100",
      },
    });
    client = await kafkaClient(cluster.brokers);
    kafka = createKafka({ brokers: cluster.brokers });
  });

  afterEach(async () => {
    for (const leave of cleanup.splice(0)) await leave();
  });

  afterAll(async () => {
    await client?.stop();
    await cluster?.stop();
  });

  const kind = (name: string): Kind => {
    const found = kindsByName.get(name);
    if (found === undefined) throw new Error(`there is no kind ${name}`);
    return found;
  };
  const world = (): KindContext => context({ kafka, clock: createClock() }, { signal: soon() });
  const execute = async (name: string, given: Given): ReturnType<Kind["execute"]> =>
    await kind(name).execute(args(kind(name), given), world());
  const preview = async (name: string, given: Given): Promise<Preview> => {
    const seen = await kind(name).preview?.(args(kind(name), given), world());
    if (seen === undefined) throw new Error(`${name} has no preview`);
    return value(seen);
  };
  /** As the executor does it: recorded, done, looked at; with the steps that put it back. */
  const change = async (
    name: string,
    given: Given,
  ): Promise<{ outputs: Given; undo: () => Promise<void> }> => {
    const { capture, happened, undo } = kind(name);
    const all = args(kind(name), given);
    const recorded = await capture?.(all, world());
    // Through the journal and back: what a number would lose is lost here.
    const before = JSON.parse(JSON.stringify(recorded === undefined ? null : value(recorded))) as Json;
    const since = new Date();
    expect(await happened?.(all, before, since, world())).toBe("no");
    const outputs = value(await kind(name).execute(all, world()));
    expect(await happened?.(all, before, since, world())).toBe("yes");
    return {
      outputs,
      undo: async () => {
        if (undo.how !== "steps") throw new Error(`${name} has no undo`);
        for (const step of undo.steps(all, before) ?? []) {
          for (const [verb, written] of Object.entries(step)) value(await execute(verb, written as Given));
        }
      },
    };
  };
  /** What the group has, by Kafka's own client. */
  const committed = async (groupId: string, topic: string): Promise<Record<number, string>> => {
    const [found] = await client.admin.fetchOffsets({ groupId, topics: [topic] });
    return Object.fromEntries((found?.partitions ?? []).map(({ partition, offset }) => [partition, offset]));
  };
  const ownSettings = async (topic: string): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      value(await kafka.settings(topic, soon())).flatMap((one) =>
        one.overridden ? [[one.name, one.value]] : [],
      ),
    );
  const fill = async (topic: string, counts: readonly number[]): Promise<void> => {
    for (const [partition, count] of counts.entries()) {
      if (count > 0)
        await client.send(
          topic,
          partition,
          Array.from({ length: count }, () => "m"),
        );
    }
  };

  test("kafka.ping, kafka.topics, kafka.topic", async () => {
    await client.topic("regime", { partitions: 2 });
    await fill("regime", [3, 0]);
    expect(value(await execute("kafka.ping", {}))).toMatchObject({ brokers: 1, controller: 1 });
    expect(value(await execute("kafka.topics", {}))["topics"]).toContain("regime");
    const topic = value(await execute("kafka.topic", { topic: "regime" }));
    expect(topic).toMatchObject({ partitions: 2, messages: 3n, under_replicated: 0, offline: 0 });
    expect(topic["newest_age"]).toBeLessThan(patience);
    expect(failure(await execute("kafka.topic", { topic: "regimes" })).type).toBe("missing");
  });

  const newestOf = async (topic: string, more: Given = {}) =>
    value(await execute("kafka.read", { topic, ...more }));
  const texts = ({ messages }: Given): readonly unknown[] =>
    (messages as readonly { readonly text?: string }[]).map(({ text }) => text);

  test("kafka.read: the newest over all partitions, with what each has; no group is joined", async () => {
    await client.topic("news", { partitions: 3 });
    expect(await newestOf("news")).toMatchObject({ count: 0, messages: [], truncated: false });
    const producer = client.kafka.producer();
    await producer.connect();
    cleanup.push(async () => await producer.disconnect());
    const at = Date.now() - 60_000;
    for (let index = 0; index < 30; index++) {
      const timestamp = String(at + index * 1000);
      const message = { partition: index % 3, value: `{"n":${index}}`, timestamp };
      await producer.send({ topic: "news", messages: [message] });
    }
    const headers = { trace: "abc" };
    const last = { partition: 1, key: "k", value: "x".repeat(3000), headers, timestamp: String(at + 31_000) };
    await producer.send({ topic: "news", messages: [last], compression: 1 });
    await producer.send({
      topic: "news",
      messages: [{ partition: 2, key: "k", value: null, timestamp: String(at + 32_000) }],
    });
    const groups = await client.admin.listGroups();
    const read = await newestOf("news", { count: 4, max_bytes: 20 });
    expect(read).toMatchObject({
      count: 4,
      newest: new Date(at + 32_000),
      pending: 0n,
      unread: 0,
      offline: 0,
      truncated: false,
      messages: [
        { partition: 2, key: "k", size: 0, headers: {} },
        { partition: 1, key: "k", size: 3000, text: "x".repeat(20), headers: { trace: "abc" } },
        { partition: 2, offset: 9n, time: new Date(at + 29_000), text: '{"n":29}', json: { n: 29n } },
        { partition: 1, offset: 9n, text: '{"n":28}' },
      ],
    });
    expect((read["messages"] as readonly object[])[0]).not.toHaveProperty("text");
    expect((await newestOf("news", { count: 1000 }))["count"]).toBe(32);
    expect(await client.admin.listGroups()).toEqual(groups);
    expect(failure(await execute("kafka.read", { topic: "newss" })).type).toBe("missing");
  });

  test("kafka.read: what a transaction gave up is left out, and what an open one holds back is counted", async () => {
    await client.topic("deals");
    const producer = client.kafka.producer({
      transactionalId: "t1",
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    cleanup.push(async () => await producer.disconnect());
    const send = async (word: string, end: "commit" | "abort" | undefined): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: "deals", messages: [{ value: `${word} 1` }, { value: `${word} 2` }] });
      if (end !== undefined) await transaction[end]();
    };
    await send("kept", "commit");
    for (let index = 0; index < 20; index++) await send("gone", "abort");
    await send("last", "commit");
    for (let index = 0; index < 6; index++) await send("gone", "abort");
    const read = await newestOf("deals", { count: 3 });
    expect(texts(read)).toEqual(["last 2", "last 1", "kept 2"]);
    await send("open", undefined);
    await client.send("deals", 0, ["behind"]);
    expect(await newestOf("deals", { count: 3 })).toMatchObject({ count: 3, pending: 3n });
    expect(texts(await newestOf("deals", { count: 1 }))).toEqual(["last 2"]);
  });

  test("kafka.read: behind the gaps of a compacted topic it looks further back", async () => {
    const config = { "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01" };
    await client.topic("state", { config });
    const producer = client.kafka.producer();
    await producer.connect();
    cleanup.push(async () => await producer.disconnect());
    const put = async (key: string, text: string): Promise<void> =>
      void (await producer.send({ topic: "state", messages: [{ key, value: text }] }));
    await put("a", "first");
    await put("b", "second");
    for (let index = 0; index < 200; index++) await put("c", `c ${index}`);
    // The last segment is never compacted: each of these closes the one before it, as soon as its time is over.
    const compacted = async (): Promise<readonly unknown[]> => {
      await put("d", "end");
      return texts(await newestOf("state", { count: 1000 })).filter((text) => text !== "end");
    };
    await expect.poll(compacted, { timeout: patience, interval: 300 }).toEqual(["c 199", "second", "first"]);
    const [newest, ...rest] = texts(await newestOf("state", { count: 1000 }));
    expect([newest, rest.at(-1)]).toEqual(["end", "first"]);
  });

  test("kafka.lag and kafka.group of a live group", async () => {
    await client.topic("watched", { partitions: 2 });
    await fill("watched", [5, 4]);
    await client.commit("watchers", "watched", { 0: 2 });
    const member = await client.member("watchers", "watched");
    cleanup.push(async () => await member.leave());
    expect(value(await execute("kafka.lag", { groups: ["watchers"] }))).toMatchObject({
      total: 3n,
      max: 3n,
      never_committed: 1,
      straddled: 0,
    });
    expect(value(await execute("kafka.group", { group: "watchers" }))).toMatchObject({
      state: "Stable",
      protocol: "classic",
      members: 1,
      idle: 0,
      unassigned: 0,
      lag: 3n,
      clients: [{ client: "test", host: "127.0.0.1", partitions: 2 }],
    });
  });

  test("kafka.config.set sets, keeps every other setting, and is undone", async () => {
    await client.topic("tuned", { config: { "max.message.bytes": "2000", "retention.ms": "86400000" } });
    const before = await ownSettings("tuned");
    const done = await change("kafka.config.set", {
      topic: "tuned",
      set: { "retention.ms": "172800000", "segment.ms": "600000" },
      remove: ["max.message.bytes"],
    });
    const after = { "retention.ms": "172800000", "segment.ms": "600000" };
    expect(done.outputs).toEqual({ settings: after, before });
    expect(await ownSettings("tuned")).toEqual(after);
    await done.undo();
    expect(await ownSettings("tuned")).toEqual(before);
  });

  test("kafka.config.set shows how many unread messages a shorter retention deletes, by age", async () => {
    await client.topic("aging", { partitions: 2 });
    const ago = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
    await client.send("aging", 0, [ago(5), ago(4), ago(3), ago(0)]);
    await client.send("aging", 1, [ago(2), ago(0)]);
    await client.commit("ager", "aging", { 0: 1, 1: 1 });
    const given = { topic: "aging", set: { "retention.ms": "3600000" } };
    expect(await preview("kafka.config.set", given)).toMatchObject({
      destructive: true,
      lines: [
        "retention.ms: 604800000 (7d) of the cluster → 3600000 (1h)",
        "deletes up to 4 messages of topic aging, for good",
        "group ager has not read 2 messages of them",
      ],
      counters: { messages: 4n, unread: 2n },
    });
  });

  test("kafka.config.set: what Kafka does not take changed nothing", async () => {
    await client.topic("stubborn");
    const wrong = failure(
      await execute("kafka.config.set", { topic: "stubborn", set: { "max.message.bytes": "many" } }),
    );
    expect(wrong).toMatchObject({ type: "rejected", code: "INVALID_CONFIG" });
    expect(wrong.effect ?? "none").toBe("none");
    expect(await ownSettings("stubborn")).toEqual({});
  });

  test("kafka.offsets.set to latest, to earliest, by time and to what is given; undone to what was", async () => {
    await client.topic("skipped", { partitions: 3 });
    await client.send("skipped", 0, [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-03T00:00:00Z")]);
    await fill("skipped", [0, 4, 5]);
    await client.commit("skipper", "skipped", { 0: 0, 1: 3 });
    const before = { 0: "0", 1: "3", 2: "-1" };
    expect(await committed("skipper", "skipped")).toEqual(before);
    const latest = { group: "skipper", topic: "skipped", to: "latest" };
    expect(await preview("kafka.offsets.set", latest)).toMatchObject({
      lines: ["group skipper skips 8 unread messages on 3 partitions"],
      counters: { skipped: 8n, replayed: 0n },
      confirm: "skipper",
    });
    const done = await change("kafka.offsets.set", latest);
    expect(done.outputs).toMatchObject({ skipped: 8n, replayed: 0n });
    expect(await committed("skipper", "skipped")).toEqual({ 0: "2", 1: "4", 2: "5" });
    await done.undo();
    expect(await committed("skipper", "skipped")).toEqual(before);

    await change("kafka.offsets.set", { ...latest, to: "earliest", partitions: [1] });
    expect(await committed("skipper", "skipped")).toEqual({ ...before, 1: "0" });
    await change("kafka.offsets.set", {
      group: "skipper",
      topic: "skipped",
      time: "2026-01-02T00:00:00Z",
      partitions: [0],
    });
    expect(await committed("skipper", "skipped")).toMatchObject({ 0: "1" });
    await change("kafka.offsets.set", {
      group: "skipper",
      topic: "skipped",
      offsets: { 2: "4611686018427387905" },
    });
    expect(await committed("skipper", "skipped")).toMatchObject({ 2: "4611686018427387905" });
  });

  test("kafka.offsets.set refuses a live group, names its members, and changes nothing", async () => {
    await client.topic("held");
    await fill("held", [3]);
    await client.commit("holder", "held", { 0: 1 });
    const member = await client.member("holder", "held");
    cleanup.push(async () => await member.leave());
    const given = { group: "holder", topic: "held", to: "latest" };
    expect(failure(await execute("kafka.offsets.set", given))).toMatchObject({
      code: "GROUP_ACTIVE",
      message: "it has 1 member (test on 127.0.0.1); stop them first",
      effect: "none",
    });
    expect(await committed("holder", "held")).toEqual({ 0: "1" });
  });

  test("kafka.offsets.set with a group of the new protocol: refused while it lives, set once it is empty", async () => {
    await client.topic("renewed");
    await client.send("renewed", 0, ["first-message", "second"]);
    const joining = { group: "renewer", topic: "renewed", first: "first-message" };
    const consumer = await joinNewProtocol(cluster.libs, cluster.brokers, joining);
    cleanup.push(async () => await consumer.stop("SIGKILL"));
    const given = { group: "renewer", topic: "renewed", to: "latest" };
    expect(failure(await execute("kafka.offsets.set", given))).toMatchObject({ code: "GROUP_ACTIVE" });
    expect(value(await execute("kafka.group", { group: "renewer" }))).toMatchObject({
      protocol: "consumer",
      members: 1,
      clients: [{ partitions: 1 }],
    });
    await consumer.stop("SIGTERM");
    const done = await change("kafka.offsets.set", given);
    expect(await committed("renewer", "renewed")).toEqual({ 0: "2" });
    await done.undo();
    expect(await committed("renewer", "renewed")).toEqual({ 0: "-1" });
  });

  test("a protected topic loses nothing and skips nothing, whatever it is asked", async () => {
    await client.topic("orders");
    await client.topic("table", { config: { "cleanup.policy": "compact" } });
    for (const topic of ["orders", "table"]) {
      await client.commit("trader", topic, { 0: 0 });
      const codes = await Promise.all([
        execute("kafka.offsets.set", { group: "trader", topic, to: "latest" }),
        execute("kafka.records.delete", { topic }),
        execute("kafka.config.set", { topic, set: { "retention.ms": "1" } }),
      ]);
      expect(codes.map(failure)).toMatchObject(
        Array.from({ length: 3 }, () => ({ code: "PROTECTED_TOPIC" })),
      );
    }
  });

  test("kafka.records.delete deletes what every group has read, and not one message more", async () => {
    await client.topic("drained", { partitions: 3 });
    await fill("drained", [6, 6, 6]);
    await client.commit("quick", "drained", { 0: 6, 1: 6, 2: 6 });
    await client.commit("slow", "drained", { 0: 4, 1: 0 });
    expect((await preview("kafka.records.delete", { topic: "drained" })).lines).toEqual([
      "deletes 4 of 18 messages of topic drained, for good",
      "every group has read them: quick, slow",
    ]);
    const done = await change("kafka.records.delete", { topic: "drained" });
    expect(done.outputs).toEqual({ deleted: 4n, partitions: 1, groups: ["quick", "slow"] });
    const { partitions } = value(await kafka.topic("drained", soon()));
    expect(partitions.map(({ start }) => start)).toEqual([4n, 0n, 0n]);
    expect(value(await execute("kafka.records.delete", { topic: "drained" }))).toMatchObject({ deleted: 0n });
  });
});
