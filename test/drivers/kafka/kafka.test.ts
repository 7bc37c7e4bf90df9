import { describe, expect, test } from "vitest";
import { createKafka } from "../../../src/drivers/kafka/kafka.ts";
import { readBrokers } from "../../../src/drivers/kafka/address.ts";
import { assignments } from "../../../src/drivers/kafka/assignment.ts";
import { bundleAndRun } from "../../../sandbox/script.ts";
import { freePort } from "../../../sandbox/child.ts";
import { tcp } from "../loopback.ts";
import { failure } from "../results.ts";
import { soon } from "../../patience.ts";

describe("a broker that", () => {
  test("is not there is refused, and nothing happened", async () => {
    const brokers = `127.0.0.1:${await freePort()}`;
    expect(failure(await createKafka({ brokers }).cluster(soon()))).toEqual({
      type: "unreachable",
      cause: "refused",
      target: `Kafka broker ${brokers}`,
      message: "connection refused",
      effect: "none",
    });
  });

  test("accepts and never answers ends at the deadline, its connection with it", async () => {
    const deadline = new AbortController();
    await using silent = await tcp((socket) => socket.once("data", () => deadline.abort()).resume());
    const brokers = `127.0.0.1:${silent.port}`;
    const answer = await createKafka({ brokers }).lag([], deadline.signal);
    expect(failure(answer)).toMatchObject({
      type: "timeout",
      target: `Kafka at ${brokers}`,
      doing: "reading lag",
      after: expect.any(Number) as number,
    });
    await expect.poll(() => silent.sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  test("is asked after the deadline is not even called", async () => {
    await using silent = await tcp(() => {});
    const aborted = AbortSignal.abort();
    const answer = await createKafka({ brokers: `127.0.0.1:${silent.port}` }).topics(aborted);
    expect(failure(answer).type).toBe("timeout");
    expect(silent.sockets).toEqual([]);
  });

  test("is no Kafka is unreadable, with what it said", async () => {
    await using web = await tcp((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(failure(await createKafka({ brokers: `127.0.0.1:${web.port}` }).topics(soon()))).toMatchObject({
      type: "unreadable",
      sample: "HTTP/1.1 400 Bad Request....",
    });
  });

  test("answers nonsense of the right length is unreadable", async () => {
    await using liar = await tcp((socket) =>
      socket.on("data", (request: Buffer) => {
        const reply = Buffer.alloc(20, 0xff);
        reply.writeInt32BE(16, 0);
        reply.writeInt32BE(request.readInt32BE(8), 4);
        socket.write(reply);
      }),
    );
    const answer = await createKafka({ brokers: `127.0.0.1:${liar.port}` }).topics(soon());
    expect(failure(answer).type).toBe("unreadable");
  });

  test("closes at once is closed, and says so", async () => {
    await using closing = await tcp((socket) => socket.end());
    expect(failure(await createKafka({ brokers: `127.0.0.1:${closing.port}` }).topics(soon()))).toMatchObject(
      {
        type: "unreachable",
        cause: "closed",
        message: "it closed the connection",
      },
    );
  });

  test("has a name that nobody knows is a matter of names", async () => {
    const answer = await createKafka({ brokers: "kafka.invalid:9092" }).cluster(soon());
    expect(failure(answer)).toMatchObject({
      type: "unreachable",
      cause: "dns",
      target: "Kafka broker kafka.invalid:9092",
    });
  });
});

test("a silent broker does not keep the process alive after its deadline", async () => {
  await using silent = await tcp(() => {});
  const ended = await bundleAndRun(`
    import { createKafka } from "./src/drivers/kafka/kafka.ts";
    const kafka = createKafka({ brokers: "127.0.0.1:${silent.port}" });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    console.log((await kafka.cluster(controller.signal)).ok);
  `);
  expect(ended).toEqual({ code: 0, stdout: "false\n", stderr: "" });
});

describe("addresses", () => {
  test.each([
    ["a:1,b", ["a 1", "b 9092"]],
    [" a:9093 , ", ["a 9093"]],
    ["[::1]:9094,[fe80::1]", ["::1 9094", "fe80::1 9092"]],
  ])("%s", (given, expected) => {
    const read = readBrokers(given);
    expect(read.ok && read.value.map(({ host, port }) => `${host} ${port}`)).toEqual(expected);
  });

  test.each(["", " , ", "a:port", "a:0", "a:65536", "a:1:2", "http://a:9092", "user@a:9092", "a b:1"])(
    "%j is none, and is said to be none before anything is called",
    async (brokers) => {
      expect(readBrokers(brokers)).toMatchObject({ ok: false });
      const answer = failure(await createKafka({ brokers }).cluster(soon()));
      expect(answer).toMatchObject({ type: "argument", target: "Kafka's brokers", effect: "none" });
    },
  );
});

describe("a member's assignment", () => {
  const bytes = (...parts: (number | string)[]): Buffer =>
    Buffer.concat(
      parts.map((part) => {
        if (typeof part === "string") return Buffer.from(part, "latin1");
        const word = Buffer.alloc(4);
        word.writeInt32BE(part);
        return word;
      }),
    );
  const version = "\u0000\u0000";

  test("names topics and partitions", () => {
    const two = bytes(version, 2, "\u0000\u0001a", 2, 0, 7, "\u0000\u0002bc", 0);
    expect(assignments(two)).toEqual([
      { topic: "a", partitions: [0, 7] },
      { topic: "bc", partitions: [] },
    ]);
  });

  test.each([
    ["nothing", null],
    ["an empty one", Buffer.alloc(0)],
    ["one cut short", bytes(version, 2, "\u0000\u0001a", 2, 0)],
    // Read as it says, it goes round in the first bytes two thousand million times.
    ["lengths that go back", bytes("\u0080\u0000", 0x7fff_fffa, "\u00ff\u00f8")],
    ["other bytes", Buffer.from('{"a": "these are no partitions"}')],
  ])("%s is no assignment", (_what, given) => {
    expect(assignments(given)).toEqual([]);
  });
});
