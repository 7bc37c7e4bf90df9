import { fail, type Result } from "../../base/result.ts";
import type { Services } from "../../ports/ports.ts";

/**
 * Services that nothing here runs. Lint, plan and run refuse a step on one of them; only a name that the run made
 * comes here, and is not attempted.
 */
export function createUnmanaged(services: readonly string[]): Services {
  const describe = (service: string): string => `service ${service}`;
  const refused = async (service: string): Promise<Result<never>> => {
    const message = services.includes(service)
      ? `nothing that the platform file names runs ${service}`
      : `no service named ${service}; the platform file has ${services.join(", ")}`;
    return await Promise.resolve(
      fail({ type: "argument", target: describe(service), message, effect: "none" }),
    );
  };
  return {
    describe,
    byHand: ({ do: what, service }) => ["#", what, service, "by whatever runs it"],
    inspect: refused,
    logs: refused,
    volumes: refused,
    restart: refused,
    stop: ({ service }) => refused(service),
    start: ({ service }) => refused(service),
    drift: ({ service }) => refused(service),
    recreate: refused,
    scale: refused,
  };
}
