import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A server on a free loopback port that is closed, with every connection to it, by `await using`. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly sockets: readonly Socket[];
}

/** A server that does with a connection whatever the test says. */
export async function tcp(onConnection: (socket: Socket) => void): Promise<Loopback> {
  return await listening(createServer(onConnection));
}

export async function http(listener: RequestListener): Promise<Loopback> {
  return await listening(createHttpServer(listener));
}

export async function listening(server: Server, scheme = "http"): Promise<Loopback> {
  const sockets: Socket[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await tcp(() => {});
  const { port } = server;
  await server[Symbol.asyncDispose]();
  return port;
}

/** Waits until the other side has closed each connection it made. */
export async function everyClosed({ sockets }: Loopback): Promise<void> {
  for (const socket of sockets) if (!socket.closed) await once(socket, "close");
}
