import { fail, ok, type Result } from "../../base/result.ts";
import { printable } from "../../base/printable.ts";
import type { HttpOrigin, HttpSettings } from "../../drivers/http/http.ts";
import type { TlsMaterial } from "../../drivers/verified.ts";
import { readSourceFile } from "../../language/source.ts";
import type { Asked } from "../../platform/asked.ts";
import type { Platform, ServerTls } from "../../platform/platform.ts";
import { Secret } from "../../secrets/secret.ts";
import { envSecret } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";
import { inTime, silence } from "./patience.ts";

/** What a server asks for, by the names of it alone: this is kept, and no secret is. */
interface Names {
  readonly files?: ServerTls["files"];
  readonly login?: { readonly user: string; readonly password: string };
}

/** The same of one of the platform's, and of the proxy that carries requests to it. */
export interface AskedAt extends Names {
  readonly origin: string;
  /** Of the platform file. */
  readonly service: string;
  readonly proxy?: Names & { readonly url: string };
}

export function askedIn({ services }: Pick<Platform, "services">): readonly AskedAt[] {
  return Object.values(services).flatMap(({ name, url, instances, proxy, ...own }) => {
    const through = proxy === "none" ? undefined : proxy;
    if (own.tls === undefined && own.login === undefined && through === undefined) return [];
    const asked = {
      service: name,
      ...namesOf(own),
      ...(through === undefined ? {} : { proxy: { url: through.url, ...namesOf(through) } }),
    };
    const origins = new Set([url, ...instances].map((at) => new URL(at).origin));
    return [...origins].map((origin) => ({ origin, ...asked }));
  });
}

function namesOf({ tls, login }: Omit<Asked, "proxy">): Names {
  return {
    ...(tls === undefined ? {} : { files: tls.files }),
    ...(login === undefined ? {} : { login: { user: login.user, password: login.password.name } }),
  };
}

/** The same of all the others, for the proof, when the requests are out: what cannot be read is told, and left out. */
export async function otherDoors(world: World, asking: Asking, http: HttpSettings): Promise<HttpSettings> {
  const known = http.origins ?? new Map<string, HttpOrigin>();
  const others = asking.asked.map(({ origin }) => origin).filter((origin) => !known.has(origin));
  const origins = new Map(known);
  for (const origin of others) {
    const read = await readDoors(world, asking, [origin]);
    if (!read.ok) world.stderr.write(`${printable(read.failure)}\n`);
    for (const [at, asked] of (read.ok ? read.value.origins : undefined) ?? []) origins.set(at, asked);
  }
  return { ...http, origins };
}

interface Asking {
  readonly ca: string | undefined;
  readonly asked: readonly AskedAt[];
}

/**
 * What these servers ask for, from the disk and the environment. Without its certificates a halt would only be turned
 * down: that is a failure. Without the password it is sent all the same: it brings the emergency token instead.
 */
export async function readDoors(
  world: World,
  { ca, asked }: Asking,
  urls: readonly string[],
): Promise<Result<HttpSettings, string>> {
  const wanted = new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).origin));
  const origins = new Map<string, HttpOrigin>();
  for (const { origin, service, proxy, ...own } of asked) {
    if (!wanted.has(origin)) continue;
    const read = await readServer(world, ca, `services.${service}`, own);
    if (!read.ok) return read;
    const by =
      proxy === undefined ? undefined : await readServer(world, ca, `services.${service}.proxy`, proxy);
    if (by?.ok === false) return by;
    const through = proxy === undefined || by === undefined ? {} : { proxy: { url: proxy.url, ...by.value } };
    origins.set(origin, { ...read.value, ...through });
  }
  return ok({ ca, origins });
}

async function readServer(
  world: World,
  ca: string | undefined,
  what: string,
  { files, login }: Names,
): Promise<Result<Omit<HttpOrigin, "proxy">, string>> {
  const tls = files === undefined ? ok({ ca }) : await materialOf(world, ca, files);
  if (!tls.ok) return fail(`${what}.tls: ${tls.failure}`);
  const password = login === undefined ? undefined : await passwordOf(world, what, login.password);
  return ok({
    tls: tls.value,
    ...(login === undefined || password === undefined ? {} : { login: { user: login.user, password } }),
  });
}

async function materialOf(
  world: World,
  usual: string | undefined,
  { ca: caFile, cert: certFile, key: keyFile }: ServerTls["files"],
): Promise<Result<TlsMaterial, string>> {
  const ca = caFile === undefined ? ok(usual) : await authorityIn(world, caFile);
  if (!ca.ok || certFile === undefined || keyFile === undefined) return ca.ok ? ok({ ca: ca.value }) : ca;
  const [cert, key] = await Promise.all([textIn(world, certFile), textIn(world, keyFile)]);
  if (!cert.ok) return cert;
  return key.ok ? ok({ ca: ca.value, cert: cert.value, key: new Secret(keyFile, key.value) }) : key;
}

async function authorityIn(world: World, file: string): Promise<Result<string, string>> {
  const { readAuthority } = await import("../context/authority.ts");
  return (await inTime(world, file, readAuthority(world, file, "refuse"))) ?? fail(`${file}: ${silence}`);
}

async function textIn(world: World, file: string): Promise<Result<string, string>> {
  const read = await inTime(world, file, readSourceFile(file));
  if (read === undefined) return fail(`${file}: ${silence}`);
  return read.ok ? ok(read.value.source.text) : read;
}

async function passwordOf(world: World, what: string, name: string): Promise<Secret | undefined> {
  const read = await inTime(world, name, envSecret(world.env, name));
  const value = read?.ok === true ? (read.value?.value.trim() ?? "") : "";
  if (value !== "") return new Secret(name, value);
  const why = read === undefined ? silence : read.ok ? "it is not set" : read.failure;
  const left = `cannot read ${name}, the password of ${what.replace("services.", "")}: ${why}; it is asked without its login`;
  world.stderr.write(`${printable(left)}\n`);
  return undefined;
}
