import type { IncomingMessage, ServerResponse } from "node:http";
import type { Chance } from "./chance.ts";
import { flagOption, numberOption, type Fault, type Faults } from "./faults.ts";

export const httpFaults = ["hang", "drip", "errors", "reset", "garbage", "slow"] as const;

/**
 * The fault that this request meets. With the option `path`, only requests whose path begins with it;
 * with `rate`, only that part of them, in turn: 0.5 is every second one since the fault was set.
 */
export function httpFault(faults: Faults, chance: Chance, path: string): Fault | undefined {
  faults.look();
  const admin = path.startsWith("/admin/");
  return faults.all().find((fault) => {
    if (admin || !(httpFaults as readonly string[]).includes(fault.fault)) return false;
    const prefix = fault.options["path"];
    if (typeof prefix === "string" && !path.startsWith(prefix)) return false;
    return chance.times(`${fault.fault} ${fault.set}`, Math.min(1, numberOption(fault, "rate", 1))) > 0;
  });
}

/** Whether the request does its work although its answer will not arrive. */
export function takesEffect(fault: Fault): boolean {
  return fault.fault === "drip" || fault.fault === "slow" || flagOption(fault, "effect");
}

/** Bytes that no HTTP client can read, the first of them a TLS alert. */
const noise = Buffer.from([0x15, 3, 3, 0, 2, 2, 40, 0, 255, 254, 13, 10, 7, 13, 10, 13, 10]);

/** Gives the request's end over to the fault; false when it is to be answered as usual. */
export function applyHttpFault(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.fault) {
    case "hang":
      return true;
    case "errors": {
      const status = numberOption(fault, "status", 500);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "internal", message: "something went wrong" } }));
      return true;
    }
    case "reset":
      request.socket.resetAndDestroy();
      return true;
    case "garbage":
      request.socket.end(noise);
      return true;
    default:
      return false;
  }
}

/** The answer, one byte a second (`every_ms`); the status line and headers at once unless `head` is set. */
export function drip(
  fault: Fault,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  const every = numberOption(fault, "every_ms", 1000);
  let bytes = body;
  const socket = response.socket;
  if (flagOption(fault, "head")) {
    const lines = Object.entries({ ...headers, "content-length": String(body.length), connection: "close" });
    const head = `HTTP/1.1 ${status} Slow\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`;
    bytes = Buffer.concat([Buffer.from(head), body]);
  } else {
    response.writeHead(status, { ...headers, "content-length": String(body.length) });
    response.flushHeaders();
  }
  let sent = 0;
  const timer = setInterval(() => {
    if (socket === null || socket.destroyed || sent >= bytes.length) {
      clearInterval(timer);
      if (flagOption(fault, "head")) socket?.end();
      else response.end();
      return;
    }
    const byte = bytes.subarray(sent, ++sent);
    if (flagOption(fault, "head")) socket.write(byte);
    else response.write(byte);
  }, every);
  timer.unref();
}
