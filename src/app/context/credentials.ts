import { createPrivateKey, X509Certificate } from "node:crypto";
import { fail, ok, type Result } from "../../base/result.ts";
import { readSourceFile, type Source } from "../../language/source.ts";
import type { Asked } from "../../platform/asked.ts";
import { platformProblem } from "../../platform/load.ts";
import type {
  NamedSecret,
  Platform,
  PlatformKafka,
  PlatformRedis,
  ServerTls,
} from "../../platform/platform.ts";
import type { SecretSources } from "../../platform/secret-sources.ts";
import { mainOf, mainStore, pathOf, variableOf, type Stores } from "../../platform/stores.ts";
import { envOf, readAddress as readPostgres } from "../../drivers/postgres/address.ts";
import { Secret } from "../../secrets/secret.ts";
import { readAuthority } from "./authority.ts";
import type { PlatformUse } from "./platform-file.ts";
import type { Reach, Server } from "../../plan/reach.ts";
import { certificatesIn } from "../../drivers/docker/at.ts";
import { refusal, refusalFor, type Refusal } from "./refusal.ts";
import { fileOf, findSecret, secretFile } from "./secret-sources.ts";
import type { GlobalOptions, World } from "./world.ts";

/**
 * The platform with what its servers ask for: certificates, keys and passwords, read once, before anything happens.
 * What is missing or wrong is refused at its place in the platform file. Of a server that is not in `reach` nothing
 * is read, and nothing has to be there.
 */
export async function withCredentials(
  world: World,
  options: GlobalOptions,
  source: Source,
  platform: Platform,
  { untrusted, reach }: Pick<PlatformUse, "untrusted"> & { readonly reach: Reach },
): Promise<Result<Platform, Refusal>> {
  const reader = new CredentialReader(world, platform, untrusted);
  const each = async <S>(family: Server[0], all: Stores<S>, read: (store: S, name: string) => Promise<S>) =>
    await readEach(all, async (store, name) => (reach(family, name) ? await read(store, name) : store));
  const kafka = await each("kafka", platform.kafka, (store, name) =>
    reader.kafka(pathOf("kafka", platform.kafka, name), store),
  );
  const redis = await each("redis", platform.redis, (store, name) =>
    reader.redis(pathOf("redis", platform.redis, name), store),
  );
  const services = await each("services", platform.services, async (service, name) => {
    return { ...service, ...(await reader.asked(["services", name], service)) };
  });
  const { prometheus } = platform;
  const withPrometheus =
    prometheus === undefined
      ? {}
      : {
          prometheus: await each("prometheus", prometheus, async (store, name) => {
            return { ...store, ...(await reader.asked(pathOf("prometheus", prometheus, name), store)) };
          }),
        };
  const engine = await engineTls(platform, reader);
  await checkPostgres(world, platform, reader, reach);
  const [first] = reader.problems;
  if (first?.variable !== undefined) return refusal(`${first.variable}: ${first.why}`, "configuration");
  const problems = reader.problems.flatMap(({ key, why }) => platformProblem(source, options.env, key, why));
  return problems.length === 0
    ? ok({ ...platform, kafka, redis, services, ...withPrometheus, ...engine })
    : refusalFor(problems, "configuration");
}

/** Files that an address of PostgreSQL names are read by its driver, at every connection; here it is seen whether they serve. */
async function checkPostgres(
  { env }: World,
  { postgres }: Platform,
  reader: CredentialReader,
  reach: Reach,
): Promise<void> {
  const reached = Object.entries(postgres).filter(([store]) => reach("postgres", store));
  const addresses = reached.flatMap(([store, { url, admin }]) => [
    { store, key: "url", address: url, variable: variableOf("DATABASE_URL", store) },
    { store, key: "admin", address: admin, variable: variableOf("DATABASE_ADMIN_URL", store) },
  ]);
  for (const { store, key: name, address, variable } of addresses) {
    const own = envOf(env, store === mainStore);
    const read = address === undefined ? undefined : readPostgres({ url: address, env: own });
    if (read?.ok !== true || read.value.tls.mode === "disable") continue;
    const { rootCertificate: ca, certificate: cert, key } = read.value.tls;
    const files = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
    const path = [...pathOf("postgres", postgres, store), name];
    await reader.tls(path, { files }, isSet(env[variable]) ? variable : undefined);
  }
}

/** The certificates of an engine's folder, by the names that Docker gives them. */
async function engineTls(
  { engine, docker }: Platform,
  reader: CredentialReader,
): Promise<Pick<Platform, "engine">> {
  const folder = engine?.certs;
  if (engine === undefined || folder === undefined) return {};
  const from = docker.certs === folder ? undefined : `the certificates of Docker Engine at ${engine.host}`;
  const { pem } = await reader.tls(["docker", "cert_path"], { files: await certificatesIn(folder) }, from);
  return { engine: { ...engine, ...(pem === undefined ? {} : { tls: pem }) } };
}

/** Every file that `withCredentials` reads of the stores that a halt's proof asks. */
export function witnessFiles({ env }: World, platform: Platform): readonly string[] {
  const [kafka, postgres] = [mainOf(platform.kafka), mainOf(platform.postgres)];
  const password = kafka.sasl?.password;
  const address = readPostgres({ url: postgres.url, env });
  const { rootCertificate, certificate, key } = address.ok ? address.value.tls : {};
  const files = [
    password === undefined
      ? undefined
      : (secretFile(env, password.name) ?? fileOf(env, password.name, platform.secrets)),
    ...Object.values(kafka.tls?.files ?? {}),
    rootCertificate,
    certificate,
    key,
  ];
  return files.filter((file) => file !== undefined);
}

async function readEach<S>(
  stores: Stores<S>,
  read: (store: S, name: string) => Promise<S>,
): Promise<Stores<S>> {
  const all = Object.entries(stores).map(async ([name, store]) => [name, await read(store, name)] as const);
  return Object.fromEntries(await Promise.all(all));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

interface Problem {
  readonly key: readonly string[];
  readonly why: string;
  /** Where what it is about did not come from the platform file. */
  readonly variable?: string | undefined;
}

class CredentialReader {
  readonly problems: Problem[] = [];
  readonly #world: World;
  readonly #ca: string | undefined;
  readonly #secrets: SecretSources | undefined;
  readonly #untrusted: PlatformUse["untrusted"];

  /** @param platform with whom to trust where a server names no authority of its own */
  constructor(
    world: World,
    { tls, secrets }: Pick<Platform, "tls" | "secrets">,
    untrusted: PlatformUse["untrusted"],
  ) {
    this.#world = world;
    this.#ca = tls?.ca;
    this.#secrets = secrets;
    this.#untrusted = untrusted;
  }

  async secret(key: readonly string[], { name }: NamedSecret): Promise<NamedSecret> {
    const read = await findSecret(this.#world, name, this.#secrets);
    if (!read.ok) return this.#refused(key, `cannot read ${name} from ${read.failure}`, { name });
    const { value = "" } = read.value ?? {};
    if (value.trim() === "") {
      const state = read.value === undefined ? "not set" : "blank";
      return this.#refused(
        key,
        `${name} is ${state}; export ${name}, or ${name}_FILE with the path of its file`,
        { name },
      );
    }
    return { name, value: new Secret(name, value) };
  }

  async kafka(path: readonly string[], { tls, sasl, ...store }: PlatformKafka): Promise<PlatformKafka> {
    const password =
      sasl === undefined ? undefined : await this.secret([...path, "sasl", "password"], sasl.password);
    return {
      ...store,
      ...(tls === undefined ? {} : { tls: await this.tls([...path, "tls"], tls) }),
      ...(sasl === undefined || password === undefined ? {} : { sasl: { ...sasl, password } }),
    };
  }

  /** An address of the environment has its own login. */
  async redis(path: readonly string[], { tls, password, ...store }: PlatformRedis): Promise<PlatformRedis> {
    const read =
      password === undefined || store.from !== undefined
        ? password
        : await this.secret([...path, "password"], password);
    return {
      ...store,
      ...(tls === undefined ? {} : { tls: await this.tls([...path, "tls"], tls) }),
      ...(read === undefined ? {} : { password: read }),
    };
  }

  async tls(key: readonly string[], { files }: ServerTls, variable?: string): Promise<ServerTls> {
    const ca =
      files.ca === undefined ? ok(this.#ca) : await readAuthority(this.#world, files.ca, this.#untrusted);
    if (!ca.ok) return this.#refused([...key, "ca"], ca.failure, { files }, variable);
    const own = await clientOf(files);
    if (!own.ok) return this.#refused(key, own.failure, { files }, variable);
    return { files, pem: { ...(ca.value === undefined ? {} : { ca: ca.value }), ...own.value } };
  }

  /** What a server over HTTP asks for, and its proxy. */
  async asked(key: readonly string[], { proxy, ...own }: Asked): Promise<Asked> {
    const read = await this.#server(key, own);
    if (proxy === undefined || proxy === "none") return read;
    return { ...read, proxy: { url: proxy.url, ...(await this.#server([...key, "proxy"], proxy)) } };
  }

  async #server(key: readonly string[], { tls, login }: Omit<Asked, "proxy">): Promise<Omit<Asked, "proxy">> {
    return {
      ...(tls === undefined ? {} : { tls: await this.tls([...key, "tls"], tls) }),
      ...(login === undefined
        ? {}
        : {
            login: { ...login, password: await this.secret([...key, "login", "password"], login.password) },
          }),
    };
  }

  #refused<T>(key: readonly string[], why: string, value: T, variable?: string): T {
    this.problems.push({ key, why, variable });
    return value;
  }
}

type Client = { readonly cert?: string; readonly key?: Secret };

/** A client's certificate and its key, which must belong together and not have run out. */
async function clientOf({ cert, key }: ServerTls["files"]): Promise<Result<Client, string>> {
  if (cert === undefined && key === undefined) return ok({});
  if (cert === undefined) return fail("a client key is set, but its certificate is not; set both");
  if (key === undefined) return fail("a client certificate is set, but its key is not; set both");
  const certificate = await readSourceFile(cert);
  if (!certificate.ok) return certificate;
  const privateKey = await readSourceFile(key);
  if (!privateKey.ok) return privateKey;
  const pem = { cert: certificate.value.source.text, key: privateKey.value.source.text };
  let shown: X509Certificate;
  try {
    shown = new X509Certificate(pem.cert);
  } catch {
    return fail(`no certificate in ${cert}; it must be PEM (BEGIN CERTIFICATE)`);
  }
  const until = new Date(shown.validTo);
  if (until.getTime() < Date.now())
    return fail(`the certificate in ${cert} expired at ${until.toISOString()}`);
  try {
    if (shown.checkPrivateKey(createPrivateKey(pem.key))) {
      return ok({ cert: pem.cert, key: new Secret(key, pem.key) });
    }
  } catch {
    return fail(`no readable private key in ${key}; it must be PEM without a passphrase`);
  }
  return fail(`the key in ${key} does not match the certificate in ${cert}`);
}
