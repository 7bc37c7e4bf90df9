import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { readAddress } from "./address.ts";
import { withPort, type EngineAt } from "./at.ts";

/** What the platform file says of the engine. */
export interface EngineChoice {
  readonly host?: string;
  readonly context?: string;
  /** With `host`: an absolute folder, as DOCKER_CERT_PATH names one. */
  readonly certs?: string;
}

/** What named an engine that cannot be found. */
export interface NoEngine {
  /** A variable, or a key below `docker` of the platform file; neither where it was Docker's own settings. */
  readonly variable?: string;
  readonly key?: "host" | "context" | "cert_path";
  readonly why: string;
}

type Env = Readonly<Record<string, string | undefined>>;
/** The text of a file; undefined where there is none. The failure is a sentence. */
export type ReadText = (path: string) => Promise<Result<string | undefined, string>>;

const usualSocket = "/var/run/docker.sock";

/**
 * The engine that is meant, for whatever speaks to it: DOCKER_HOST, DOCKER_CONTEXT, the platform file, the context
 * that Docker's own client uses, the machine's socket, that of an engine without root. Where a folder of certificates
 * goes with it TLS is spoken, and the server verified: nothing here skips that.
 */
export async function findEngine(
  env: Env,
  file: EngineChoice,
  read: ReadText,
  socket = usualSocket,
): Promise<Result<EngineAt, NoEngine>> {
  const given = (name: string): string | undefined => {
    const value = env[name];
    return value === undefined || value.trim() === "" ? undefined : value;
  };
  const home = given("HOME");
  const config = given("DOCKER_CONFIG") ?? (home === undefined ? undefined : join(home, ".docker"));
  const settings = given("DOCKER_CONFIG") === undefined || config === undefined ? {} : { config };
  const tls = ["DOCKER_TLS_VERIFY", "DOCKER_TLS", "DOCKER_CERT_PATH"].some(
    (name) => given(name) !== undefined,
  );
  const ownCerts = tls ? (given("DOCKER_CERT_PATH") ?? config) : undefined;
  const at = (host: string, certs: string | undefined): EngineAt => {
    const address = readAddress(host);
    // A socket's own mode says who may use it: the variables of TLS are often left over from another engine.
    const encrypted = certs !== undefined && address.ok && address.value.type === "tcp";
    return { host: withPort(host, encrypted), ...(encrypted ? { certs } : {}), ...settings };
  };
  const inContext = async (name: string, from: Pick<NoEngine, "variable" | "key">) => {
    if (name === "default") return ok(at(`unix://${await socketOf(env, socket)}`, undefined));
    const found = await contextAt(name, config, read);
    return found.ok ? ok(at(found.value.host, found.value.certs)) : fail({ ...from, why: found.failure });
  };
  const host = given("DOCKER_HOST");
  if (host !== undefined) return ok(at(host, ownCerts));
  const context = given("DOCKER_CONTEXT");
  if (context !== undefined) return await inContext(context, { variable: "DOCKER_CONTEXT" });
  if (file.host !== undefined) return ok(at(file.host, file.certs ?? ownCerts));
  if (file.context !== undefined) return await inContext(file.context, { key: "context" });
  const current = config === undefined ? ok(undefined) : await currentContext(config, read);
  if (!current.ok) return fail({ why: current.failure });
  return await inContext(current.value ?? "default", {});
}

/** The machine's, where it is ours to use, else that of an engine without root, where there is one. */
async function socketOf(env: Env, usual: string): Promise<string> {
  const runtime = env["XDG_RUNTIME_DIR"];
  if (runtime === undefined || runtime === "") return usual;
  const own = join(runtime, "docker.sock");
  const [mine, there] = await Promise.all([
    access(usual, constants.W_OK).then(
      () => true,
      () => false,
    ),
    stat(own).then(
      (found) => found.isSocket(),
      () => false,
    ),
  ]);
  return !mine && there ? own : usual;
}

async function currentContext(folder: string, read: ReadText): Promise<Result<string | undefined, string>> {
  const path = join(folder, "config.json");
  const settings = await jsonIn(path, read);
  if (!settings.ok) return settings;
  const name = textAt(settings.value, "currentContext");
  return ok(name === "" ? undefined : name);
}

/** A context as Docker's client keeps it: what it says in one folder, its certificates in another. */
async function contextAt(
  name: string,
  folder: string | undefined,
  read: ReadText,
): Promise<Result<{ readonly host: string; readonly certs: string | undefined }, string>> {
  if (folder === undefined) return fail(`cannot look up the Docker context ${name}: HOME is not set`);
  const id = createHash("sha256").update(name).digest("hex");
  const path = join(folder, "contexts", "meta", id, "meta.json");
  const meta = await jsonIn(path, read);
  if (!meta.ok) return meta;
  if (meta.value === undefined) return fail(`there is no Docker context ${name} in ${folder}`);
  const host = textAt(meta.value, "Endpoints", "docker", "Host");
  if (host === undefined || host === "")
    return fail(`the Docker context ${name} has no address of an engine (${path})`);
  const certs = join(folder, "contexts", "tls", id, "docker");
  const any = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map(async (file) => await read(join(certs, file))),
  );
  const kept = any.some((one) => !one.ok || one.value !== undefined);
  return ok({ host, certs: kept ? certs : undefined });
}

async function jsonIn(path: string, read: ReadText): Promise<Result<unknown, string>> {
  const text = await read(path);
  if (!text.ok || text.value === undefined) return text;
  try {
    return ok(JSON.parse(text.value) as unknown);
  } catch {
    return fail(`${path} is not JSON`);
  }
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return typeof at === "string" ? at : undefined;
}
