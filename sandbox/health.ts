import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { containersOf, urlOf, type Container } from "./docker.ts";
import { isServiceName, lookedAt, serviceNames, services, type ServiceName } from "./services.ts";

/**
 * Waits until every instance of every service answers its health check with 200, and the engine knows it of those
 * that runbooks ask it about.
 * @throws after `timeoutMs`, naming who does not and what it said last
 */
export async function waitHealthy(host: string, project: string, timeoutMs: number): Promise<Container[]> {
  const deadline = performance.now() + timeoutMs;
  const all: ReadonlySet<ServiceName> = new Set(serviceNames);
  // An answer costs every store one: those that were well are asked again only once the others are.
  for (let asked = all; ;) {
    const containers = await containersOf(host, project);
    const problems = await Promise.all([...asked].map(async (name) => await problemsOf(name, containers)));
    const unwell = problems.flat();
    if (unwell.length === 0) {
      if (asked === all) return containers;
      asked = all;
      continue;
    }
    if (performance.now() > deadline) {
      throw new Error(`not healthy after ${timeoutMs} ms: ${unwell.map(({ why }) => why).join("; ")}`);
    }
    asked = new Set(unwell.map(({ service }) => service));
    await sleep(100);
  }
}

interface Problem {
  readonly service: ServiceName;
  readonly why: string;
}

async function problemsOf(service: ServiceName, containers: readonly Container[]): Promise<Problem[]> {
  const instances = containers.filter((one) => one.service === service);
  const { instances: wanted } = services[service];
  if (instances.length < wanted) {
    return [{ service, why: `${service}: ${instances.length} of ${wanted} instances` }];
  }
  const whys = await Promise.all(instances.map(problemOf));
  return whys.flatMap((why) => (why === undefined ? [] : [{ service, why }]));
}

async function problemOf(container: Container): Promise<string | undefined> {
  const name = `${container.service} ${container.number}`;
  if (container.state !== "running") return `${name} is ${container.state}`;
  const url = isServiceName(container.service)
    ? urlOf(container, services[container.service].port)
    : undefined;
  if (url === undefined) return `${name} has no address`;
  const answer = await healthAt(url);
  if (answer !== "200") return `${name}: ${answer}`;
  const known = !lookedAt.includes(container.service) || container.health === "healthy";
  return known ? undefined : `${name} is ${container.health ?? "nothing yet"} to the engine`;
}

async function healthAt(url: string): Promise<string> {
  return await new Promise((resolve) => {
    const request = get(`${url}/health`, { agent: false, timeout: 10_000 }, (reply) => {
      let text = "";
      reply.on("data", (chunk: Buffer) => (text += chunk.toString()));
      reply.on("end", () =>
        resolve(reply.statusCode === 200 ? "200" : `${reply.statusCode} ${text.slice(0, 500)}`),
      );
      reply.on("error", (error) => resolve(error.message));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", (error) => resolve(error.message));
  });
}
