import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { buildConnector, Client } from "undici";
import type { HttpConnection } from "../../ports/ports.ts";
import { FailureError } from "../network.ts";
import { verified, type TlsMaterial } from "../verified.ts";
import type { Beyond, HttpProxy } from "./proxy.ts";

/** One connection to one origin; it carries one request at a time. */
export interface Connection {
  readonly client: Client;
  /** Requests that ended well on it. */
  uses: number;
  /** When its parts were done, by performance.now(), as far as they are. */
  readonly made: Made;
  /** What carries it, where something does. */
  readonly proxy?: HttpProxy | undefined;
  /** Closes it now, whether it is still being made, idle or in the middle of a reply. */
  destroy(): void;
}

export interface Made {
  resolved?: number;
  connected?: number;
  secured?: number;
  /** What the socket said as it ended: undici tells of the end alone. */
  trouble?: unknown;
  certificate?: NonNullable<HttpConnection["certificate"]>;
  /** The proxy was asked, and has not answered yet. */
  opening?: boolean;
}

/** What a connection is made with: loaded by the first one, or by whoever has time before that. */
export async function loadClient() {
  const [{ default: UndiciClient }, { default: connector }, { readyParser }] = await Promise.all([
    import("undici/lib/dispatcher/client.js"),
    import("undici/lib/core/connect.js"),
    import("./parser.ts"),
  ]);
  await readyParser();
  return { UndiciClient, connector };
}

export interface Way {
  /** Whom to trust, and what to show. */
  readonly tls: TlsMaterial;
  readonly proxy?: HttpProxy | undefined;
}

/** @param first the request that it is made for. */
export async function connectionTo(
  origin: string,
  { tls, proxy }: Way,
  first: Pick<Beyond, "target" | "discreet">,
): Promise<Connection> {
  const { UndiciClient, connector } = await loadClient();
  const connect = connector({ timeout: 0, ...verified(tls) });
  const made: Made = {};
  let socket: Socket | undefined;
  const ended = new AbortController();
  const carry = async (
    by: HttpProxy,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): Promise<void> => {
    made.opening = true;
    const { tunnelThrough } = await import("./tunnel.ts");
    const opened = await tunnelThrough(by, { ...first, origin, signal: ended.signal });
    made.opening = false;
    if (!opened.ok) {
      callback(new FailureError(opened.failure), null);
      return;
    }
    made.connected = performance.now();
    socket = opened.value;
    watch(socket, made);
    if (ended.signal.aborted) socket.destroy();
    if (options.protocol === "https:") watch(connect({ ...options, httpSocket: socket }, callback), made);
    else callback(null, socket);
  };
  const client = new UndiciClient(origin, {
    // The caller's signal is the only clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      if (proxy === undefined) {
        socket = connect(options, callback);
        watch(socket, made);
        return;
      }
      void carry(proxy, options, callback);
    },
  });
  return {
    client,
    uses: 0,
    made,
    proxy,
    destroy: () => {
      ended.abort();
      // undici leaves a socket that is still connecting to itself: it would hold the process for minutes.
      socket?.on("error", () => {});
      socket?.destroy();
      client.destroy().catch(() => {});
    },
  };
}

function watch(socket: Socket, made: Made): void {
  socket.once("error", (error) => (made.trouble ??= error));
  socket.once("lookup", () => (made.resolved = performance.now()));
  socket.once("connect", () => (made.connected = performance.now()));
  socket.once("secureConnect", () => {
    made.secured = performance.now();
    const shown = (socket as TLSSocket).getPeerCertificate();
    // Nothing was shown where the session goes on from an earlier one.
    if (shown.valid_to === undefined) return;
    made.certificate = {
      subject: nameOf(shown.subject),
      issuer: nameOf(shown.issuer),
      from: new Date(shown.valid_from),
      until: new Date(shown.valid_to),
    };
  });
}

function nameOf(name: object): string {
  return Object.entries(name)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(", ");
}
