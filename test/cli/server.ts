import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** What arrived at the server. */
export interface Received {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  /** Its Content-Type. */
  readonly type: string | undefined;
  readonly body: string;
}

export interface Written {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A status, a whole reply, or one of the ways in which a server misbehaves. */
export type Reply = number | Written | "reset" | "hang" | "drip" | "garbage";
export type Answer = Reply | ((request: Received) => Reply | Promise<Reply>);

/**
 * A loopback server that does what a test's script says, and remembers everything it was asked. What the
 * script does not name is answered with 404, unless `otherwise` says how.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: Received[] = [];
  readonly url: string;
  private readonly answers = new Map<string, Answer>();
  private readonly waiting = new Map<string, (() => void)[]>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private other: Answer = 404;

  private constructor(server: Server, scheme: string) {
    this.server = server;
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.sockets.delete(socket));
    });
    server.on("request", (request, response) => void this.receive(request, response));
  }

  /** @param tls key and certificate, where it encrypts */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedServer> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedServer(server, tls === undefined ? "http" : "https");
  }

  /** @param route `GET /health`; the query does not count. */
  on(route: string, answer: Answer): this {
    this.answers.set(route, answer);
    return this;
  }

  /** What is not named is answered so. */
  otherwise(answer: Answer): this {
    this.other = answer;
    return this;
  }

  /** The health that a change mends: 503 until `route` has been asked for, then 200. */
  mendedBy(route: string): this {
    this.on("GET /health", 503);
    return this.on(route, () => {
      this.on("GET /health", 200);
      return 200;
    });
  }

  count(route: string): number {
    return this.requests.filter((request) => routeOf(request) === route).length;
  }

  /** Everything that could have changed something. */
  changes(): readonly Received[] {
    return this.requests.filter(({ method }) => method !== "GET" && method !== "HEAD");
  }

  /** Resolves when this is next asked for. */
  async arrives(route: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.set(route, [...(this.waiting.get(route) ?? []), resolve]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    if (this.server.listening) await once(this.server, "close");
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on("error", () => {});
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const key = request.headers["idempotency-key"];
    const received: Received = {
      method: request.method ?? "",
      path: request.url ?? "",
      key: typeof key === "string" ? key : undefined,
      authorization: request.headers.authorization,
      type: request.headers["content-type"],
      body: Buffer.concat(chunks).toString("utf8"),
    };
    this.requests.push(received);
    const route = routeOf(received);
    const answer = this.answers.get(route) ?? this.other;
    const reply = typeof answer === "function" ? answer(received) : answer;
    for (const tell of this.waiting.get(route) ?? []) tell();
    this.waiting.delete(route);
    send(await reply, response);
  }
}

function routeOf({ method, path }: Received): string {
  return `${method} ${path.split("?")[0]}`;
}

function send(reply: Reply, response: ServerResponse): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  if (reply === "hang") return;
  if (reply === "reset") {
    socket.resetAndDestroy();
    return;
  }
  if (reply === "garbage") {
    socket.end("no such thing as HTTP\r\n\r\n");
    return;
  }
  if (reply === "drip") {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("."), 20);
    socket.on("close", () => clearInterval(timer));
    return;
  }
  const {
    status = 200,
    json,
    text = "",
    headers = {},
  } = typeof reply === "number" ? { status: reply } : reply;
  const type = json === undefined ? "text/plain" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}
