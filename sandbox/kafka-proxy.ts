import { connect, createServer, type Socket } from "node:net";
import { listening, type Loopback } from "../test/drivers/loopback.ts";

/** One request as it went to a broker. */
export interface Frame {
  /** Kafka's number of the question: 2 is ListOffsets, 3 Metadata, … */
  readonly api: number;
  readonly bytes: number;
}

/** What stands between a client and a broker, and sees every frame. */
export interface KafkaProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly frames: readonly Frame[];
  /** Connections that were made. */
  readonly connections: () => number;
  readonly open: () => number;
  /** Changes a reply's bytes after its length and correlation id; `undefined` closes instead of answering, `silence` does neither. */
  onReply: (api: number, body: Buffer) => Buffer | "silence" | undefined;
  forget(): void;
}

export async function kafkaProxy(to: string): Promise<KafkaProxy> {
  const [host = "", port = ""] = to.split(":");
  const frames: Frame[] = [];
  const server = createServer((client) => {
    const broker = connect(Number(port), host);
    const calls = new Map<number, number>();
    for (const [from, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      from.on("error", () => other.destroy());
      from.on("close", () => other.destroy());
    }
    eachFrame(client, (frame) => {
      calls.set(frame.readInt32BE(8), frame.readInt16BE(4));
      frames.push({ api: frame.readInt16BE(4), bytes: frame.length });
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      const body = proxy.onReply(calls.get(frame.readInt32BE(4)) ?? -1, frame.subarray(8));
      if (body === undefined) {
        client.destroy();
        return;
      }
      if (body === "silence") return;
      const head = Buffer.from(frame.subarray(0, 8));
      head.writeInt32BE(body.length + 4, 0);
      client.write(Buffer.concat([head, body]));
    });
  });
  const loopback: Loopback = await listening(server);
  const proxy: KafkaProxy = {
    address: `127.0.0.1:${loopback.port}`,
    frames,
    connections: () => loopback.sockets.length,
    open: () => loopback.sockets.filter((socket) => !socket.destroyed).length,
    onReply: (_api, body) => body,
    forget: () => {
      frames.length = 0;
      proxy.onReply = (_api, body) => body;
    },
    [Symbol.asyncDispose]: async () => await loopback[Symbol.asyncDispose](),
  };
  return proxy;
}

function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= held.readInt32BE(0) + 4) {
      const length = held.readInt32BE(0) + 4;
      take(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
}
