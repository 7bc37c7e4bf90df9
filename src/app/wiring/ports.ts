import { storeOf } from "../context/store.ts";
import type { Ports, Prompt } from "../../ports/ports.ts";
import type { Where } from "../../kinds/kind.ts";
import { createClock } from "../../drivers/clock.ts";
import { createFiles } from "../../drivers/files/files.ts";
import { createHttp, type HttpSettings } from "../../drivers/http/http.ts";
import { createNetwork } from "../../drivers/net/net.ts";
import { createProcesses } from "../../drivers/process/process.ts";
import { createSignatures } from "../../drivers/ssh-keygen/ssh-keygen.ts";
import { createTrading, tradingTarget, type TradingSettings } from "../../trading/api/trading.ts";
import { createInterlocks } from "../../trading/interlocks.ts";
import type { Platform } from "../../platform/platform.ts";
import { ownNames } from "../../platform/severity.ts";
import { runnerEnvironment } from "./runner-inputs.ts";
import { accessWhere, curlOptions } from "./by-hand-access.ts";
import { causeOf } from "./halt-cause.ts";
import { networkSettings } from "./network-settings.ts";
import { containersAt, servicesNowhere, servicesOf } from "./services.ts";
import { askedByOrigin, originOf, viaOf } from "./servers.ts";
import { createStores, storesWhere } from "./stores.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/** The real drivers for a platform. Each loads its library on its first use, so that this costs nothing. */
export function createPorts(
  world: World,
  platform: Platform,
  prompt: Prompt,
  options: GlobalOptions = {},
): Ports {
  const process = createProcesses(world.env);
  const clock = createClock();
  const http = createHttp(httpSettings(platform));
  const stores = createStores(world, platform);
  const trading = createTrading(tradingSettings(platform), stores);
  return {
    http,
    network: createNetwork(networkSettings(world, platform)),
    ...stores,
    services: servicesOf(platform, process, runnerEnvironment(world, platform)),
    process,
    files: createFiles(platform.files ?? {}),
    prompt,
    clock,
    trading,
    interlocks: createInterlocks({ trading, clock }, (id) => causeOf(storeOf(world, options), id)),
    signatures: createSignatures(world.env, "nobody"),
  };
}

/** What Prometheus and each service ask for, as far as it was read, by the origins that it is at. */
function httpSettings(platform: Platform): HttpSettings {
  const origins = [...askedByOrigin(platform)].map(
    ([origin, asked]) => [origin, originOf(asked, platform.tls)] as const,
  );
  return { ca: platform.tls?.ca, origins: new Map(origins) };
}

/** What a plan may know of a platform: names and addresses, and nothing that could connect. */
export function whereOf(platform: Platform): Where {
  const known = places.get(platform) ?? placesOf(platform);
  places.set(platform, known);
  return known;
}

/** Lint asks for every runbook, and a platform is never changed. */
const places = new WeakMap<Platform, Where>();

function placesOf(platform: Platform): Where {
  const trading = tradingSettings(platform);
  return {
    ...storesWhere(platform),
    ...accessWhere(platform),
    curlOptions: curlOptions(platform),
    via: viaOf(platform),
    services: servicesOf(platform, createProcesses({})),
    trading: tradingTarget(trading),
    book: trading.book,
    programs: vouchedIn(platform),
    files: platform.files ?? {},
    platform: platform.path,
    severities: platform.incident.severityNames,
  };
}

function vouchedIn({ path, programs = [] }: Platform): Where["programs"] {
  return programs.map(({ line, ...program }) => ({ ...program, by: `${path}:${line}` }));
}

/** The same without a platform file: what it would say, as a plan shows what is not known. */
export function nowhere(): Where {
  return {
    postgres: "‹postgres›",
    kafka: "‹kafka›",
    redis: "‹redis›",
    stores: { postgres: {}, kafka: {}, redis: {}, prometheus: {} },
    services: servicesNowhere(createProcesses({})),
    trading: "‹trading›",
    programs: [],
    files: {},
    platform: "‹platform.yaml›",
    severities: ownNames,
    prometheus: "‹prometheus›",
  };
}

/** What halting needs to know of a platform. */
export function tradingSettings(platform: Platform): TradingSettings {
  const { trading, services } = platform;
  return {
    service: trading.service,
    instances: services[trading.service]?.instances ?? [],
    containers: containersAt(platform, trading.service),
    port: trading.port,
    venues: trading.venues,
    book: trading.book,
    topics: trading.topics,
    deadline: trading.deadline,
    proof: trading.proof,
    http: httpSettings(platform),
    tokenHelp: trading.tokenHelp,
    phones: trading.phones.map(({ who, phone }) => `${who}: ${phone}`),
  };
}
