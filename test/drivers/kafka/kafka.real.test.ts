import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createKafka } from "../../../src/drivers/kafka/kafka.ts";
import type { Kafka, TopicState } from "../../../src/ports/kafka.ts";
import { chosen } from "../../../sandbox/chosen.ts";
import {
  joinConnect,
  joinNewProtocol,
  kafkaClient,
  type KafkaClient,
} from "../../../sandbox/kafka-client.ts";
import { kafkaProxy, type KafkaProxy } from "../../../sandbox/kafka-proxy.ts";
import { startKafka, type RunningKafka } from "../../../sandbox/kafka.ts";
import { bundleAndRun } from "../../../sandbox/script.ts";
import { soon } from "../../patience.ts";
import { value, failure } from "../results.ts";

const version = chosen().kafka;

describe(`Kafka ${version}`, () => {
  let cluster: RunningKafka;
  let client: KafkaClient;
  let kafka: Kafka;
  const proxies: KafkaProxy[] = [];
  const cleanup: (() => unknown)[] = [];

  beforeAll(async () => {
    cluster = await startKafka({
      version,
      brokers: 2,
      // 3.9 has the new protocol of groups as well, and does not offer it by itself.
      config: { "group.coordinator.rebalance.protocols": "classic,consumer" },
      advertise: async (address) => {
        const proxy = await kafkaProxy(address);
        proxies.push(proxy);
        return proxy.address;
      },
    });
    client = await kafkaClient(cluster.brokers);
    kafka = createKafka({ brokers: cluster.nodes[0]?.address ?? "" });
    await client.topic("market-regime", { partitions: 3 });
  });

  afterAll(async () => {
    await client?.stop();
    await cluster?.stop();
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  });

  afterEach(async () => {
    for (const proxy of proxies) proxy.forget();
    for (const leave of cleanup.splice(0)) await leave();
  });

  /** Requests that `question` sends, by the number of their kind. */
  const requests = async (question: () => Promise<unknown>): Promise<Record<number, number>> => {
    for (const proxy of proxies) proxy.forget();
    await question();
    const counts: Record<number, number> = {};
    for (const { api } of proxies.flatMap(({ frames }) => frames)) counts[api] = (counts[api] ?? 0) + 1;
    return counts;
  };

  test("names the cluster, its brokers and its controller", async () => {
    const state = value(await kafka.cluster(soon()));
    expect(state.brokers.map(({ address }) => address).toSorted()).toEqual(
      cluster.nodes.map(({ address }) => address).toSorted(),
    );
    expect(state.clusterId).toMatch(/\S{10,}/);
    expect(state.brokers.map(({ id }) => id)).toContain(state.controller);
  });

  test("lists topics in order, without Kafka's own", async () => {
    await client.topic("a-first");
    await client.commit("lister", "a-first", { 0: 0 });
    const topics = value(await kafka.topics(soon()));
    expect(topics.slice(0, 1)).toEqual(["a-first"]);
    expect(topics).toContain("market-regime");
    expect(topics.filter((name) => name.startsWith("__"))).toEqual([]);
  });

  test("finds the newest timestamp of all partitions, whatever order they came in", async () => {
    const newest = new Date("2026-03-01T12:00:00.123Z");
    await client.topic("stamped", { partitions: 2 });
    await client.send("stamped", 0, [
      new Date("2026-02-01T00:00:00Z"),
      newest,
      new Date("2026-01-01T00:00:00Z"),
    ]);
    await client.send("stamped", 1, [new Date("2026-02-03T00:00:00Z")]);
    const topic = value(await kafka.topic("stamped", soon()));
    expect(topic.newest).toEqual(newest);
    expect(topic.partitions.map(({ partition, start, end }) => [partition, start, end])).toEqual([
      [0, 0n, 3n],
      [1, 0n, 1n],
    ]);
    expect(topic.partitions.every(({ leader }) => leader === 1 || leader === 2)).toBe(true);
  });

  test("an empty topic has no newest message", async () => {
    await client.topic("empty", { partitions: 2 });
    const topic = value(await kafka.topic("empty", soon()));
    expect(topic.newest).toBeUndefined();
    expect(topic.partitions.map(({ end }) => end)).toEqual([0n, 0n]);
  });

  test("a topic that is not there is missing, and is not created", async () => {
    expect(failure(await kafka.topic("markt-regime", soon()))).toMatchObject({
      type: "missing",
      message: "there is no topic markt-regime",
    });
    expect(value(await kafka.topics(soon()))).not.toContain("markt-regime");
  });

  test("a name that Kafka does not take is rejected in Kafka's word", async () => {
    expect(failure(await kafka.topic("no spaces", soon()))).toMatchObject({
      type: "rejected",
      code: "INVALID_TOPIC_EXCEPTION",
    });
  });

  test("lag: committed, never committed, and beyond the end, in 64 bits", async () => {
    await client.topic("lagging", { partitions: 4 });
    for (const partition of [0, 1, 2, 3]) await client.send("lagging", partition, ["a", "b", "c"]);
    await client.commit("worker", "lagging", { 0: 1, 1: 3, 2: 2n ** 60n + 1n });
    const [group] = value(await kafka.lag(["worker"], soon()));
    expect(group).toEqual({
      group: "worker",
      protocol: "classic",
      state: "Empty",
      members: 0,
      clients: [],
      partitions: [
        { topic: "lagging", partition: 0, committed: 1n, end: 3n, lag: 2n },
        { topic: "lagging", partition: 1, committed: 3n, end: 3n, lag: 0n },
        { topic: "lagging", partition: 2, committed: 2n ** 60n + 1n, end: 3n, lag: 2n - 2n ** 60n },
        { topic: "lagging", partition: 3, committed: -1n, end: 3n, lag: undefined },
      ],
      unmeasured: [],
    });
  });

  test("a group that is not there is dead", async () => {
    expect(value(await kafka.lag(["nobody"], soon()))).toEqual([
      {
        group: "nobody",
        protocol: "none",
        state: "Dead",
        members: 0,
        clients: [],
        partitions: [],
        unmeasured: [],
      },
    ]);
  });

  test("a live group of the classic protocol, with its members and what they read", async () => {
    await client.topic("classic-live", { partitions: 3 });
    await client.commit("classic-group", "classic-live", { 0: 0 });
    const member = await client.member("classic-group", "classic-live");
    cleanup.push(async () => await member.leave());
    const [group] = value(await kafka.lag(["classic-group"], soon()));
    expect(group).toMatchObject({ protocol: "classic", state: "Stable", members: 1 });
    expect(group?.clients).toMatchObject([
      { client: "test", host: "/127.0.0.1", assigned: [{ topic: "classic-live" }] },
    ]);
    expect(group?.clients[0]?.assigned[0]?.partitions.toSorted()).toEqual([0, 1, 2]);
    expect(group?.partitions.map(({ lag }) => lag)).toEqual([0n, undefined, undefined]);
  });

  test("a live group whose members are assigned a topic and have never committed", async () => {
    await client.topic("unread", { partitions: 2 });
    const member = await client.member("unread-group", "unread");
    cleanup.push(async () => await member.leave());
    const [group] = value(await kafka.lag(["unread-group"], soon()));
    expect(group?.partitions).toMatchObject([
      { topic: "unread", partition: 0, committed: -1n, lag: undefined },
      { topic: "unread", partition: 1, committed: -1n, lag: undefined },
    ]);
  });

  test("groups of Kafka Connect have no lag, and are left out of all groups", async () => {
    await client.topic("connected");
    await client.commit("reader", "connected", { 0: 0 });
    cleanup.push(await joinConnect(cluster.brokers, "connect-workers"));
    const groups = value(await kafka.lag([], soon())).map(({ group }) => group);
    expect(groups).toContain("reader");
    expect(groups).not.toContain("connect-workers");
    const { groups: all } = await client.admin.listGroups();
    expect(all.map(({ groupId }) => groupId)).toContain("connect-workers");
  });

  test("asks once a broker and once a group, however many partitions there are", async () => {
    await client.topic("few", { partitions: 2 });
    await client.topic("many", { partitions: 60 });
    const topic = async (name: string): Promise<Record<number, number>> =>
      await requests(async () => value(await kafka.topic(name, soon())));
    // What it speaks and ListOffsets of three kinds to each broker, metadata to one.
    expect(await topic("many")).toEqual({ 2: 6, 3: 1, 18: 2 });
    expect(await topic("few")).toEqual({ 2: 6, 3: 1, 18: 2 });

    const offsets = (count: number): Record<number, number> =>
      Object.fromEntries(Array.from({ length: count }, (_, partition) => [partition, 0]));
    await client.commit("few-1", "few", offsets(2));
    await client.commit("many-1", "many", offsets(60));
    await client.commit("many-2", "many", offsets(60));
    const lag = async (...groups: string[]): Promise<Record<number, number>> =>
      await requests(async () => value(await kafka.lag(groups, soon())));
    const one = await lag("many-1");
    expect(one).toMatchObject({ 2: 2, 3: 2, 9: 1, 16: 2, 18: 2 });
    expect(await lag("few-1")).toEqual(one);
    const two = await lag("many-1", "many-2");
    expect(two).toMatchObject({ 2: 2, 3: 2, 9: 2, 16: 2, 18: 2 });
    expect(two[15]).toBeLessThanOrEqual(2);
  });

  test("leaves no connection behind", async () => {
    value(await kafka.lag([], soon()));
    value(await kafka.topic("market-regime", soon()));
    await client.stop();
    const closed = (): boolean => proxies.every((proxy) => proxy.open() === 0);
    await expect.poll(closed).toBe(true);
    client = await kafkaClient(cluster.brokers);
  });

  test("the process ends by itself after every question", async () => {
    const brokers = JSON.stringify(cluster.brokers);
    const output = await bundleAndRun(`
      import { createKafka } from "./src/drivers/kafka/kafka.ts";
      const kafka = createKafka({ brokers: ${brokers} });
      const signal = new AbortController().signal;
      const answers = [
        await kafka.cluster(signal), await kafka.topics(signal), await kafka.topic("market-regime", signal),
        await kafka.lag([], signal), await kafka.settings("market-regime", signal), await kafka.topic("nowhere", signal),
      ];
      console.log(answers.map(({ ok }) => ok).join(" "));
    `);
    expect(output).toEqual({ code: 0, stdout: "true true true true true false\n", stderr: "" });
  });

  test("asks once more when leadership has just moved, and not a third time", async () => {
    const listOffsets = 2;
    const notLeader = (topic: string, body: Buffer): Buffer => {
      const at = body.indexOf(topic) + topic.length + 1 + 4;
      const moved = Buffer.from(body);
      moved.writeInt16BE(6, at);
      return moved;
    };
    let left = 1;
    await client.topic("moving");
    for (const proxy of proxies) {
      proxy.onReply = (api, body) => (api === listOffsets && left-- > 0 ? notLeader("moving", body) : body);
    }
    expect(value(await kafka.offsets("moving", "end", soon())).get(0)).toBe(0n);
    left = 1000;
    expect(failure(await kafka.offsets("moving", "end", soon()))).toMatchObject({
      type: "rejected",
      code: "NOT_LEADER_FOR_PARTITION",
      target: "partition 0 of topic moving",
    });
    expect(left).toBe(998);
  });

  test("a topic that vanishes between two reads: the lag goes on without it, and what asks for it fails as missing", async () => {
    const listOffsets = 2;
    await client.topic("staying");
    await client.topic("vanishing");
    await client.send("staying", 0, ["a", "b"]);
    await client.commit("both", "staying", { 0: 1 });
    await client.commit("both", "vanishing", { 0: 0 });
    const gone = async (): Promise<unknown> => {
      const asked = await kafka.topic("vanishing", soon());
      return asked.ok ? "there" : asked.failure.type;
    };
    /** Its offsets are asked for after its metadata came, and in between somebody deletes it. */
    const vanish = (): void => {
      let first = true;
      const unknownTopic = (body: Buffer): Buffer => {
        const at = body.indexOf("vanishing");
        if (at < 0) return body;
        if (first) void client.admin.deleteTopics({ topics: ["vanishing"] });
        first = false;
        const changed = Buffer.from(body);
        changed.writeInt16BE(3, at + "vanishing".length + 1 + 4);
        return changed;
      };
      for (const proxy of proxies) {
        proxy.onReply = (api, body) => (api === listOffsets ? unknownTopic(body) : body);
      }
    };
    vanish();
    const first = await kafka.lag(["both"], soon());
    // The second question may come before the deletion is everywhere: a failure then, and never a wrong number.
    if (!first.ok)
      expect(first.failure).toMatchObject({ type: "rejected", code: "UNKNOWN_TOPIC_OR_PARTITION" });
    await expect.poll(gone).toBe("missing");
    for (const proxy of proxies) proxy.forget();
    expect(value(await kafka.lag(["both"], soon()))[0]?.partitions).toEqual([
      { topic: "staying", partition: 0, committed: 1n, end: 2n, lag: 1n },
    ]);
    expect(failure(await kafka.offsets("vanishing", "end", soon()))).toMatchObject({ type: "missing" });
  });

  test("a bootstrap broker that is dead costs nothing", async () => {
    const both = createKafka({ brokers: `127.0.0.1:1,${cluster.nodes[1]?.address}` });
    expect(value(await both.cluster(soon())).brokers).toHaveLength(2);
  });

  test("settings: what is set on the topic is told from what is not", async () => {
    const own = { "retention.ms": "7200000", "max.message.bytes": "2000" };
    await client.topic("set", { config: own });
    const settings = value(await kafka.settings("set", soon()));
    const named = (name: string): unknown => settings.find((setting) => setting.name === name);
    expect(named("cleanup.policy")).toEqual({
      name: "cleanup.policy",
      value: "delete",
      overridden: false,
      fallback: "delete",
    });
    expect(named("max.message.bytes")).toMatchObject({
      value: "2000",
      overridden: true,
      fallback: "1048588",
    });
    // Kafka keeps it to itself what a topic's retention would be, unless the cluster sets one.
    expect(named("retention.ms")).toMatchObject({ value: "7200000", overridden: true, fallback: undefined });
    expect(named("segment.ms")).toMatchObject({
      value: "604800000",
      overridden: false,
      fallback: "604800000",
    });
    expect(failure(await kafka.settings("nowhere", soon()))).toMatchObject({
      type: "missing",
      effect: "none",
    });
  });

  test("altering a setting leaves the others, and null takes one away", async () => {
    await client.topic("altered", { config: { "retention.ms": "7200000", "max.message.bytes": "2000" } });
    const overrides = async (): Promise<unknown> =>
      value(await kafka.settings("altered", soon())).flatMap(({ name, value: is, overridden }) =>
        overridden ? [[name, is]] : [],
      );
    const change = async (changes: Record<string, string | null>): Promise<void> =>
      value(await kafka.alterSettings("altered", new Map(Object.entries(changes)), soon()));
    await change({ "retention.ms": "3600000", "segment.ms": "100000" });
    await expect.poll(overrides).toEqual([
      ["max.message.bytes", "2000"],
      ["retention.ms", "3600000"],
      ["segment.ms", "100000"],
    ]);
    await change({ "retention.ms": null });
    await expect.poll(overrides).toEqual([
      ["max.message.bytes", "2000"],
      ["segment.ms", "100000"],
    ]);
    const wrong = new Map([["retention.ms", "soon"]]);
    expect(failure(await kafka.alterSettings("altered", wrong, soon()))).toMatchObject({
      type: "rejected",
      code: "INVALID_CONFIG",
      message: expect.stringContaining("soon"),
    });
    const right = new Map([["retention.ms", "3600000"]]);
    expect(failure(await kafka.alterSettings("nowhere", right, soon()))).toMatchObject({ type: "missing" });
  });

  test("offsets at a time: the first message from then on, the end when there is none", async () => {
    await client.topic("timed", { partitions: 2 });
    const days = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 4, day)));
    await client.send("timed", 0, days);
    await client.send("timed", 1, days.slice(0, 2));
    expect(value(await kafka.offsets("timed", new Date(Date.UTC(2026, 4, 2, 12)), soon()))).toEqual(
      new Map([
        [0, 2n],
        [1, 2n],
      ]),
    );
    expect(value(await kafka.offsets("timed", "start", soon())).get(0)).toBe(0n);
  });

  test("a commit is what the group has, in 64 bits, and can be taken away", async () => {
    await client.topic("committed", { partitions: 3 });
    const offsets = new Map([
      [0, 5n],
      [1, 2n ** 62n],
    ]);
    value(await kafka.commit("committer", "committed", offsets, soon()));
    const [read] = await client.admin.fetchOffsets({ groupId: "committer", topics: ["committed"] });
    expect(
      read?.partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset),
    ).toEqual(["5", String(2n ** 62n), "-1"]);
    value(
      await kafka.commit(
        "committer",
        "committed",
        new Map([
          [0, 6n],
          [1, -1n],
        ]),
        soon(),
      ),
    );
    const [group] = value(await kafka.lag(["committer"], soon()));
    expect(group?.partitions.map(({ committed }) => committed)).toEqual([6n, -1n, -1n]);
  });

  test("a commit for a group with members is refused by Kafka, and nothing changes", async () => {
    await client.topic("busy");
    await client.send("busy", 0, ["a", "b", "c"]);
    await client.commit("busy-group", "busy", { 0: 2 });
    const member = await client.member("busy-group", "busy");
    cleanup.push(async () => await member.leave());
    const refused = failure(await kafka.commit("busy-group", "busy", new Map([[0, 0n]]), soon()));
    expect(refused).toMatchObject({ type: "rejected", code: "UNKNOWN_MEMBER_ID" });
    expect(refused.effect ?? "none").toBe("none");
    const [group] = value(await kafka.lag(["busy-group"], soon()));
    expect(group?.partitions[0]?.committed).toBe(2n);
  });

  test("a partition that is not there makes a commit uncertain only when others went through", async () => {
    await client.topic("half");
    const some = new Map([
      [0, 1n],
      [9, 1n],
    ]);
    expect(failure(await kafka.commit("half-group", "half", some, soon()))).toMatchObject({
      code: "UNKNOWN_TOPIC_OR_PARTITION",
      effect: "unknown",
    });
    const none = new Map([[9, 1n]]);
    expect(failure(await kafka.commit("half-group", "half", none, soon())).effect).toBeUndefined();
  });

  test("records go up to the offset, for good, and no further", async () => {
    await client.topic("cut", { partitions: 4 });
    for (const partition of [0, 1, 2, 3]) await client.send("cut", partition, ["a", "b", "c"]);
    const before = new Map([
      [0, 2n],
      [1, 3n],
      [2, 0n],
    ]);
    expect(value(await kafka.deleteRecords("cut", before, soon()))).toEqual(before);
    expect(value(await kafka.offsets("cut", "start", soon()))).toEqual(
      new Map([
        [0, 2n],
        [1, 3n],
        [2, 0n],
        [3, 0n],
      ]),
    );
    expect(failure(await kafka.deleteRecords("cut", new Map([[0, 99n]]), soon()))).toMatchObject({
      type: "rejected",
      code: "OFFSET_OUT_OF_RANGE",
    });
  });

  test("a change whose answer is lost has an unknown effect; before it was sent, none", async () => {
    await client.topic("lost");
    const alter = 44;
    for (const proxy of proxies) proxy.onReply = (api, body) => (api === alter ? undefined : body);
    const changes = new Map([["retention.ms", "3600000"]]);
    const lost = failure(await kafka.alterSettings("lost", changes, soon()));
    expect(lost).toMatchObject({ type: "unreachable", cause: "closed" });
    expect(lost.effect).not.toBe("none");
    for (const proxy of proxies) proxy.onReply = (api, body) => (api === 3 ? undefined : body);
    expect(failure(await kafka.alterSettings("lost", changes, soon()))).toMatchObject({ effect: "none" });
  });

  test("a group of the new protocol lives, and its offsets are set once it is empty", async () => {
    await client.topic("modern", { partitions: 2 });
    await client.send("modern", 1, ["first-message"]);
    const where = { group: "modern-group", topic: "modern", first: "first-message" };
    const consumer = await joinNewProtocol(cluster.libs, cluster.brokers, where);
    cleanup.push(async () => await consumer.stop("SIGKILL"));
    const [live] = value(await kafka.lag(["modern-group"], soon()));
    expect(live).toMatchObject({ protocol: "consumer", state: "Stable", members: 1 });
    expect(live?.clients[0]?.assigned).toEqual([{ topic: "modern", partitions: [0, 1] }]);
    expect(live?.partitions.map(({ committed }) => committed)).toEqual([-1n, -1n]);
    expect(failure(await kafka.commit("modern-group", "modern", new Map([[0, 1n]]), soon()))).toMatchObject({
      type: "rejected",
    });
    await consumer.stop("SIGTERM");
    const [empty] = value(await kafka.lag(["modern-group"], soon()));
    expect(empty).toMatchObject({ protocol: "consumer", state: "Empty", members: 0 });
    value(await kafka.commit("modern-group", "modern", new Map([[1, 1n]]), soon()));
    const [after] = value(await kafka.lag(["modern-group"], soon()));
    expect(after?.partitions.map(({ committed }) => committed)).toEqual([-1n, 1n]);
  });

  test("a broker that wants a login refuses access, and says which", async () => {
    const login = await startKafka({
      version,
      config: {
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,OUTSIDE:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.outside.plain.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_lav="lav";',
      },
    });
    cleanup.push(async () => await login.stop());
    expect(failure(await createKafka({ brokers: login.brokers }).cluster(soon()))).toMatchObject({
      type: "denied",
      message: expect.stringContaining("SASL login (PLAIN)"),
    });
  });

  // The last one: the second broker is gone after it.
  test("a lost broker: its partitions are under-replicated or offline, and no group is called dead", async () => {
    await client.topic("pair", { partitions: 2, replicas: 2 });
    await client.topic("single", { partitions: 4 });
    await client.send("pair", 0, ["a"]);
    // Their names' hashes differ by one, so each of the four partitions keeps one of them.
    const groups = ["kept-0", "kept-1", "kept-2", "kept-3"];
    for (const group of groups) {
      await client.commit(group, "pair", { 0: 0 });
      await client.commit(group, "single", { 0: 0 });
    }
    await cluster.nodes[1]?.kill();
    const state = async (name: string): Promise<TopicState> => value(await kafka.topic(name, soon()));
    await expect.poll(async () => (await state("pair")).partitions.map(({ isr }) => isr)).toEqual([[1], [1]]);
    const pair = await state("pair");
    expect(pair.partitions.map(({ replicas, leader }) => [replicas.length, leader])).toEqual([
      [2, 1],
      [2, 1],
    ]);
    const single = await state("single");
    expect(single.partitions.filter(({ leader }) => leader < 0)).toHaveLength(2);
    const answers = await Promise.all(groups.map(async (group) => await kafka.lag([group], soon())));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    for (const answer of answers) {
      if (answer.ok) {
        const [{ unmeasured, ...group } = { unmeasured: [] }] = answer.value;
        expect(group).toMatchObject({ state: "Empty", partitions: [{ lag: 1n }, {}, {}, {}] });
        // faults 2: those of which nobody leads a partition are told, and not left out.
        expect(unmeasured.map(({ topic, why }) => `${topic}: ${why}`)).toEqual(
          Array.from({ length: 2 }, () => "single: it has no leader"),
        );
      } else expect(answer.failure).toMatchObject({ code: "GROUP_COORDINATOR_NOT_AVAILABLE" });
    }
    expect(failure(await kafka.lag([], soon()))).toMatchObject({
      code: "GROUPS_MISSING",
      message: expect.stringMatching(/^2 of 4 partitions of __consumer_offsets have no leader/),
    });
  });
});
