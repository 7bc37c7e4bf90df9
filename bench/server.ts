import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback that every tool is measured against. */
export interface BenchServer {
  /** Answers at once with a few bytes of JSON. */
  readonly quick: string;
  /** The same, its head and its body written apart, as many servers do. */
  readonly parts: string;
  /** Answers after one second. */
  readonly slow: string;
  /** Answers with 100 MB. */
  readonly large: string;
  close(): void;
}

const largeBytes = 100 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "x");

export async function startServer(): Promise<BenchServer> {
  const server = createServer((request, response) => {
    if (request.url === "/slow") {
      setTimeout(() => response.end("{}"), 1000);
      return;
    }
    if (request.url !== "/large") {
      response.setHeader("content-type", "application/json");
      response.end('{"status":"ok"}');
      return;
    }
    response.setHeader("content-length", largeBytes);
    let left = largeBytes;
    const more = (): void => {
      while (left > 0 && !response.destroyed) {
        left -= piece.length;
        if (!response.write(piece)) return;
      }
      response.end();
    };
    response.on("drain", more);
    more();
  });
  // With Nagle's algorithm, as is usual: the body waits until the head is acknowledged.
  const apart = createServer({ noDelay: false }, (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.flushHeaders();
    setImmediate(() => response.end('{"status":"ok"}'));
  });
  await new Promise<void>((resolve) => apart.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const close = (): void => {
    for (const one of [server, apart]) {
      one.closeAllConnections();
      one.close();
    }
  };
  const parts = `http://127.0.0.1:${(apart.address() as AddressInfo).port}/health`;
  return { quick: `${base}/health`, parts, slow: `${base}/slow`, large: `${base}/large`, close };
}
