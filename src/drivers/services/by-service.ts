import type { Services } from "../../ports/ports.ts";

/**
 * The services of a platform, each by what runs it.
 * @param otherwise tells of a name that none of them has, which only the run knows
 */
export function createServices(runners: Readonly<Record<string, Services>>, otherwise: Services): Services {
  const of = (service: string): Services =>
    (Object.hasOwn(runners, service) ? runners[service] : undefined) ?? otherwise;
  return {
    describe: (service) => of(service).describe(service),
    byHand: (action) => of(action.service).byHand(action),
    inspect: (service, signal) => of(service).inspect(service, signal),
    logs: (service, options, signal) => of(service).logs(service, options, signal),
    volumes: (service, signal) => of(service).volumes(service, signal),
    restart: (service, signal) => of(service).restart(service, signal),
    stop: (choice, signal) => of(choice.service).stop(choice, signal),
    start: (choice, signal) => of(choice.service).start(choice, signal),
    drift: (action, signal) => of(action.service).drift(action, signal),
    recreate: (service, signal) => of(service).recreate(service, signal),
    scale: (service, replicas, signal) => of(service).scale(service, replicas, signal),
  };
}
