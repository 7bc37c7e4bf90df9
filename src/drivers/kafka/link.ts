import type { Call, Logger } from "kafkajs/src/network/connection.js";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { frames, guard, TooLong, Unreadable } from "../guard.ts";
import { errorCode, FailureError, messageOf, networkFailure } from "../network.ts";
import { hostText } from "../address.ts";
import { tlsFailure } from "../tls-failure.ts";
import { verified, type TlsMaterial } from "../verified.ts";
import type { Address } from "./address.ts";
import { readVersions } from "./requests.ts";
import type { VersionRange } from "./wire.ts";

/** One connection to one broker. Every method rejects with a FailureError. */
export interface Link {
  readonly address: string;
  readonly versions: ReadonlyMap<number, VersionRange>;
  send<T>(call: Call<T>): Promise<T>;
  close(): void;
}

/** A reply's first four bytes are its length, and at least its request's number follows; no reply here is longer. */
const frame = { before: 0, counted: 0, least: 4, longest: 64 * 1_048_576 };

const silent: Logger = {
  namespace: () => silent,
  debug() {},
  info() {},
  warn() {},
  error() {},
};

/**
 * Connects and asks what the broker speaks. There is no timer in here: `close` ends it at any moment,
 * and leaves nothing that keeps the process alive.
 * @throws FailureError
 */
export async function openLink(
  { host, port }: Address,
  tls: TlsMaterial | undefined,
  onOpen: (link: Link) => void,
): Promise<Link> {
  const { default: Connection } = await import("kafkajs/src/network/connection.js");
  const address = `${hostText(host)}:${port}`;
  const target = `Kafka broker ${address}`;
  let trouble: unknown;
  let destroy = (): void => {};

  const connection = new Connection({
    host,
    port,
    logger: silent,
    clientId: "lav-ir",
    connectionTimeout: 0x7fff_ffff,
    requestTimeout: 0x7fff_ffff,
    enforceRequestTimeout: false,
    socketFactory: ({ onConnect }) => {
      const socket: Socket =
        tls === undefined
          ? connectSocket({ host, port }, onConnect)
          : connectTls({ host, port, ...verified(tls) }, onConnect);
      // kafkajs hands on a message without the error's code, so it is kept here.
      socket.once("error", (error) => (trouble ??= error));
      socket.once("end", () => (trouble ??= Object.assign(new Error("closed"), { code: "closed" })));
      guard(socket, frames(frame));
      destroy = () => socket.destroy(new Error("closed by lav-ir"));
      return socket;
    },
  });
  const queue = connection.requestQueue;
  // A reply to what nobody asked would be dropped without a word, and the question waits on.
  const fulfil = queue.fulfillRequest.bind(queue);
  queue.fulfillRequest = (reply) => {
    if (!queue.inflight.has(reply.correlationId)) throw new Error("it sent a reply that was not requested");
    fulfil(reply);
  };
  // kafkajs arms a timer with a negative delay after every reply, which Node 24 warns about.
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };

  const versions = new Map<number, VersionRange>();
  const link: Link = {
    address,
    versions,
    async send(call) {
      try {
        return await connection.send(call);
      } catch (error) {
        throw asFailure(target, trouble ?? error, tls);
      }
    },
    close() {
      queue.destroy();
      destroy();
    },
  };
  onOpen(link);
  try {
    await connection.connect();
  } catch (error) {
    throw asFailure(target, trouble ?? error, tls);
  }
  for (const [key, range] of await link.send(await readVersions())) versions.set(key, range);
  return link;
}

function asFailure(target: string, error: unknown, tls: TlsMaterial | undefined): FailureError {
  if (error instanceof FailureError) return error;
  const known =
    networkFailure(target, error) ?? (tls === undefined ? undefined : tlsFailure(target, error, tls));
  if (known !== undefined) return new FailureError(known);
  if (errorCode(error) === "closed") {
    const message = "it closed the connection";
    return new FailureError({ type: "unreachable", target, cause: "closed", message });
  }
  if (error instanceof TooLong) {
    return new FailureError({ type: "overflow", target, limit: error.limit, message: messageOf(error) });
  }
  const sample = error instanceof Unreadable && error.sample !== undefined ? { sample: error.sample } : {};
  return new FailureError({ type: "unreadable", target, message: messageOf(error), ...sample });
}
