import { describe, expect, it } from "vitest";
import { fail, ok, type Result } from "../../../src/base/result.ts";
import type { GroupLag, Kafka } from "../../../src/ports/kafka.ts";
import type { Clock, Instance, Services } from "../../../src/ports/ports.ts";
import { kafkaOffsetsSet } from "../../../src/kinds/kafka/kafka-offsets-set.ts";
import type { KindContext } from "../../../src/kinds/kind.ts";
import { failure, value } from "../../drivers/results.ts";
import { args, context, where } from "../context.ts";
import { group, kafkaOf } from "./kafka-world.ts";

interface Told {
  /** What scaling to this many comes to, where it fails. */
  readonly scale?: Readonly<Record<number, string>>;
  /** A member that is not of the service. */
  readonly stranger?: boolean;
  readonly commit?: Result<void>;
}

/** Three consumers of one group, which leave it when their service is stopped. */
function consumers(told: Told = {}): { readonly world: KindContext; readonly did: string[] } {
  let [running, committed, now] = [3, 10n, 0];
  const did: string[] = [];
  const lag = (): GroupLag => {
    const members = running + (told.stranger === true ? 1 : 0);
    const client = { member: "m", client: "consumer", host: "/10.0.0.9", assigned: [] };
    const clients = Array.from({ length: members }, () => client);
    return group("g", "t", [committed], { state: members > 0 ? "Stable" : "Empty", members, clients });
  };
  const kafka: Kafka = {
    ...kafkaOf({ ends: [100n] }),
    lag: async () => await Promise.resolve(ok([lag()])),
    commit: async (_group, _topic, offsets) => {
      did.push(`commit ${[...offsets.values()].join()}`);
      if (told.commit !== undefined) return told.commit;
      committed = offsets.get(0) ?? 0n;
      return await Promise.resolve(ok(undefined));
    },
  };
  const instance = (number: number) => ({ id: `c${number}`, number, state: "running" }) as Instance;
  const services = {
    describe: (name: string) => `service ${name}`,
    inspect: async () =>
      await Promise.resolve(ok(Array.from({ length: running }, (_, at) => instance(at + 1)))),
    scale: async (_name: string, replicas: number) => {
      did.push(`scale ${replicas}`);
      const message = told.scale?.[replicas];
      if (message !== undefined)
        return fail({ type: "rejected", target: "service s", message, effect: "unknown" });
      running = replicas;
      return await Promise.resolve(ok(undefined));
    },
  } as unknown as Services;
  const clock: Clock = {
    now: () => new Date(0),
    monotonic: () => now,
    sleep: async (ms) => void (now += ms),
  };
  return { world: context({ kafka, services, clock }), did };
}

const given = args(kafkaOffsetsSet, { group: "g", topic: "t", to: "latest", service: "sentinel" });

describe("kafka.offsets.set with the service that reads", () => {
  it("asks before anything is stopped: the same question twice, and nothing done", async () => {
    const { world, did } = consumers();
    const seen = value(
      (await kafkaOffsetsSet.preview?.(given, world)) ?? fail({ type: "missing", target: "", message: "" }),
    );
    expect(seen).toEqual({
      lines: [
        "group g skips 90 unread messages on 1 partition",
        "stops 3 instances of service sentinel first, and starts as many again afterwards",
      ],
      binding: { group: "g", topic: "t", partitions: [0], containers: ["c1", "c2", "c3"] },
      counters: { skipped: 90n, replayed: 0n },
      confirm: "g",
    });
    expect(did).toEqual([]);
  });

  it("stops them, sets the offsets of the empty group, and starts as many as ran", async () => {
    const { world, did } = consumers();
    expect(value(await kafkaOffsetsSet.execute(given, world))).toMatchObject({ skipped: 90n });
    expect(did).toEqual(["scale 0", "commit 100", "scale 3"]);
  });

  it("starts them again when the offsets could not be set", async () => {
    const message = "no";
    const { world, did } = consumers({
      commit: fail({ type: "rejected", target: "g", message, effect: "none" }),
    });
    expect(failure(await kafkaOffsetsSet.execute(given, world))).toMatchObject({ message, effect: "none" });
    expect(did).toEqual(["scale 0", "commit 100", "scale 3"]);
  });

  it("starts them again, and sets nothing, when somebody else is in the group", async () => {
    const { world, did } = consumers({ stranger: true });
    expect(failure(await kafkaOffsetsSet.execute(given, world))).toMatchObject({
      code: "GROUP_ACTIVE",
      message: "it has 1 member (consumer on 10.0.0.9); stop them first",
      effect: "none",
    });
    expect(did).toEqual(["scale 0", "scale 3"]);
  });

  it("sets nothing when they cannot be stopped", async () => {
    const { world, did } = consumers({ scale: { 0: "no engine" } });
    expect(failure(await kafkaOffsetsSet.execute(given, world))).toMatchObject({ message: "no engine" });
    expect(did).toEqual(["scale 0"]);
  });

  it("says that nothing consumes when they cannot be started again: that is unknown", async () => {
    const { world } = consumers({ scale: { 3: "no room" } });
    expect(failure(await kafkaOffsetsSet.execute(given, world))).toMatchObject({
      code: "NOT_STARTED",
      effect: "unknown",
      message:
        "the offsets are set; service sentinel was stopped, and 3 instances could not be started again: service s rejected the request: no room",
    });
  });

  it("stops nothing for a topic of orders", async () => {
    const { world, did } = consumers();
    const orders = { ...given, topic: "orders" };
    expect(failure(await kafkaOffsetsSet.execute(orders, world))).toMatchObject({ code: "PROTECTED_TOPIC" });
    expect(did).toEqual([]);
  });

  it("after a crash in the middle, with them stopped, it is unknown", async () => {
    const { world } = consumers();
    const before = value((await kafkaOffsetsSet.capture?.(given, world)) ?? ok(null));
    await world.ports.services.scale("sentinel", 0, world.signal);
    expect(await kafkaOffsetsSet.happened?.(given, before, new Date(), world)).toBe("unknown");
  });

  it("its undo stops and starts them as well; by hand one does the same", () => {
    if (kafkaOffsetsSet.undo.how !== "steps") throw new Error("it has no undo");
    expect(kafkaOffsetsSet.undo.steps(given, { offsets: { 0: "10" }, running: 3 })).toEqual([
      { "kafka.offsets.set": { group: "g", topic: "t", offsets: { 0: "10" }, service: "sentinel" } },
    ]);
    const lines = kafkaOffsetsSet.byHand(given, where).split("\n");
    expect(lines.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "# note how",
      "docker compose scale",
      "kafka-consumer-groups.sh --bootstrap-server kafka.local:9092",
      "# as many",
      "docker compose scale",
    ]);
  });
});
