import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { containersOf, urlOf, type Container } from "./docker.ts";
import { isServiceName, lookedAt, serviceNames, services } from "./services.ts";

/**
 * Waits until every instance of every service answers its health check with 200, and the engine knows it of those
 * that runbooks ask it about.
 * @throws after `timeoutMs`, naming who does not and what it said last
 */
export async function waitHealthy(host: string, project: string, timeoutMs: number): Promise<Container[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const containers = await containersOf(host, project);
    const problems = await Promise.all(
      serviceNames.map(async (name) => {
        const instances = containers.filter((one) => one.service === name);
        if (instances.length < services[name].instances) {
          return [`${name}: ${instances.length} of ${services[name].instances} instances`];
        }
        return await Promise.all(instances.map(problemOf));
      }),
    );
    const unwell = problems.flat().filter((problem) => problem !== undefined);
    if (unwell.length === 0) return containers;
    if (performance.now() > deadline)
      throw new Error(`not healthy after ${timeoutMs} ms: ${unwell.join("; ")}`);
    await sleep(100);
  }
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
    const request = get(`${url}/health`, { agent: false, timeout: 2500 }, (reply) => {
      let text = "";
      reply.on("data", (chunk: Buffer) => (text += chunk.toString()));
      reply.on("end", () =>
        resolve(reply.statusCode === 200 ? "200" : `${reply.statusCode} ${text.slice(0, 500)}`),
      );
      reply.on("error", (error) => resolve(error.message));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 2.5 s")));
    request.on("error", (error) => resolve(error.message));
  });
}
