import { request, type IncomingMessage } from "node:http";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { dockerForm, readAddress } from "./address.ts";
import { errorCode, messageOf, networkFailure, timedOut } from "../network.ts";

/** The newest Engine API that the fields read here were checked against. */
const newestKnown = [1, 51] as const;
/** A reply that is not a log is kept up to this many bytes. */
const longestReply = 16 * 1024 * 1024;

type Where = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Method = "GET" | "POST" | "DELETE";

/** The Docker Engine API, over its unix socket or TCP. One connection a request; nothing to close. */
export class Engine {
  readonly #target: string;
  readonly #where: Result<Where, string>;
  #version: string | undefined;

  /** @param dockerHost `unix:///var/run/docker.sock` or `tcp://host:port`; another one fails each call. */
  constructor(dockerHost: string) {
    this.#target = `Docker Engine at ${dockerHost}`;
    this.#where = whereIs(dockerHost);
  }

  /** The reply's JSON; null for an empty reply. A 404 is `missing`, any other refusal is `rejected`. */
  async json(method: Method, path: string, signal: AbortSignal): Promise<Result<unknown>> {
    const chunks: Buffer[] = [];
    let size = 0;
    const sent = await this.stream(method, path, signal, (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      return size <= longestReply;
    });
    if (size > longestReply) {
      const message = `its reply is longer than ${longestReply} bytes`;
      return fail({ type: "overflow", target: this.#target, limit: longestReply, message });
    }
    if (!sent.ok) return sent;
    const text = Buffer.concat(chunks).toString("utf8");
    if (text === "") return ok(null);
    try {
      return ok(JSON.parse(text) as unknown);
    } catch {
      return fail(this.#unreadable("its reply is not JSON", text));
    }
  }

  /** Hands on the body of a successful reply as it arrives, until `onData` says false: then it fails. */
  async stream(
    method: Method,
    path: string,
    signal: AbortSignal,
    onData: (chunk: Buffer) => boolean,
  ): Promise<Result<void>> {
    if (this.#version === undefined) {
      const negotiated = await this.#negotiate(signal);
      if (!negotiated.ok) return negotiated;
      this.#version = negotiated.value;
    }
    const reply = await this.#send(method, `/v${this.#version}${path}`, signal, onData);
    return reply.ok ? ok(undefined) : reply;
  }

  async #negotiate(signal: AbortSignal): Promise<Result<string>> {
    const reply = await this.#send("GET", "/_ping", signal, () => true);
    if (!reply.ok) {
      if (reply.failure.type !== "missing") return reply;
      return fail(this.#unreadable("it does not know /_ping, so it is something else", ""));
    }
    const version = reply.value.headers["api-version"];
    const [, major, minor] = /^(\d+)\.(\d+)$/.exec(String(version)) ?? [];
    if (major === undefined || minor === undefined) {
      return fail(this.#unreadable("it does not say which Engine API it speaks", String(version ?? "")));
    }
    const older = Number(major) === newestKnown[0] && Number(minor) <= newestKnown[1];
    return ok(older ? `${major}.${minor}` : newestKnown.join("."));
  }

  #send(
    method: Method,
    path: string,
    signal: AbortSignal,
    onData: (chunk: Buffer) => boolean,
  ): Promise<Result<IncomingMessage>> {
    const started = performance.now();
    const doing = `${method} ${path.replace(/\?.*$/, "")}`;
    const where = this.#where;
    if (!where.ok) {
      const message = `its address ${where.failure}; ${dockerForm}`;
      return Promise.resolve(fail({ type: "argument", target: this.#target, message, effect: "none" }));
    }
    return new Promise((resolve) => {
      const failed = (error: unknown): void => {
        resolve(
          fail(signal.aborted ? timedOut(this.#target, doing, started, signal) : this.#failureOf(error)),
        );
      };
      const outgoing = request({ ...where.value, method, path, signal, agent: false }, (reply) => {
        const status = reply.statusCode ?? 0;
        const refusal: Buffer[] = [];
        const refused = status >= 400;
        reply.on("data", (chunk: Buffer) => {
          if (refused) {
            if (refusal.length < 8) refusal.push(chunk);
          } else if (!onData(chunk)) {
            outgoing.destroy();
          }
        });
        reply.on("error", failed);
        reply.on("end", () => {
          if (refused) resolve(fail(this.#refusalOf(status, Buffer.concat(refusal).toString("utf8"))));
          else resolve(ok(reply));
        });
      });
      outgoing.on("error", failed);
      // A reply that changes the protocol is none here; Node drops its connection without a word.
      outgoing.on("upgrade", (_reply, socket) => {
        socket.destroy();
        resolve(fail(this.#unreadable("it switched to another protocol", "")));
      });
      // Whatever else ends a request without a word: nobody may wait for ever.
      outgoing.on("close", () => failed(new Error("it closed the connection")));
      outgoing.end();
    });
  }

  #refusalOf(status: number, body: string): Failure {
    const target = this.#target;
    const message = (/"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 300)).trim();
    if (status === 404) return { type: "missing", target, message: `${target} has none: ${message}` };
    // A proxy before the socket, or an authorization plugin.
    if (status === 401 || status === 403) return { type: "denied", target, message };
    if (/HTTP request to an HTTPS server/.test(body)) {
      const tls =
        "it speaks TLS, which is not known here; use its unix socket, or bring that here with ssh -L";
      return { type: "denied", target, message: tls };
    }
    return { type: "rejected", target, code: String(status), message };
  }

  #failureOf(error: unknown): Failure {
    const target = this.#target;
    const code = errorCode(error);
    const network = networkFailure(target, error);
    if (network?.type === "denied") {
      return { ...network, message: "permission denied; the user must be root or in the group docker" };
    }
    if (network?.type === "unreachable") {
      const { cause, message } = network;
      const says = cause === "absent" ? "there is no such socket" : message;
      const ask = cause === "absent" || cause === "refused" ? `${says}; is the engine running?` : says;
      return { ...network, message: ask };
    }
    if (code?.startsWith("HPE_") === true) return this.#unreadable("this is not HTTP", messageOf(error));
    return { type: "unreachable", target, cause: "closed", message: messageOf(error) };
  }

  #unreadable(message: string, sample: string): Failure {
    return { type: "unreadable", target: this.#target, message, sample: sample.slice(0, 200) };
  }
}

/** The failure goes on from the address's name. */
function whereIs(dockerHost: string): Result<Where, string> {
  const read = readAddress(dockerHost);
  if (!read.ok) return read;
  const { value } = read;
  return ok(
    value.type === "socket" ? { socketPath: value.path } : { host: value.host, port: value.port ?? 2375 },
  );
}
