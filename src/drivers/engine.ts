import { Engine } from "./compose/engine.ts";
import type { EngineReader } from "./evidence-ports.ts";

/** The Docker Engine as a snapshot reads it: all of it, and nothing but GETs. */
export function createEngineReader(dockerHost: string): EngineReader {
  const engine = new Engine(dockerHost);
  return {
    target: dockerHost,
    json: (path, signal) => engine.json("GET", path, signal),
    stream: (path, signal, onData) => engine.stream("GET", path, signal, onData),
  };
}
