import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ChannelFaults, type ChannelFault, type ProviderName } from "./faults.ts";

/** A request as a provider sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  /** The media type without its parameters. */
  readonly type: string;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `application/json` where nothing is said. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One provider's behaviour. It keeps what it accepted, and answers as the real one does. */
export interface Provider {
  readonly name: ProviderName;
  answer(asked: Asked, faults: ChannelFaults): Answer;
  /** 429, in this provider's words. */
  limited(seconds: number): Answer;
}

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** Every request, also those that were refused or met a fault. */
  readonly requests: readonly Asked[];
  readonly faults: ChannelFaults;
}

/** What the server itself does wrong, whichever provider it is. */
const ofServer = ["rate-limit", "error", "hang", "reset", "drip", "wrong-json"] as const;
const longestBody = 1_048_576;

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: JSON.stringify(body), headers };
}

export function text(status: number, body: string): Answer {
  return { status, body, type: "text/html" };
}

/** A body as a JSON object; undefined where it is none. */
export function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Listens on a free loopback port, or on `port`. @param now what its clock says, milliseconds since 1970 */
export async function standIn(provider: Provider, port = 0, now = Date.now): Promise<StandIn> {
  const faults = new ChannelFaults(provider.name);
  const requests: Asked[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    response.setHeader("date", new Date(now()).toUTCString());
    serve(provider, faults, requests, request, response).catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}

async function serve(
  provider: Provider,
  faults: ChannelFaults,
  requests: Asked[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = await read(request);
  if (asked.path === "/_control/faults") {
    send(response, control(faults, asked));
    return;
  }
  requests.push(asked);
  const fault = faults.meet(asked.path, ofServer);
  if (fault === undefined) send(response, provider.answer(asked, faults));
  else misbehave(provider, faults, fault, asked, request, response);
}

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? "/", "http://localhost");
  let body = "";
  request.setEncoding("utf8");
  for await (const piece of request) {
    body += String(piece);
    if (body.length > longestBody) throw new Error("the body is too long");
  }
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  const { method = "", headers } = request;
  return { method, path: url.pathname, query: url.searchParams, headers, type: type.trim(), body };
}

/** Faults from outside: POST sets one, DELETE clears all. */
function control(faults: ChannelFaults, { method, body }: Asked): Answer {
  if (method === "DELETE") {
    faults.clear();
    return json(200, { faults: "cleared" });
  }
  try {
    faults.add(JSON.parse(body) as ChannelFault);
    return json(200, { faults: "set" });
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function misbehave(
  provider: Provider,
  faults: ChannelFaults,
  fault: ChannelFault,
  asked: Asked,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const effect = fault["effect"] === true || fault.fault === "drip" || fault.fault === "wrong-json";
  const answer = effect ? provider.answer(asked, faults) : undefined;
  switch (fault.fault) {
    case "rate-limit":
      send(response, provider.limited(Number(fault["seconds"] ?? 1)));
      return;
    case "error":
      send(response, {
        status: Number(fault["status"] ?? 500),
        body: "something went wrong",
        type: "text/plain",
      });
      return;
    case "hang":
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "wrong-json":
      send(response, { status: answer?.status ?? 200, body: "<html>Gateway</html>", type: "text/html" });
      return;
    case "drip":
      drip(response, answer ?? json(200, {}), Number(fault["every_ms"] ?? 1000));
      return;
  }
}

function headersOf({ body, type = "application/json", headers }: Answer): Record<string, string> {
  return { "content-type": type, "content-length": String(Buffer.byteLength(body)), ...headers };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

function drip(response: ServerResponse, answer: Answer, every: number): void {
  response.writeHead(answer.status, headersOf(answer));
  response.flushHeaders();
  const bytes = Buffer.from(answer.body);
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < bytes.length) response.write(bytes.subarray(sent, ++sent));
    if (sent < bytes.length && !response.destroyed) return;
    clearInterval(timer);
    response.end();
  }, every);
  timer.unref();
}
