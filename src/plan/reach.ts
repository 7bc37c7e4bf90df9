// Which servers of the platform a plan may speak to: a run asks for the passwords and certificates of these alone.
// Where that is not certain, it is all of them.

import type { EvidenceTarget, StoreKind } from "../ports/ports.ts";
import type { ObjectSpec, ShapeSpec } from "../language/shape.ts";
import type { Platform } from "../platform/platform.ts";
import { mainStore, type Stores } from "../platform/stores.ts";
import { allItems, type Step } from "../runbook/runbook.ts";
import { itemPlans, shownArgs, stepsIn, storeOf, type Plan } from "./plan.ts";

/** A server that the platform file names. */
export type Server = readonly [family: StoreKind | "services", name: string];

export type Reach = (...server: Server) => boolean;

export const anywhere: Reach = () => true;

export function reachOf(plan: Plan): Reach {
  const reached = new Set<string>();
  for (const { step, inner } of stepsIn(allItems(plan.runbook), plan)) {
    // What a check before a change asks is not written in the step.
    if (step.requires.length > 0) return anywhere;
    for (const one of itemPlans(step, inner) ?? [inner]) {
      const servers = serversOf(step, one);
      if (servers === undefined) return anywhere;
      for (const server of servers) reached.add(server.join(" "));
    }
  }
  return (...server) => reached.has(server.join(" "));
}

/** Undefined where it may be any. */
function serversOf(step: Step, plan: Plan): readonly Server[] | undefined {
  const { kind } = step;
  const args = shownArgs(step, plan);
  const store = storeOf(step, plan.names);
  if (!store.ok) return undefined;
  const at = store.value ?? mainStore;
  const own: readonly Server[] = kind.store === undefined ? [] : [[kind.store, at]];
  const taken = (kind.evidence?.(args) ?? []).map((target) => takenFrom(target, at));
  if (taken.some(([, name]) => unknown(name))) return undefined;
  if (kind.reaches === undefined && kind.store === undefined) return undefined;
  if (kind.reaches !== "address") return [...own, ...taken];
  const addresses = addressesIn(kind.args.spec, args);
  if (addresses.some(unknown)) return undefined;
  return [...own, ...taken, ...serversAt(addresses, plan.platform)];
}

function takenFrom(target: EvidenceTarget, at: string): Server {
  if (target.type === "service") return ["services", target.service];
  return [target.type === "database" ? "postgres" : target.type, target.at ?? at];
}

/** What only the run knows, in a text as a plan shows it; of an address, what stands before its path. */
function unknown(text: string): boolean {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? "";
  return /^[^/?#]*/.exec(text.slice(scheme.length))?.[0].includes("‹") === true;
}

/** The texts that say where a step goes: its primary argument, and each that is a URL. */
function addressesIn(spec: ObjectSpec, args: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(spec.fields).flatMap(([name, { shape }]) =>
    name === spec.primary ? textsIn(args[name]) : urlsIn(shape, args[name]),
  );
}

function urlsIn(shape: ShapeSpec, value: unknown): readonly string[] {
  if (shape.type === "string") return shape.template === "url" ? textsIn(value) : [];
  if (shape.type !== "object" || typeof value !== "object" || value === null) return [];
  return addressesIn(shape, value as Readonly<Record<string, unknown>>);
}

function textsIn(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : [];
}

function serversAt(addresses: readonly string[], platform: Platform): readonly Server[] {
  const ports = new Set(addresses.flatMap(portOf));
  return everyServer(platform).flatMap(([server, at]) =>
    at.some((address) => portOf(address).some((port) => ports.has(port))) ? [server] : [],
  );
}

function everyServer(platform: Platform): readonly (readonly [Server, readonly string[]])[] {
  const { postgres, kafka, redis, prometheus = {}, services } = platform;
  const each = <S>(family: Server[0], all: Stores<S>, at: (one: S) => readonly string[]) =>
    Object.entries(all).map(([name, one]) => [[family, name], at(one)] as const);
  return [
    ...each("postgres", postgres, ({ url }) => [url]),
    ...each("kafka", kafka, ({ brokers }) => brokers.map((broker) => `kafka://${broker}`)),
    ...each("redis", redis, ({ url }) => [url]),
    ...each("prometheus", prometheus, ({ url }) => [url]),
    ...each("services", services, ({ url, instances }) => [url, ...instances]),
  ];
}

const usualPorts: Readonly<Record<string, string>> = {
  "http:": "80",
  "https:": "443",
  "kafka:": "9092",
  "postgres:": "5432",
  "postgresql:": "5432",
  "redis:": "6379",
  "rediss:": "6379",
};

/** `host:port` of an address; none of what is no address, such as a secret's name. */
function portOf(address: string): readonly string[] {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `port://${address}`;
  if (!URL.canParse(url)) return [];
  const { hostname, port, protocol } = new URL(url);
  return [`${hostname.toLowerCase()}:${port || (usualPorts[protocol] ?? "")}`];
}
