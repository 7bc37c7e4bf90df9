import { fail, ok } from "../../base/result.ts";
import type { EngineAt } from "./at.ts";
import { Engine } from "./engine.ts";
import { hasTerminal } from "../compose/instance.ts";
import { LogReader, whyNotWhole } from "./log-frames.ts";
import type { EngineReader } from "../../ports/evidence.ts";

/** The Docker Engine as a snapshot reads it: all of it, and nothing but GETs. */
export function createEngineReader(at: EngineAt): EngineReader {
  const engine = new Engine(at);
  return {
    target: at.host,
    json: (path, signal) => engine.json("GET", path, signal),
    stream: (path, signal, onData) =>
      engine.stream("GET", path, signal, (chunk) => {
        onData(chunk);
        return true;
      }),
    logs: async (container, { since, until }, signal, onLine) => {
      const path = `/containers/${encodeURIComponent(container)}`;
      const inspected = await engine.json("GET", `${path}/json`, signal);
      if (!inspected.ok) return inspected;
      const reader = new LogReader(!hasTerminal(inspected.value), onLine);
      const seconds = (time: Date): string => (time.getTime() / 1000).toFixed(3);
      const window = `since=${seconds(since)}&until=${seconds(until)}`;
      const query = `stdout=1&stderr=1&timestamps=1&${window}`;
      const read = await engine.stream("GET", `${path}/logs?${query}`, signal, (chunk) => reader.push(chunk));
      // What had come of a last line counts, however the stream ended.
      if (!reader.garbled) reader.end();
      const message = whyNotWhole(reader);
      if (message !== undefined)
        return fail({ type: "unreadable", target: `log of container ${container}`, message });
      return read.ok ? ok({ cut: reader.cut }) : read;
    },
  };
}
