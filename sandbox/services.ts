/** The platform's services: the port each listens on in its container, and how many instances it has. */
export const services = {
  gateway: { port: 3000, instances: 1 },
  "market-sentinel": { port: 3001, instances: 1 },
  "risk-warden": { port: 3002, instances: 1 },
  executioner: { port: 3003, instances: 2 },
  venues: { port: 3010, instances: 1 },
} as const;

export type ServiceName = keyof typeof services;
export const serviceNames = Object.keys(services) as ServiceName[];
/** Those whose runbooks ask the engine how healthy they are. */
export const lookedAt: readonly string[] = ["market-sentinel"] satisfies readonly ServiceName[];
/** What the services stand on: never removed by a reset. */
export const storeNames = ["postgres", "redis", "kafka", "edge"] as const;

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}
