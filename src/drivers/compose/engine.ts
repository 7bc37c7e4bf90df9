import { request, type IncomingMessage } from "node:http";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { codeOf, messageOf, networkFailure, timedOut } from "../network.ts";

/** The newest Engine API that the fields read here were checked against. */
const newestKnown = [1, 51] as const;
/** A reply that is not a log is kept up to this many bytes. */
const longestReply = 16 * 1024 * 1024;

/** The Docker Engine API, over its unix socket or TCP. One connection a request; nothing to close. */
export class Engine {
  readonly #target: string;
  readonly #where: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  #version: string | undefined;

  /** @param dockerHost `unix:///var/run/docker.sock` or `tcp://host:port`. */
  constructor(dockerHost: string) {
    this.#target = `Docker Engine at ${dockerHost}`;
    const url = /^(?:tcp|http):/.test(dockerHost) ? new URL(dockerHost.replace(/^tcp:/, "http:")) : undefined;
    this.#where =
      url === undefined
        ? { socketPath: dockerHost.replace(/^unix:\/\//, "") }
        : { host: url.hostname, port: Number(url.port || 2375) };
  }

  /** The reply's JSON; null for an empty reply. A 404 is `missing`, any other refusal is `rejected`. */
  async json(method: "GET" | "POST", path: string, signal: AbortSignal): Promise<Result<unknown>> {
    const chunks: Buffer[] = [];
    let size = 0;
    const sent = await this.stream(method, path, signal, (chunk) => {
      size += chunk.length;
      if (size <= longestReply) chunks.push(chunk);
    });
    if (!sent.ok) return sent;
    if (size > longestReply) {
      const message = `its reply is longer than ${longestReply} bytes`;
      return fail({ type: "overflow", target: this.#target, limit: longestReply, message });
    }
    const text = Buffer.concat(chunks).toString("utf8");
    if (text === "") return ok(null);
    try {
      return ok(JSON.parse(text) as unknown);
    } catch {
      return fail(this.#unreadable("its reply is not JSON", text));
    }
  }

  /** Hands on the body of a successful reply as it arrives. */
  async stream(
    method: "GET" | "POST",
    path: string,
    signal: AbortSignal,
    onData: (chunk: Buffer) => void,
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
    const reply = await this.#send("GET", "/_ping", signal, () => {});
    if (!reply.ok) return reply;
    const version = reply.value.headers["api-version"];
    const [, major, minor] = /^(\d+)\.(\d+)$/.exec(String(version)) ?? [];
    if (major === undefined || minor === undefined) {
      return fail(this.#unreadable("it does not say which Engine API it speaks", String(version ?? "")));
    }
    const older = Number(major) === newestKnown[0] && Number(minor) <= newestKnown[1];
    return ok(older ? `${major}.${minor}` : newestKnown.join("."));
  }

  #send(
    method: "GET" | "POST",
    path: string,
    signal: AbortSignal,
    onData: (chunk: Buffer) => void,
  ): Promise<Result<IncomingMessage>> {
    const started = performance.now();
    const doing = `${method} ${path.replace(/\?.*$/, "")}`;
    return new Promise((resolve) => {
      const failed = (error: unknown): void => {
        resolve(fail(signal.aborted ? timedOut(this.#target, doing, started) : this.#failureOf(error)));
      };
      const outgoing = request({ ...this.#where, method, path, signal, agent: false }, (reply) => {
        const status = reply.statusCode ?? 0;
        const refusal: Buffer[] = [];
        const refused = status >= 400;
        reply.on("data", (chunk: Buffer) => {
          if (!refused) onData(chunk);
          else if (refusal.length < 8) refusal.push(chunk);
        });
        reply.on("error", failed);
        reply.on("end", () => {
          if (refused) resolve(fail(this.#refusalOf(status, Buffer.concat(refusal).toString("utf8"))));
          else resolve(ok(reply));
        });
      });
      outgoing.on("error", failed);
      outgoing.end();
    });
  }

  #refusalOf(status: number, body: string): Failure {
    const target = this.#target;
    const message = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 300);
    if (status === 404) return { type: "missing", target, message };
    return { type: "rejected", target, code: String(status), message };
  }

  #failureOf(error: unknown): Failure {
    const target = this.#target;
    const code = codeOf(error);
    const network = networkFailure(target, error);
    if (network?.type === "denied") {
      return { ...network, message: "permission denied; the user must be root or in the group docker" };
    }
    if (network?.type === "unreachable") {
      const says =
        network.cause === "absent" ? "there is no such socket; is the engine running?" : network.message;
      return { ...network, message: says };
    }
    if (code?.startsWith("HPE_") === true) return this.#unreadable("this is not HTTP", messageOf(error));
    return { type: "unreachable", target, cause: "closed", message: messageOf(error) };
  }

  #unreadable(message: string, sample: string): Failure {
    return { type: "unreadable", target: this.#target, message, sample: sample.slice(0, 200) };
  }
}
