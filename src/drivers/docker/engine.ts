import { request, type IncomingMessage, type RequestOptions } from "node:http";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { dockerForm, readAddress } from "./address.ts";
import { errorCode, messageOf, networkFailure, timedOut } from "../network.ts";
import { speaksTls } from "../probe.ts";
import { tlsFailure } from "../tls-failure.ts";
import { verified } from "../verified.ts";
import type { EngineAt } from "./at.ts";

/** The newest Engine API that the fields read here were checked against. */
const newestKnown = [1, 51] as const;
/** A reply that is not a log is kept up to this many bytes. */
const longestReply = 16 * 1024 * 1024;

type Where = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Method = "GET" | "POST" | "DELETE";

/** The Docker Engine API, over its unix socket or TCP, with TLS or without. One connection a request; nothing to close. */
export class Engine {
  readonly #target: string;
  readonly #at: EngineAt;
  readonly #where: Result<Where, string>;
  #version: string | undefined;

  /** @param at with an address that is none it fails each call. */
  constructor(at: EngineAt) {
    this.#target = `Docker Engine at ${at.host}`;
    this.#at = at;
    this.#where = at.refused === undefined ? whereIs(at.host) : fail(at.refused);
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

  async #send(
    method: Method,
    path: string,
    signal: AbortSignal,
    onData: (chunk: Buffer) => boolean,
  ): Promise<Result<IncomingMessage>> {
    const started = performance.now();
    const doing = `${method} ${path.replace(/\?.*$/, "")}`;
    const where = this.#where;
    if (!where.ok) {
      const { refused } = this.#at;
      const message = refused ?? `its address ${where.failure}; ${dockerForm}`;
      return fail({ type: "argument", target: this.#target, message, effect: "none" });
    }
    const open = await this.#client();
    let spoke = false;
    const sent = await new Promise<Result<IncomingMessage>>((resolve) => {
      const failed = (error: unknown): void => {
        resolve(
          fail(signal.aborted ? timedOut(this.#target, doing, started, signal) : this.#failureOf(error)),
        );
      };
      const outgoing = open({ ...where.value, method, path, signal, agent: false }, (reply) => {
        spoke = true;
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
    return spoke ? sent : await this.#silence(sent, where.value, signal);
  }

  /** Node's client for this address: that of TLS verifies the other side and shows what the address goes with. */
  async #client(): Promise<typeof request> {
    const { certs, tls } = this.#at;
    if (certs === undefined) return request;
    const { request: secured } = await import("node:https");
    return ((options: RequestOptions, hear: (reply: IncomingMessage) => void) =>
      secured({ ...options, ...verified(tls) }, hear)) as typeof request;
  }

  /** What a connection that ended without a reply may mean: some servers of TLS say nothing to who speaks plainly. */
  async #silence(
    sent: Result<IncomingMessage>,
    where: Where,
    signal: AbortSignal,
  ): Promise<Result<IncomingMessage>> {
    if (sent.ok || this.#at.certs !== undefined || "socketPath" in where || signal.aborted) return sent;
    const { failure } = sent;
    const dropped =
      failure.type === "unreachable" && (failure.cause === "closed" || failure.cause === "reset");
    if (!dropped && failure.type !== "unreadable") return sent;
    return (await speaksTls(where.host, where.port)) ? fail(this.#encrypted()) : sent;
  }

  #encrypted(): Failure {
    const message = "this port speaks TLS; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or docker.cert_path";
    return { type: "unreadable", target: this.#target, message, effect: "none" };
  }

  #refusalOf(status: number, body: string): Failure {
    const target = this.#target;
    const message = (/"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.slice(0, 300)).trim();
    if (status === 404) return { type: "missing", target, message: `${target} has none: ${message}` };
    // A proxy before the socket, or an authorization plugin.
    if (status === 401 || status === 403) return { type: "denied", target, message };
    if (/HTTP request to an HTTPS server/.test(body)) return this.#encrypted();
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
    const handshake = tlsFailure(target, error, this.#at.tls ?? {});
    if (handshake !== undefined) return { ...handshake, effect: "none" };
    if (code?.startsWith("HPE_") === true) return this.#unreadable("this is not HTTP", messageOf(error));
    return { type: "unreachable", target, cause: "closed", message: messageOf(error) };
  }

  #unreadable(message: string, sample: string): Failure {
    return { type: "unreadable", target: this.#target, message, sample: sample.slice(0, 200) };
  }
}

/** The failure goes on from the address's name. */
function whereIs(host: string): Result<Where, string> {
  const read = readAddress(host);
  if (!read.ok) return read;
  const { value } = read;
  return ok(
    value.type === "socket" ? { socketPath: value.path } : { host: value.host, port: value.port ?? 2375 },
  );
}
