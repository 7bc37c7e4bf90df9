import { fail, ok, type Result } from "../../base/result.ts";
import type { Instance, LogLine } from "../../ports/ports.ts";
import type { Engine } from "./engine.ts";
import { hasTerminal } from "../compose/instance.ts";
import { LogReader, whyNotWhole } from "./log-frames.ts";

export interface LogOptions {
  readonly tail: number;
  readonly since?: Date;
  readonly maxBytes: number;
}

export interface Log {
  readonly lines: readonly LogLine[];
  readonly truncated: boolean;
}

/** The newest lines of each of these containers, in order of time. One that is removed meanwhile is left out. */
export async function readLogs(
  engine: Engine,
  containers: readonly Instance[],
  options: LogOptions,
  signal: AbortSignal,
): Promise<Result<Log>> {
  const limit = Math.floor(options.maxBytes / Math.max(1, containers.length));
  const logs: Log[] = [];
  for (const container of containers) {
    const read = await readOne(engine, container, { ...options, maxBytes: limit }, signal);
    if (read.ok) logs.push(read.value);
    else if (read.failure.type !== "missing" || containers.length === 1) return read;
  }
  const lines = logs.flatMap((log) => log.lines);
  lines.sort((a, b) => (a.time?.getTime() ?? 0) - (b.time?.getTime() ?? 0));
  return ok({ lines, truncated: logs.some(({ truncated }) => truncated) });
}

async function readOne(
  engine: Engine,
  { id, name }: Instance,
  { tail, since, maxBytes }: LogOptions,
  signal: AbortSignal,
): Promise<Result<Log>> {
  const inspected = await engine.json("GET", `/containers/${id}/json`, signal);
  if (!inspected.ok) return inspected;
  const kept = new Newest(maxBytes);
  const reader = new LogReader(!hasTerminal(inspected.value), ({ stream, time, text }) =>
    kept.push({ instance: name, stream, time, text }),
  );
  const from = since === undefined ? "" : `&since=${since.getTime() / 1000}`;
  const query = `stdout=1&stderr=1&timestamps=1&tail=${tail}${from}`;
  const read = await engine.stream("GET", `/containers/${id}/logs?${query}`, signal, (chunk) =>
    reader.push(chunk),
  );
  const message = whyNotWhole(reader);
  if (message !== undefined) return fail({ type: "unreadable", target: `log of ${name}`, message });
  if (!read.ok) return read;
  reader.end();
  return ok({ lines: kept.lines, truncated: kept.dropped || reader.cut });
}

/** The newest lines that fit into a number of bytes. */
class Newest {
  readonly lines: LogLine[] = [];
  readonly #limit: number;
  #size = 0;
  dropped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(line: LogLine): void {
    this.lines.push(line);
    this.#size += line.text.length;
    while (this.#size > this.#limit && this.lines.length > 1) {
      this.#size -= this.lines.shift()?.text.length ?? 0;
      this.dropped = true;
    }
  }
}
