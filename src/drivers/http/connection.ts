import type { Socket } from "node:net";
import type { Client } from "undici";

/** One connection to one origin; it carries one request at a time. */
export interface Connection {
  readonly client: Client;
  /** Requests that ended well on it. */
  uses: number;
  /** Closes it now, whether it is still being made, idle or in the middle of a reply. */
  destroy(): void;
}

/** @param ca certificates to trust instead of Node's own, as PEM. */
export async function connectionTo(origin: string, ca: string | undefined): Promise<Connection> {
  const [{ default: UndiciClient }, { default: connector }] = await Promise.all([
    import("undici/lib/dispatcher/client.js"),
    import("undici/lib/core/connect.js"),
  ]);
  const connect = connector({ timeout: 0, ...(ca === undefined ? {} : { ca }) });
  let socket: Socket | undefined;
  const client = new UndiciClient(origin, {
    // The caller's signal is the only clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      socket = connect(options, callback);
    },
  });
  return {
    client,
    uses: 0,
    destroy: () => {
      // undici leaves a socket that is still connecting to itself: it would hold the process for minutes.
      socket?.on("error", () => {});
      socket?.destroy();
      client.destroy().catch(() => {});
    },
  };
}
