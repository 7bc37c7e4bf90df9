import type { Failure } from "../../src/base/failure.ts";
import { fail } from "../../src/base/result.ts";
import type { Ports } from "../../src/ports/ports.ts";
import { where } from "./context.ts";

/** A world in which every call comes back at once, with this failure. */
export function allAnswer(failure: Failure): Ports {
  const refused = fail(failure);
  const silent = { answered: false, why: "no-terminal" };
  const answering = (answer: unknown, known: object = {}): object =>
    new Proxy(known, {
      get: (target, name) =>
        name in target ? target[name as keyof typeof target] : async () => await Promise.resolve(answer),
    });
  const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };
  return {
    http: answering(refused),
    network: answering(refused),
    postgres: answering(refused, { target: where.postgres }),
    kafka: answering(refused, { target: where.kafka }),
    prometheus: answering(refused, { target: "http://prometheus.local:9090" }),
    redis: answering(refused, { target: where.redis }),
    stores: { postgres: {}, kafka: {}, redis: {}, prometheus: {} },
    services: answering(refused, where.services),
    process: answering(refused),
    files: answering(refused),
    prompt: answering(silent, { available: false }),
    clock,
    trading: answering(refused, {
      target: where.trading,
      deadline: 1000,
      proof: { window: 100, every: 50 },
      tokenHelp: "ask",
      phones: [],
      instances: async () =>
        await Promise.resolve({
          running: [{ url: "http://localhost:3003", found: "configured", container: undefined }],
          stopped: [],
          unseen: undefined,
        }),
    }),
    signatures: answering(refused),
    evidence: answering(refused),
    incident: answering(refused, { said: async () => await Promise.resolve("unknown") }),
    interlocks: {
      check: async () => await Promise.resolve({ holds: false, message: "it does not", meets: "x" }),
    },
  } as Ports;
}
