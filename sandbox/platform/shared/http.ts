import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Chance } from "./chance.ts";
import { applyHttpFault, drip, httpFault, takesEffect } from "./fault-http.ts";
import { flagOption, numberOption, type Faults } from "./faults.ts";
import { messageOf, type Log } from "./log.ts";
import { notFound, Refusal, type Reply } from "./reply.ts";

/** A request as a handler sees it. */
export interface Request {
  /** Parts of the path that the route names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly key: string | undefined;
}

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** `/api/venues/:venue/orders`: a part with a colon is a parameter. */
  readonly path: string;
  handle(request: Request): Reply | Promise<Reply>;
}

/** What answers: another one once the program was opened anew. */
export interface Desk {
  readonly routes: readonly Route[];
  readonly chance: Chance;
  readonly log: Log;
  onReply(path: string, status: number): void;
}

export interface HttpOptions {
  readonly port: number;
  readonly faults: Faults;
  /** Asked once a request. */
  desk(): Desk;
}

export interface Listening {
  /** Breaks every connection but those that wait for an answer to `/admin/…`. */
  drop(): void;
  close(): void;
}

const longestBody = 64 * 1024;

/** Listens on all interfaces; answers JSON, errors included. */
export async function listen(options: HttpOptions): Promise<Listening> {
  const sockets = new Set<Socket>();
  const asked = new Set<Socket>();
  const take = (request: IncomingMessage, response: ServerResponse, goOn?: () => void): void => {
    const { socket } = request;
    if (request.url?.startsWith("/admin/") === true) {
      asked.add(socket);
      response.once("close", () => asked.delete(socket));
    }
    const desk = options.desk();
    serve(options, desk, request, response, goOn).catch((error: unknown) => {
      desk.log("error", "a request failed", { path: request.url ?? "", error: messageOf(error) });
      socket.destroy();
    });
  };
  const server = createServer(take);
  // Who hears that it may go on knows that what the request meets is decided.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) =>
    take(request, response, () => response.writeContinue()),
  );
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, resolve);
  });
  return {
    drop() {
      for (const socket of sockets) if (!asked.has(socket)) socket.destroy();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(
  options: HttpOptions,
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void = () => {},
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  // Decided as the request begins: a fault that is cleared while its body comes is the request's all the same.
  const fault = httpFault(options.faults, desk.chance, url.pathname);
  goOn();
  const body = await readBody(request);
  if (fault !== undefined && !takesEffect(fault)) {
    if (applyHttpFault(fault, request, response)) return;
  }
  const late = fault?.fault === "slow" ? numberOption(fault, "ms", 3000) : 0;
  const first = fault !== undefined && flagOption(fault, "before");
  if (first) await wait(late);
  // Whoever waited for a program that is no more has lost the connection, and nothing is done for it.
  if (request.socket.destroyed && options.desk() !== desk) return;
  const { route, reply } = await answer(desk, request.method ?? "", url, request, body);
  desk.onReply(route, reply.status);
  if (late > 0 && !first) await wait(late);
  if (fault !== undefined && applyHttpFault(fault, request, response)) return;

  const text = reply.text ?? `${JSON.stringify(reply.body ?? null)}\n`;
  const type = reply.text === undefined ? "application/json" : "text/plain; version=0.0.4";
  const headers = { "content-type": type, "cache-control": "no-store", ...reply.headers };
  const bytes = Buffer.from(text);
  if (fault?.fault === "drip") {
    drip(fault, response, reply.status, headers, bytes);
    return;
  }
  response.writeHead(reply.status, { ...headers, "content-length": String(bytes.length) });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

async function answer(
  desk: Desk,
  method: string,
  url: URL,
  request: IncomingMessage,
  body: string | undefined,
): Promise<{ route: string; reply: Reply }> {
  let route = "none";
  try {
    if (body === undefined) throw new Refusal(413, "too_large", "the body is longer than 64 KiB");
    const wanted = method === "HEAD" ? "GET" : method;
    const matches = desk.routes.flatMap((each) => {
      const params = match(each.path, url.pathname);
      return params === undefined ? [] : [{ each, params }];
    });
    const found = matches.find(({ each }) => each.method === wanted);
    if (matches.length === 0) throw notFound(`there is no ${url.pathname}`);
    if (found === undefined) {
      const allow = matches.map(({ each }) => each.method).join(", ");
      throw new Refusal(405, "method_not_allowed", `this path takes ${allow}`, { allow });
    }
    route = found.each.path;
    const key = request.headers["idempotency-key"];
    const reply = await found.each.handle({
      params: found.params,
      query: url.searchParams,
      headers: request.headers,
      body,
      key: Array.isArray(key) ? key[0] : key,
    });
    return { route, reply };
  } catch (error) {
    if (error instanceof Refusal) return { route, reply: error.reply };
    const message = messageOf(error);
    desk.log("error", "a request failed", { path: url.pathname, error: message });
    return { route, reply: { status: 503, body: { error: { code: "unavailable", message } } } };
  }
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? "";
    if (!part.startsWith(":")) {
      if (part !== text) return undefined;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(text);
    } catch {
      return undefined;
    }
  }
  return params;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= longestBody) chunks.push(chunk);
  }
  return size > longestBody ? undefined : Buffer.concat(chunks).toString("utf8");
}
