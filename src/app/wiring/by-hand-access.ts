import { shellLiteral } from "../../base/quote.ts";
import { hostText, readParts, type AddressParts } from "../../drivers/address.ts";
import type { Access, Where } from "../../kinds/kind.ts";
import type {
  Platform,
  PlatformKafka,
  PlatformLogin,
  PlatformPostgres,
  PlatformRedis,
  PlatformTls,
  ServerTls,
} from "../../platform/platform.ts";
import { eachStore, mainOf } from "../../platform/stores.ts";
import type { Asked } from "../../platform/asked.ts";
import { askedByOrigin, type Servers } from "./servers.ts";

type Stores = Pick<Platform, "postgres" | "redis" | "tls"> &
  Partial<Pick<Platform, "kafka" | "prometheus" | "proxyVariables">>;

/** How commands by hand log in to the stores and whom they trust, as the platform file says: no secret is in it. */
export function accessWhere({
  postgres,
  redis,
  kafka = {},
  prometheus = {},
  tls,
  proxyVariables,
}: Stores): Pick<Where, "access" | "accesses"> {
  const accesses = {
    postgres: eachStore(postgres, (store) => postgresAccess(store, tls)),
    redis: eachStore(redis, (store) => redisAccess(store, tls)),
    kafka: eachStore(kafka, kafkaAccess),
    prometheus: eachStore(prometheus, (store) => ({
      options: curlOf(store.url, store, { tls, proxyVariables }, true),
    })),
  };
  const brokers = Object.keys(kafka).length === 0 ? {} : { kafka: mainOf(accesses.kafka) };
  const asked = Object.keys(prometheus).length === 0 ? {} : { prometheus: mainOf(accesses.prometheus) };
  const access = { postgres: mainOf(accesses.postgres), redis: mainOf(accesses.redis), ...brokers, ...asked };
  return { accesses, access };
}

/** psql asks for a password itself, or takes PGPASSWORD; the whole address is used where a variable has it. */
function postgresAccess({ url, from }: PlatformPostgres, tls: PlatformTls | undefined): Access {
  const read = readParts(url);
  if (!read.ok) return {};
  const { user, password, options } = read.value;
  const trusted = tls !== undefined && !options.has("sslrootcert") ? [["PGSSLROOTCERT", tls.file]] : [];
  const mode = tls !== undefined && !options.has("sslmode") ? [["PGSSLMODE", "verify-full"]] : [];
  const variables = [...mode, ...trusted].map(([name = "", value = ""]) => `${name}=${shellLiteral(value)}`);
  const secret = password !== "" || options.has("password");
  if (secret && from !== undefined) return { to: `"$${from}"`, variables };
  if (user === "" && options.size === 0) return { variables };
  return { to: shellLiteral(withoutPassword(plainParts(read.value))), variables };
}

/** What stands behind the `?` and has a place before it, put there; a socket's folder has none. */
function plainParts(parts: AddressParts): AddressParts {
  const options = new URLSearchParams(parts.options);
  const [host, port] = [options.get("host"), options.get("port")];
  if (host === null || host.startsWith("/")) return parts;
  const [user, database] = [options.get("user"), options.get("dbname")];
  for (const name of ["host", "port", "user", "dbname"]) options.delete(name);
  return {
    ...parts,
    host,
    port: port === null ? parts.port : Number(port),
    user: user ?? parts.user,
    path: database === null ? parts.path : `/${database}`,
    options,
  };
}

/** The address as libpq reads it, less the password, wherever in it that stands. */
function withoutPassword({ scheme, user, host, port, path, options }: AddressParts): string {
  const login = user === "" ? "" : `${encodeURIComponent(user)}@`;
  const place = `${hostText(host)}${port === undefined ? "" : `:${port}`}`;
  const kept = [...options].filter(([name]) => name !== "password");
  const written = kept.map(([name, value]) => `${name}=${encodeURI(value).replaceAll("&", "%26")}`);
  const database = path.split("/").map(encodeURIComponent).join("/");
  return `${scheme}://${login}${place}${database}${kept.length === 0 ? "" : `?${written.join("&")}`}`;
}

function redisAccess({ url, from, password, tls }: PlatformRedis, trusted: PlatformTls | undefined): Access {
  const read = readParts(url);
  if (!read.ok) return {};
  const { scheme, user, password: written } = read.value;
  const { ca, cert, key } = { ca: trusted?.file, ...tls?.files };
  const files = Object.entries({ "--cacert": ca, "--cert": cert, "--key": key });
  const secured = files.flatMap(([name, file]) => (file === undefined ? [] : [name, file]));
  const overTls = scheme === "rediss";
  if (written !== "" && from !== undefined) return { to: `-u "$${from}"`, options: overTls ? secured : [] };
  const login = user === "" ? [] : ["--user", user];
  // One that the file itself has stands in no command: the person sets the variable that redis-cli reads.
  const own = written === "" ? undefined : '"${REDISCLI_AUTH:?set it to the password}"';
  const secret = own ?? (password === undefined ? undefined : `"$${password.name}"`);
  return {
    options: [...(overTls ? ["--tls", ...secured] : []), ...login],
    variables: secret === undefined ? [] : [`REDISCLI_AUTH=${secret}`],
  };
}

/** Kafka's programs take a login and TLS from a file alone, which has the password in it: the person writes it. */
function kafkaAccess({ tls, sasl }: PlatformKafka): Access {
  if (tls === undefined && sasl === undefined) return {};
  const protocol = `${sasl === undefined ? "" : "SASL_"}${tls === undefined ? "PLAINTEXT" : "SSL"}`;
  const login =
    sasl === undefined
      ? []
      : [
          `sasl.mechanism=${sasl.mechanism}`,
          `sasl.jaas.config for user ${sasl.user} with the password in $${sasl.password.name}`,
        ];
  const { ca, cert, key } = tls?.files ?? {};
  const trusted = ca === undefined ? [] : ["ssl.truststore.type=PEM", `ssl.truststore.location=${ca}`];
  const own = cert === undefined ? [] : [`the client's certificate ${cert} and key ${key ?? cert}`];
  const settings = [`security.protocol=${protocol}`, ...login, ...trusted, ...own].join(", ");
  return {
    note: `add --command-config FILE (kafka-console-consumer.sh: --consumer.config, kcat: -F); FILE sets ${settings}`,
  };
}

/** The same for whatever is asked over HTTP: who vouches for the server, the login of its entry, and its proxy. */
export function curlOptions(servers: Servers): NonNullable<Where["curlOptions"]> {
  const known = askedByOrigin(servers);
  return (url, withLogin) =>
    URL.canParse(url) ? curlOf(url, known.get(new URL(url).origin), servers, withLogin) : [];
}

/** What goes for every server that says nothing of its own. */
interface Environment {
  readonly tls?: PlatformTls | undefined;
  readonly proxyVariables?: readonly string[] | undefined;
}

/** What one of them asks for, as curl takes it. */
function curlOf(
  url: string,
  { tls, login, proxy }: Asked = {},
  { tls: trusted, proxyVariables = [] }: Environment,
  withLogin: boolean,
): readonly string[] {
  const secured = url.startsWith("https:") ? filesOf("--", trusted?.file, tls) : [];
  const own = login === undefined || !withLogin ? [] : ["-u", loginOf(login)];
  // curl goes by the environment where nothing else is said; a step does not.
  if (proxy === undefined || proxy === "none") {
    const past = proxy === "none" || proxyVariables.length > 0;
    return [...(past ? ["--noproxy", "'*'"] : []), ...secured, ...own];
  }
  const { url: by, tls: proxyTls, login: proxyLogin } = proxy;
  return [
    "--proxytunnel",
    "--proxy",
    shellLiteral(by),
    "--noproxy",
    "''",
    ...(by.startsWith("https:") ? filesOf("--proxy-", trusted?.file, proxyTls) : []),
    ...(proxyLogin === undefined ? [] : ["-U", loginOf(proxyLogin)]),
    ...secured,
    ...own,
  ];
}

function filesOf(
  prefix: "--" | "--proxy-",
  trusted: string | undefined,
  tls: ServerTls | undefined,
): string[] {
  const { ca, cert, key } = tls?.files ?? {};
  const files = Object.entries({ cacert: ca ?? trusted, cert, key });
  return files.flatMap(([name, file]) =>
    file === undefined ? [] : [`${prefix}${name}`, shellLiteral(file)],
  );
}

function loginOf({ user, password }: PlatformLogin): string {
  return `${shellLiteral(`${user}:`)}"$${password.name}"`;
}
