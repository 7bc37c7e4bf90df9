import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createKafkaSurvey } from "../../../src/drivers/kafka/kafka.ts";
import type { GroupSurvey, KafkaSurvey } from "../../../src/ports/evidence.ts";
import { joinConnect, kafkaClient, type KafkaClient } from "../../../sandbox/kafka-client.ts";
import { kafkaProxy, type KafkaProxy } from "../../../sandbox/kafka-proxy.ts";
import { startKafka, type RunningKafka } from "../../../sandbox/kafka.ts";
import { value } from "../results.ts";
import { soon } from "../../patience.ts";

const numbers = { ListOffsets: 2, OffsetFetch: 9, DescribeGroups: 15, ListGroups: 16 };
const unavailable = 15;

describe("a survey of Kafka", () => {
  let cluster: RunningKafka;
  let client: KafkaClient;
  let survey: KafkaSurvey;
  const proxies: KafkaProxy[] = [];
  // Their names' hashes differ by one, so each of the four partitions that keep groups has one of them.
  const groups = ["kept-0", "kept-1", "kept-2", "kept-3"];

  beforeAll(async () => {
    cluster = await startKafka({
      version: "4.1",
      brokers: 2,
      advertise: async (address) => {
        const proxy = await kafkaProxy(address);
        proxies.push(proxy);
        return proxy.address;
      },
    });
    client = await kafkaClient(cluster.brokers);
    survey = createKafkaSurvey({ brokers: cluster.nodes[0]?.address ?? "" });
    await client.topic("pair", { partitions: 2, replicas: 2, config: { "min.insync.replicas": "2" } });
    await client.topic("odd", { partitions: 2 });
    await client.send("pair", 0, ["a", "b", "c"]);
    for (const group of groups) await client.commit(group, "pair", { 0: 1 });
    await client.commit("odd-group", "odd", { 1: 0 });
  });
  afterAll(async () => {
    await client?.stop();
    await cluster?.stop();
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  });
  afterEach(() => {
    for (const proxy of proxies) proxy.forget();
  });

  const lags = ({ groups: all }: GroupSurvey) =>
    all.map(({ group, partitions }) => [group, partitions.map(({ lag }) => lag)]);
  const whole = [...groups.map((group) => [group, [2n, undefined]]), ["odd-group", [undefined, 0n]]];

  /** Puts the error number before the group's name in a reply of DescribeGroups. */
  function refuse(body: Buffer, group: string): Buffer {
    const changed = Buffer.from(body);
    const at = body.indexOf(group);
    if (at > 0) changed.writeInt16BE(unavailable, at - 4);
    return changed;
  }

  test("has every group with its lag, the times of the calls, and nothing missing", async () => {
    const read = value(await survey.groups(soon()));
    expect(lags(read)).toEqual(whole);
    expect(read.missing).toEqual([]);
    const counts = (call: string): number => read.calls.filter((one) => one.call.startsWith(call)).length;
    expect([counts("ListGroups"), counts("OffsetFetch"), counts("ListOffsets end")]).toEqual([2, 5, 2]);
  });

  test("leaves out groups that read nothing", async () => {
    const leave = await joinConnect(cluster.brokers, "connect-workers");
    try {
      expect(value(await survey.groups(soon())).groups.map(({ group }) => group)).not.toContain(
        "connect-workers",
      );
    } finally {
      leave();
    }
  });

  test("a group whose broker refuses it costs its own row", async () => {
    for (const proxy of proxies)
      proxy.onReply = (api, body) => (api === numbers.DescribeGroups ? refuse(body, "kept-2") : body);
    const read = value(await survey.groups(soon()));
    expect(lags(read)).toEqual(whole.filter(([group]) => group !== "kept-2"));
    expect(read.missing).toEqual([
      { what: "group kept-2", why: expect.stringContaining("GROUP_COORDINATOR_NOT_AVAILABLE") as string },
    ]);
  });

  test("a group that has just moved is asked for once more, of its broker", async () => {
    let left = 1;
    for (const proxy of proxies)
      proxy.onReply = (api, body) =>
        api === numbers.DescribeGroups && body.includes("kept-1") && left-- > 0
          ? refuse(body, "kept-1")
          : body;
    const read = value(await survey.groups(soon()));
    expect([lags(read), read.missing, left]).toEqual([whole, [], -1]);
  });

  test("a group whose offsets are refused costs its own row", async () => {
    for (const proxy of proxies)
      proxy.onReply = (api, body) => {
        if (api !== numbers.OffsetFetch || !body.includes("odd")) return body;
        const changed = Buffer.from(body);
        changed.writeInt16BE(unavailable, body.length - 2);
        return changed;
      };
    const read = value(await survey.groups(soon()));
    expect(lags(read)).toEqual(whole.slice(0, -1));
    expect(read.missing.map(({ what }) => what)).toEqual(["group odd-group"]);
  });

  test("an end that its leader does not tell costs that lag, and not what was committed", async () => {
    for (const proxy of proxies)
      proxy.onReply = (api, body) => (api === numbers.ListOffsets && body.includes("odd") ? undefined : body);
    const read = value(await survey.groups(soon()));
    const odd = read.groups.find(({ group }) => group === "odd-group");
    expect(odd?.partitions).toMatchObject([{ committed: -1n }, { committed: 0n, end: undefined }]);
    expect(read.missing[0]?.what).toMatch(/^end offsets of the partitions that broker \d leads$/);
  });

  test("a topic that is gone leaves what its group had committed", async () => {
    await client.topic("gone");
    await client.commit("gone-group", "gone", { 0: 7 });
    // Kafka takes a deleted topic's offsets away after a moment: this is the moment before.
    for (const one of proxies)
      one.onReply = (api, body) => {
        const at = body.indexOf("gone");
        if (api !== 3 || at === -1 || body.includes("kept")) return body;
        const changed = Buffer.from(body);
        changed.write("gnoe", at);
        return changed;
      };
    const read = value(await survey.groups(soon()));
    expect(read.groups.find(({ group }) => group === "gone-group")?.partitions).toEqual([
      { topic: "gone", partition: 0, committed: 7n, end: undefined, lag: undefined },
    ]);
    for (const one of proxies) one.forget();
    await client.admin.deleteGroups(["gone-group"]);
  });

  test("topics with leaders, replicas and offsets; settings of topics and brokers", async () => {
    const topology = value(await survey.topology(soon()));
    expect(topology.brokers.map(({ id }) => id)).toEqual([1, 2]);
    const pair = topology.topics.find(({ name }) => name === "pair");
    expect(pair?.partitions.map(({ start, end, isr }) => [start, end, isr.length])).toEqual([
      [0n, 3n, 2],
      [0n, 0n, 2],
    ]);
    expect(topology.missing).toEqual([]);
    // With KRaft, clients are told any broker that lives.
    expect([1, 2]).toContain(topology.controller);
    const settings = value(await survey.settings(soon()));
    const named = settings.all.filter(({ of, name }) => of === "broker" || name === "pair");
    expect(named.map(({ of }) => of).toSorted()).toEqual(["broker", "broker", "topic"]);
    const own = named.find(({ name }) => name === "pair")?.settings.filter((one) => one.own);
    expect(own).toEqual([{ name: "min.insync.replicas", value: "2", own: true }]);
  });

  test("a broker that is silent costs what it alone could tell, in seconds", async () => {
    const [, second] = proxies;
    if (second === undefined) throw new Error("there is none");
    second.onReply = () => "silence";
    const signal = soon();
    const [read, topology, settings] = await Promise.all([
      survey.groups(signal),
      survey.topology(signal),
      survey.settings(signal),
    ]);
    // The deadline was not waited for.
    expect(signal.aborted).toBe(false);
    expect(value(read).groups.length).toBeGreaterThan(1);
    expect(value(read).missing[0]?.what).toBe("groups that broker 2 keeps");
    expect(value(topology).missing.map(({ what }) => what)).toEqual([
      "start offsets of the partitions that broker 2 leads",
      "end offsets of the partitions that broker 2 leads",
    ]);
    expect(value(settings).missing.map(({ what }) => what)).toEqual(["settings of broker 2"]);
    await expect.poll(() => proxies.map((proxy) => proxy.open()).at(1)).toBeLessThanOrEqual(2);
  });

  // The last one: the second broker is gone after it.
  test("a broker that is lost: the groups that it kept are missing, and no others", async () => {
    await cluster.nodes[1]?.kill();
    await expect
      .poll(async () => value(await survey.groups(soon())).missing.map(({ what }) => what))
      .toContainEqual("groups in 2 of 4 partitions of __consumer_offsets");
    const read = value(await survey.groups(soon()));
    expect(read.groups.filter(({ group }) => group.startsWith("kept"))).toHaveLength(2);
  });
});
