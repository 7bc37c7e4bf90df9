import { envOf, settled } from "../../drivers/postgres/address.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Source } from "../../language/source.ts";
import { platformProblem, readPlatform, type PlatformParts } from "../../platform/load.ts";
import { eachStore, mainStore } from "../../platform/stores.ts";
import { anywhere, type Reach } from "../../plan/reach.ts";
import { readAuthority } from "./authority.ts";
import { noPlatformFile, readPlatformFile, type PlatformUse } from "./platform-file.ts";
import type { NoPlatformFile } from "./platform-path.ts";
import { type GlobalOptions, type World } from "./world.ts";
import { interrupted, refusal, refusalFor, type Refusal } from "./refusal.ts";

/** Finds and reads the platform file: the one named, else the nearest. */
export async function loadPlatform(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<Platform, Refusal>> {
  const platform = await loadPlatformIfAny(world, options, use);
  if (!platform.ok) return platform;
  return platform.value.type === "platform"
    ? ok(platform.value.platform)
    : refusal(noPlatformFile(world, platform.value, use), "configuration");
}

/** A platform file that was read, before anything is asked for what its servers take. */
export interface OpenPlatform {
  readonly platform: Platform;
  /** The platform with the passwords and certificates of those servers that are in `reach`. */
  readonly credentials: (reach: Reach) => Promise<Result<Platform, Refusal>>;
}

/** The same for a command that knows by its plan which servers it needs. */
export async function openPlatform(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<OpenPlatform, Refusal>> {
  const opened = await openPlatformIfAny(world, options, use);
  if (!opened.ok) return opened;
  return opened.value.type === "open"
    ? ok(opened.value)
    : refusal(noPlatformFile(world, opened.value, use), "configuration");
}

/** The same for a command that does without one. */
export async function loadPlatformIfAny(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<{ readonly type: "platform"; readonly platform: Platform } | NoPlatformFile, Refusal>> {
  const opened = await openPlatformIfAny(world, options, use);
  if (!opened.ok || opened.value.type === "none") return opened as Result<NoPlatformFile, Refusal>;
  const whole = await opened.value.credentials(anywhere);
  return whole.ok ? ok({ type: "platform", platform: whole.value }) : whole;
}

async function openPlatformIfAny(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<({ readonly type: "open" } & OpenPlatform) | NoPlatformFile, Refusal>> {
  const file = await readPlatformFile(world, options, use);
  if (!file.ok || file.value.type === "none") return file as Result<NoPlatformFile, Refusal>;
  const { source } = file.value;
  const contacts = use.untrusted !== "warn" && use.connects !== false;
  const read = contacts ? await platformOf(world, options, source, use) : platformIn(world, options, source);
  if (!read.ok) return read;
  const { withEngine } = await import("./engine.ts");
  const found = await withEngine(world, options, source, await withProgramPaths(world, read.value));
  if (!found.ok) return found;
  // What anybody could have written says of no secret where it comes from.
  const platform = use.untrusted === "warn" ? withoutSecretSources(found.value) : found.value;
  const { tellUnused, wrongAddress } = await import("./door.ts");
  const wrong = wrongAddress(world, options, source, platform);
  if (wrong !== undefined) return fail(wrong);
  const credentials = async (reach: Reach): Promise<Result<Platform, Refusal>> => {
    if (!contacts) return ok(platform);
    tellUnused(world, platform);
    const { withCredentials } = await import("./credentials.ts");
    const whole = await withCredentials(world, options, source, platform, { ...use, reach });
    if (!whole.ok && world.interruption.stop.aborted) return interrupted(world, "interrupted; nothing ran");
    return whole;
  };
  return ok({ type: "open", platform, credentials });
}

function withoutSecretSources(platform: Platform): Platform {
  return { ...platform, secrets: {}, incident: { ...platform.incident, secrets: {} } };
}

async function withProgramPaths(world: World, platform: Platform): Promise<Platform> {
  if (platform.programs === undefined) return platform;
  const { withPaths } = await import("./programs.ts");
  return { ...platform, programs: await withPaths(world, platform.programs) };
}

/** The platform that a file's text describes; whom it trusts is in a file of its own, and is not read. */
export function platformIn(
  world: World,
  options: GlobalOptions,
  source: Source,
  parts: PlatformParts = "all",
): Result<Platform, Refusal> {
  const read = readPlatform(source, options.env, overrides(world), parts);
  return read.ok
    ? ok({ ...read.value, postgres: settledPostgres(read.value, world), ...proxiesNamed(world) })
    : refusalFor(read.failure, "configuration");
}

/** PG* are read here and once: a plan names the server that a statement goes to. What cannot be read stays. */
function settledPostgres({ postgres }: Platform, { env }: World): Platform["postgres"] {
  return eachStore(postgres, ({ url, admin, ...store }, name) => {
    const isMain = name === mainStore;
    const settle = (address: string, variable: string, login: boolean): string => {
      // PG* go before the main store's address in the file; to another they only add what it leaves out.
      const first = isMain && (env[variable] ?? "") === "" ? "environment" : "address";
      const read = settled(address, envOf(env, isMain), { first, login });
      return read.ok ? read.value : address;
    };
    return {
      ...store,
      url: settle(url, "DATABASE_URL", true),
      ...(admin === undefined ? {} : { admin: settle(admin, "DATABASE_ADMIN_URL", false) }),
    };
  });
}

/** The platform that a file's text describes, with the certificates it trusts. */
export async function platformOf(
  world: World,
  options: GlobalOptions,
  source: Source,
  { untrusted }: Pick<PlatformUse, "untrusted">,
  parts: PlatformParts = "all",
): Promise<Result<Platform, Refusal>> {
  const platform = platformIn(world, options, source, parts);
  const file = platform.ok ? platform.value.tls?.file : undefined;
  if (!platform.ok || file === undefined) return platform;
  const ca = await readAuthority(world, file, untrusted);
  if (!ca.ok)
    return refusalFor(platformProblem(source, options.env, ["tls", "ca"], ca.failure), "configuration");
  return ok({ ...platform.value, tls: { file, ca: ca.value } });
}

/** What other programs take a proxy from, in either case. */
function proxiesNamed({ env }: World): Pick<Platform, "proxyVariables"> {
  const names = Object.keys(env).filter((name) => /^(?:https?|all)_proxy$/i.test(name) && env[name] !== "");
  return names.length === 0 ? {} : { proxyVariables: names };
}

const addresses = /^(?:DATABASE_URL|DATABASE_ADMIN_URL|KAFKA_BROKERS|REDIS_URL)(?:_[A-Z0-9_]+)?$/;

/** Addresses that the environment sets go before the platform file; a blank one counts as not set. */
function overrides(world: World): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(world.env).flatMap(([name, value]) =>
      addresses.test(name) && value !== undefined && value !== "" ? [[name, value]] : [],
    ),
  );
}
