import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "./docker.ts";
import { faultProblem } from "./fault-check.ts";
import { isServiceName, serviceNames } from "./services.ts";
import { faultsFolder } from "./state.ts";

export interface Fault {
  readonly fault: string;
  readonly until: "cleared" | "restart" | "recreate";
  /** One instance by its number; all of them when left out. */
  readonly instance?: number;
  readonly [option: string]: unknown;
}

/** Writes the fault's file, once it is one that there is, under the instance's host name: that is what its program knows itself by. */
export function setFault(
  project: string,
  containers: readonly Container[],
  service: string,
  fault: Fault,
): void {
  const problem = faultProblem(service, fault);
  if (problem !== undefined) throw new Error(problem);
  const { instance, ...rest } = fault;
  const container = containers.find((one) => one.service === service && one.number === instance);
  if (instance !== undefined && container === undefined) {
    const numbers = containers.filter((one) => one.service === service).map((one) => one.number);
    throw new Error(
      `${service} has no instance ${instance}; there are ${numbers.toSorted((a, b) => a - b).join(", ")}`,
    );
  }
  const name = container === undefined ? service : `${service}@${container.id.slice(0, 12)}`;
  const file = join(faultsFolder(project), `${name}.json`);
  writeFileSync(`${file}.new`, JSON.stringify({ ...rest, set: new Date().toISOString() }));
  renameSync(`${file}.new`, file);
}

/** Ends the faults of a service, or of all. @throws when there is no such service */
export function clearFaults(project: string, service?: string): void {
  if (service !== undefined && !isServiceName(service)) {
    throw new Error(`no service named ${service}; there are ${serviceNames.join(", ")}`);
  }
  const folder = faultsFolder(project);
  for (const name of readdirSync(folder)) {
    if (service === undefined || name === `${service}.json` || name.startsWith(`${service}@`)) {
      rmSync(join(folder, name), { force: true });
    }
  }
}
