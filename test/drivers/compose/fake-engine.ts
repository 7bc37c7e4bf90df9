import type { ServerResponse } from "node:http";
import { createCompose } from "../../../src/drivers/compose/compose.ts";
import type { ProcessReply, Processes, ProcessRequest, Services } from "../../../src/ports/ports.ts";
import { fail, ok } from "../../../src/base/result.ts";
import type { Failure } from "../../../src/base/failure.ts";
import { http, type Loopback } from "../loopback.ts";

/** What the engine says on a path, without its version; undefined is a 404. */
export type Answers = Readonly<Record<string, unknown>>;

/** An engine that speaks `version` and answers as told; a function answers for itself. */
export async function fakeEngine(answers: Answers, version = "1.43"): Promise<FakeEngine> {
  const asked: string[] = [];
  const server = await http((request, response) => {
    const path = (request.url ?? "").replace(/\?.*$/, "");
    asked.push(`${request.method} ${path}`);
    if (path === "/_ping") return void response.writeHead(200, { "Api-Version": version }).end("OK");
    const answer = answers[path.replace(/^\/v[\d.]+/, "")];
    if (typeof answer === "function") (answer as (response: ServerResponse) => void)(response);
    else if (answer === undefined) response.writeHead(404).end('{"message":"No such container: x"}');
    else response.writeHead(200).end(JSON.stringify(answer));
  });
  return { server, asked, host: `tcp://127.0.0.1:${server.port}` };
}

export interface FakeEngine {
  readonly server: Loopback;
  readonly asked: readonly string[];
  readonly host: string;
}

export const never = new AbortController().signal;

export function services(
  dockerHost: string,
  processes: Processes = noProgram,
  envFiles: readonly string[] = [],
): Services {
  return createCompose(
    {
      engine: { host: dockerHost },
      program: ["docker", "compose"],
      project: "p",
      files: ["c.yaml"],
      services: { web: "web" },
      envFiles,
    },
    processes,
  );
}

const noProgram: Processes = {
  obstacle: async () => await Promise.resolve(undefined),
  run: async () => await Promise.reject(new Error("no program is to run")),
};

/**
 * Runs nothing: says it ended so, and keeps what it was asked to do. Asked for the definition it prints one of the
 * container below, or what `defines` says.
 */
export function program(
  reply: Partial<ProcessReply> | Failure,
  defines: (request: ProcessRequest) => Partial<ProcessReply> = () => ({
    stdout: "services: {web: {image: i}}",
  }),
): Processes & { asked: ProcessRequest[] } {
  const asked: ProcessRequest[] = [];
  const whole = { exitCode: 0, signal: null, stdout: "", stderr: "", stdoutBytes: 0, stderrBytes: 0 };
  return {
    asked,
    obstacle: async () => await Promise.resolve(undefined),
    run: async (request) => {
      if (request.command.includes("config") || request.command.includes("version")) {
        return await Promise.resolve(ok({ ...whole, ...defines(request) }));
      }
      asked.push(request);
      return await Promise.resolve("type" in reply ? fail(reply) : ok({ ...whole, ...reply }));
    },
  };
}

/** A container as the engine describes it. */
export function container(id: string, more: Readonly<Record<string, unknown>> = {}): object {
  const labels = {
    "com.docker.compose.project": "p",
    "com.docker.compose.service": "web",
    "com.docker.compose.container-number": "1",
  };
  return {
    Id: id,
    Name: "/p-web-1",
    State: { Status: "running", Running: true, StartedAt: "2026-01-01T00:00:00.5Z" },
    Config: { Image: "i", Labels: labels },
    ...more,
  };
}

/** A log frame: its stream, nothing, its length, its text. */
export function frame(stream: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}
