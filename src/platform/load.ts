import { dirname, resolve } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { firstKey, isNothing, readNow, unknownKey } from "../language/read.ts";
import { Problems } from "../language/problems.ts";
import type { Source, Span } from "../language/source.ts";
import { readTree } from "../language/tree.ts";
import type { Entry, Node } from "../language/yaml.ts";
import { nearest } from "../base/suggest.ts";
import { approversOf, checkApprovers } from "./approvers.ts";
import { askedOf, checkAsked, checkPair } from "./asked.ts";
import { checkIncidentPlan, incidentKeys, incidentPlanOf } from "./incident-plan.ts";
import { entriesOf, keyPlace, nearestNode } from "./place.ts";
import { checkFileRoots, fileRootsOf } from "./file-roots.ts";
import { checkPrograms, programsOf } from "./programs.ts";
import type { ComposeProject, Platform, PlatformDocker, PlatformService } from "./platform.ts";
import { checkRuns, runsOf } from "./runs.ts";
import { checkSecretSources, secretSourcesOf } from "./secret-sources.ts";
import { platformShape } from "./shape.ts";
import { eachStore, checkStores, pathOf } from "./stores.ts";
import { storesFrom } from "./stores-from.ts";

/** Variables that go before addresses in the file: DATABASE_URL, DATABASE_URL_REPLICA and the like. */
export type PlatformOverrides = Readonly<Record<string, string | undefined>>;

/** `halt` leaves out the sections about incidents and what steps alone use: a mistake in a clock stops no halt. */
export type PlatformParts = "all" | "halt";

/**
 * Reads `platform.yaml`, lays the chosen environment over it, and the process environment's addresses
 * over both. A relative Compose file is resolved against the platform file's folder.
 */
export function readPlatform(
  source: Source,
  environment: string | undefined,
  overrides: PlatformOverrides,
  parts: PlatformParts = "all",
): Result<Platform, readonly Diagnostic[]> {
  const parsed = readTree(source);
  if (parsed.problems.length > 0) return fail(parsed.problems);
  const problems = new Problems(source);
  const whole = { start: 0, end: 1 };
  if (parsed.node === undefined) {
    problems.add(whole, "the platform file is empty");
    return fail(problems.list);
  }
  const laid = layEnvironment(parsed.node, environment, problems);
  const overlaid = parts === "halt" ? withoutWhatHaltsNeedNot(laid) : laid;
  const read = readNow(overlaid, platformShape, "the platform file", problems);
  if (read === undefined || problems.list.length > 0) return fail(problems.list);
  checkApprovers(read.approvers, overlaid, problems);
  const { postgres, kafka, redis, prometheus = {} } = read;
  checkStores({ postgres, kafka, redis, prometheus }, overlaid, problems);
  checkTogether(read, overlaid, problems);
  checkRuns(read.services, read.compose !== undefined, overlaid, problems);
  checkIncidentPlan(read, read.objectives ?? {}, overlaid, problems);
  checkNamed(read, overlaid, problems);
  checkFileRoots(read.files, overlaid, problems);
  checkPrograms(read.programs, overlaid, problems);
  checkSecretSources(read.secrets ?? {}, overlaid, problems);
  if (problems.list.length > 0) return fail(problems.list);
  return ok(build(read, overlaid, source, environment, overrides));
}

type Read = NonNullable<(typeof platformShape)["type"]>;

function build(
  read: Read,
  node: Node,
  source: Source,
  environment: string | undefined,
  overrides: PlatformOverrides,
): Platform {
  const folder = dirname(resolve(source.path));
  const { trading, prometheus } = read;
  const programs = programsOf(read.programs, { node, source, folder });
  const secrets = read.secrets === undefined ? {} : { secrets: secretSourcesOf(read.secrets, folder) };
  const incident = { ...incidentPlanOf(read, read.objectives ?? {}), ...secrets };
  const { response: _clock, ...objectives } = read.objectives ?? {};
  const services = Object.entries(read.services).map(([name, service]): [string, PlatformService] => {
    const url = trimmed(service.url);
    const instances = service.instances?.map(trimmed) ?? [url];
    const { api, health } = service;
    const runs = runsOf(name, service, read.compose !== undefined);
    return [name, { name, url, instances, runs, health, api, ...askedOf(service, folder) }];
  });
  return {
    name: read.platform,
    environment,
    production: read.production,
    path: source.path,
    ...storesFrom(read, folder, overrides),
    docker: dockerOf(read.docker, folder),
    ...(read.compose === undefined ? {} : { compose: composeOf(read.compose, folder) }),
    services: Object.fromEntries(services),
    ...(prometheus === undefined
      ? {}
      : {
          prometheus: eachStore(prometheus, ({ url, ...asked }) => {
            return { url: trimmed(url), ...askedOf(asked, folder) };
          }),
        }),
    objectives: {
      response: incident.clocks.find(({ name }) => name === "answered")?.within ?? {},
      ...objectives,
    },
    evidence: read.evidence,
    trading: {
      service: trading.service,
      port: trading.port,
      venues: trimmed(trading.venues),
      book: trimmed(trading.book),
      topics: { orders: trading.orders, fills: trading.fills },
      deadline: trading.deadline,
      proof: trading.proof,
      tokenHelp: trading.token_help,
      phones: trading.phones,
    },
    approvers: approversOf(read.approvers),
    incident,
    ...secrets,
    ...(read.files === undefined ? {} : { files: fileRootsOf(read.files, folder) }),
    ...(programs === undefined ? {} : { programs }),
    ...(read.tls === undefined ? {} : { tls: { file: resolve(folder, read.tls.ca) } }),
  };
}

function withoutWhatHaltsNeedNot(node: Node): Node {
  if (node.type !== "map") return node;
  const without = [...incidentKeys, "programs", "files", "secrets"];
  return { ...node, entries: node.entries.filter(({ key }) => !without.includes(key)) };
}

/** Where the file says who there is, an approver is one of them. */
function checkNamed({ approvers = {}, people = {} }: Read, node: Node, problems: Problems): void {
  if (Object.keys(people).length === 0) return;
  for (const name of Object.keys(approvers)) {
    if (Object.hasOwn(people, name)) continue;
    const near = nearest(name, Object.keys(people));
    const hint = near === undefined ? "Add them to people." : `Did you mean ${near}?`;
    problems.add(keyPlace(node, ["approvers"], name), `the approver ${name} is not in people`, hint);
  }
}

function composeOf(
  { project, files, program, env_file: envFiles, environment }: NonNullable<Read["compose"]>,
  folder: string,
): ComposeProject {
  return {
    project,
    program,
    files: files.map((file) => resolve(folder, file)),
    ...(envFiles === undefined ? {} : { envFiles: envFiles.map((file) => resolve(folder, file)) }),
    ...(environment === undefined ? {} : { environment }),
  };
}

function dockerOf({ cert_path: certs, ...docker }: Read["docker"], folder: string): PlatformDocker {
  return { ...docker, ...(certs === undefined ? {} : { certs: resolve(folder, certs) }) };
}

/** What no shape says: keys that only make sense together. */
function checkTogether(
  { kafka, redis, docker, services, prometheus }: Read,
  node: Node,
  problems: Problems,
): void {
  const at = (...path: readonly string[]): Span => nearestNode(node, path).span;
  for (const [name, { sasl, tls }] of Object.entries(kafka)) {
    const path = pathOf("kafka", kafka, name);
    checkPair(tls, [...path, "tls"], node, problems);
    if (sasl?.mechanism !== "PLAIN" || tls !== undefined) continue;
    const hint = "Set tls: true, or tls: false if the password may be read in transit.";
    problems.add(at(...path, "sasl"), `${path.join(".")}.sasl PLAIN sends the password unencrypted`, hint);
  }
  for (const [name, { url, tls }] of Object.entries(redis)) {
    const path = pathOf("redis", redis, name);
    checkPair(tls, [...path, "tls"], node, problems);
    if (tls?.on !== true || url.startsWith("rediss:")) continue;
    const its = path.join(".");
    problems.add(at(...path, "url"), `${its}.tls is set, but ${its}.url does not use TLS; write rediss://`);
  }
  if (docker.context !== undefined && docker.host !== undefined)
    problems.add(at("docker", "context"), "docker names a host and a context; keep one");
  if (docker.cert_path !== undefined && docker.host === undefined)
    problems.add(at("docker", "cert_path"), "docker.cert_path is of docker.host, which is not set");
  for (const [name, store] of Object.entries(prometheus ?? {}))
    checkAsked(store, pathOf("prometheus", prometheus ?? {}, name), node, problems);
  for (const [name, service] of Object.entries(services))
    checkAsked(service, ["services", name], node, problems);
}

/** A problem that only shows when the platform is used, at the place of the key that it comes from. */
export function platformProblem(
  source: Source,
  environment: string | undefined,
  path: readonly string[],
  message: string,
): readonly Diagnostic[] {
  const problems = new Problems(source);
  const { node } = readTree(source);
  const at = node === undefined ? undefined : nearestNode(layEnvironment(node, environment, problems), path);
  problems.add(at === undefined || at === node ? { start: 0, end: 1 } : at.span, message);
  return problems.list;
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

/** The environments that a platform file has, in its order; none where it is no YAML. */
export function environmentNames(source: Source): readonly string[] {
  const { node } = readTree(source);
  return entriesOf(entriesOf(node).find(({ key }) => key === "environments")?.value).map(({ key }) => key);
}

function layEnvironment(node: Node, environment: string | undefined, problems: Problems): Node {
  if (node.type !== "map" || environment === undefined) return node;
  const overlays = node.entries.find((entry) => entry.key === "environments");
  const all = overlays?.value.type === "map" ? overlays.value.entries : [];
  const overlay = all.find((entry) => entry.key === environment);
  if (overlay === undefined) {
    const known = all.map((entry) => entry.key);
    const hint = known.length === 0 ? "It has no environments." : `It has ${known.join(", ")}.`;
    problems.add(overlays?.keySpan ?? firstKey(node), `unknown environment ${environment}`, hint);
    return node;
  }
  // An environment that is named and says nothing is the file as it stands.
  if (isNothing(overlay.value)) return node;
  return merge(node, knownOnly(overlay.value, environment, problems));
}

/** Without the keys that no platform file has: each is told here, once. */
function knownOnly(node: Node, environment: string, problems: Problems): Node {
  if (node.type !== "map") return node;
  const keys = Object.keys(platformShape.spec.fields);
  const entries = node.entries.filter((entry) => {
    const known = keys.includes(entry.key);
    if (!known) unknownKey(entry, keys, `environment ${environment}`, problems);
    return known;
  });
  return { ...node, entries };
}

/** Maps are merged key by key; anything else is replaced. */
function merge(under: Node, over: Node): Node {
  if (under.type !== "map" || over.type !== "map") return over;
  const merged: Entry[] = under.entries.map((entry) => {
    const upper = over.entries.find((candidate) => candidate.key === entry.key);
    return upper === undefined ? entry : { ...upper, value: merge(entry.value, upper.value) };
  });
  const added = over.entries.filter(
    (entry) => !under.entries.some((candidate) => candidate.key === entry.key),
  );
  return { ...under, entries: [...merged, ...added] };
}
