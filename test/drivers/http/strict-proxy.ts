import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Issued } from "../authority.ts";
import { listening, type Loopback } from "../loopback.ts";

/** What a proxy does with a CONNECT instead of carrying it. */
export type Misdeed = (socket: Duplex, request: IncomingMessage) => void;

export interface StrictProxy extends Loopback {
  /** The CONNECTs that came, each `host:port` with the login it brought. */
  readonly asked: readonly string[];
  /** Connections to servers that it carries. */
  readonly carried: readonly Socket[];
}

export interface Rules {
  /** `user:password` without which it carries nothing. */
  readonly login?: string;
  readonly misdeed?: Misdeed;
  readonly tls?: Issued;
}

/** A proxy that carries tunnels alone, and does anything else only as a test says. */
export async function strictProxy({ login, misdeed, tls }: Rules = {}): Promise<StrictProxy> {
  const asked: string[] = [];
  const carried: Socket[] = [];
  const refuse: RequestListener = (_request, reply) => void reply.writeHead(405).end();
  const server =
    tls === undefined
      ? createServer(refuse)
      : createTlsServer({ cert: tls.cert, key: tls.key.reveal() }, refuse);
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => {});
    const given = /^Basic (.+)$/.exec(request.headers["proxy-authorization"] ?? "")?.[1];
    const brought = given === undefined ? "" : Buffer.from(given, "base64").toString();
    asked.push(brought === "" ? `${request.url}` : `${request.url} as ${brought}`);
    if (login !== undefined && brought !== login) {
      socket.end('HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
      return;
    }
    if (misdeed !== undefined) {
      misdeed(socket, request);
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const server = connect(Number(port || 80), hostname);
    carried.push(server);
    server.on("error", () => socket.destroy());
    server.on("close", () => socket.destroy());
    socket.on("close", () => server.destroy());
    server.on("connect", () => {
      socket.write("HTTP/1.1 200 Carried\r\n\r\n");
      server.pipe(socket).pipe(server);
    });
  });
  return { ...(await listening(server, tls === undefined ? "http" : "https")), asked, carried };
}
