import { fail, ok, type Result } from "../../base/result.ts";
import { hostText, isPort, manyHosts, readParts, type AddressParts } from "../address.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface PostgresSettings {
  /** `postgresql://[user[:password]@]host[:port][/database][?sslmode=…]`. */
  readonly url: string;
  /** The same for a login that may use the connections the server keeps back, and may alter the system. */
  readonly admin?: string;
  /** The operator's PGUSER, PGPASSWORD and the like, for what the URL leaves out. */
  readonly env?: Env;
  /** The authority's certificates, as PEM, where the address names no file of them. */
  readonly ca?: string | undefined;
}

export interface Address {
  /** A name, an IP address, or the folder of a socket (it begins with a slash). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: Tls;
}

/** What libpq's words for `sslmode` mean. */
export interface Tls {
  readonly mode: SslMode;
  /** Paths of PEM files. */
  readonly rootCertificate?: string;
  /** PEM itself, where there is no such file. */
  readonly authority?: string;
  readonly certificate?: string;
  readonly key?: string;
}

const modes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof modes)[number];

/** What is taken, for whoever gave something else. */
export const postgresForm =
  "give postgresql://user@host:5432/database?sslmode=verify-full, or postgresql:///database?host=/run/postgresql for a socket; PGPASSWORD may hold the password";

/** As libpq has them, with the variable that stands in for each. */
const options = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: "PGDATABASE",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
} as const;
type Option = keyof typeof options;

/** The word of libpq for the authorities that are trusted without a file: no private one is. */
const systemRoots = "system";

/** Taken and not used: every connection here is named lav-ir, and has the deadline of its step. */
const harmless = ["application_name", "connect_timeout"];
const known = new Set<string>([...Object.keys(options), ...harmless]);

/** Variables that libpq knows and that are not used here; the names are its own. */
const unused =
  "APPNAME CHANNELBINDING CLIENTENCODING CONNECT_TIMEOUT DATESTYLE GEQO GSSENCMODE HOSTADDR KRBSRVNAME LOADBALANCEHOSTS MAXPROTOCOLVERSION MINPROTOCOLVERSION OPTIONS PASSFILE REPLICATION REQUIREAUTH REQUIREPEER REQUIRESSL SERVICE SERVICEFILE SSLCERTMODE SSLCOMPRESSION SSLCRL SSLCRLDIR SSLMAXPROTOCOLVERSION SSLMINPROTOCOLVERSION SSLNEGOTIATION SSLSNI TARGETSESSIONATTRS TZ";

/** Those of libpq's variables that are set here and change nothing, so that a person may be told. */
export function unusedVariables(env: Env): readonly string[] {
  return unused
    .split(" ")
    .map((name) => `PG${name}`)
    .filter((name) => filled(env[name]) !== undefined);
}

/** What is wrong with a variable that goes into an address, as a sentence. */
export function wrongVariable(env: Env): string | undefined {
  const [port, mode] = [filled(env["PGPORT"]), filled(env["PGSSLMODE"])];
  if (port !== undefined && !isPort(port)) return "PGPORT is not a port; give a number from 1 to 65535";
  return mode === undefined || modes.some((known) => known === mode) ? undefined : noMode("PGSSLMODE", mode);
}

function noMode(name: string, mode: string): string {
  return `${name}=${mode}, which is none of ${modes.join(", ")}`;
}

/** Reads the address; the failure is a sentence without any credential. */
export function readAddress({ url, env = {}, ca }: PostgresSettings): Result<Address, string> {
  const read = readParts(url);
  if (!read.ok) return read;
  const { scheme } = read.value;
  if (scheme !== "postgresql" && scheme !== "postgres") return fail(`begins with ${scheme}://`);
  const written = valuesIn(read.value);
  if (!written.ok) return written;
  const value = (name: Option): string | undefined => written.value[name] ?? filled(env[options[name]]);
  const host = value("host") ?? "127.0.0.1";
  const inherited = written.value.host === undefined && filled(env["PGHOST"]) !== undefined;
  const wrong = whyNoHost(host);
  if (wrong !== undefined) return fail(inherited ? `goes by PGHOST, which ${wrong}` : wrong);
  const seconds = read.value.options.get("connect_timeout");
  if (seconds !== null && !/^-?\d+$/.test(seconds))
    return fail("has a connect_timeout that is no number of seconds");
  const named = value("sslrootcert");
  const mode = value("sslmode") ?? (named === systemRoots ? "verify-full" : usual(ca));
  const sslMode = modes.find((candidate) => candidate === mode);
  if (sslMode === undefined) return fail(`has ${noMode("sslmode", mode)}`);
  const user = value("user") ?? filled(env["USER"]) ?? "postgres";
  const port = value("port") ?? "5432";
  if (!isPort(port)) return fail("has an invalid port");
  if (named === systemRoots && sslMode !== "verify-full")
    return fail(`has sslrootcert=${systemRoots}, which takes sslmode=verify-full alone`);
  const [rootCertificate, authority] = named === systemRoots ? [] : [named, ca];
  const certificate = value("sslcert");
  const key = value("sslkey");
  return ok({
    host,
    port: Number(port),
    user,
    password: value("password"),
    database: value("dbname") ?? user,
    tls: {
      mode: sslMode,
      ...(rootCertificate === undefined ? {} : { rootCertificate }),
      ...(authority === undefined ? {} : { authority }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(key === undefined ? {} : { key }),
    },
  });
}

/** A socket's folder is none of these. */
function whyNoHost(host: string): string | undefined {
  if (host.startsWith("/")) return undefined;
  if (manyHosts(host)) return "names several hosts";
  return /\s/.test(host) ? "has a blank in its host" : undefined;
}

/** What the address itself says, whether before its `?` or behind it. */
function valuesIn(parts: AddressParts): Result<Readonly<Partial<Record<Option, string>>>, string> {
  for (const name of parts.options.keys()) {
    if (!known.has(name)) return fail(`has the option ${name}, which is none of ${[...known].join(", ")}`);
  }
  const { host, port, user, password, path } = parts;
  const before = { host, port: port?.toString(), user, password, dbname: path.slice(1) };
  const values: Partial<Record<Option, string>> = {};
  for (const name of Object.keys(options) as Option[]) {
    const one = filled(
      parts.options.get(name) ?? (name in before ? before[name as keyof typeof before] : ""),
    );
    if (one !== undefined) values[name] = one;
  }
  return ok(values);
}

/**
 * What of the operator's variables goes with an address. PGHOST, PGPORT and PGDATABASE name one server: they say
 * nothing of another than the main one.
 */
export function envOf(env: Env, isMain: boolean): Env {
  if (isMain) return env;
  const { PGHOST: _host, PGPORT: _port, PGDATABASE: _database, ...rest } = env;
  return rest;
}

/** What of the environment goes with an address. */
export interface Overlay {
  /** The operator's own address goes before PG*; PG* goes before the platform file's, as it does for psql. */
  readonly first: "address" | "environment";
  /** An administrator's login is another one: what the address says of it stays. */
  readonly login: boolean;
}

/**
 * The address with the operator's variables laid into it: whoever reads it after this, with these variables or
 * without, reads the same server. A password stays in its variable, and a login that nobody named is not put in.
 */
export function settled(url: string, env: Env, { first, login }: Overlay): Result<string, string> {
  const read = readParts(url);
  if (!read.ok) return read;
  const own = valuesIn(read.value);
  if (!own.ok) return own;
  const values: Partial<Record<Option, string>> = { ...own.value };
  for (const name of login ? [...ofServer, ...ofLogin] : ofServer) {
    const said = filled(env[options[name]]);
    if (said !== undefined && (first === "environment" || values[name] === undefined)) values[name] = said;
  }
  values.dbname ??= values.user ?? filled(env["USER"]) ?? "postgres";
  const query = (Object.entries(values) as [Option, string][]).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  return ok(`${read.value.scheme}://?${query.join("&")}`);
}

const ofServer = ["host", "port", "dbname", "sslmode", "sslrootcert"] as const;
const ofLogin = ["user", "sslcert", "sslkey"] as const;

/** libpq's own; who names an authority wants to be sure of it. */
function usual(ca: string | undefined): SslMode {
  return ca === undefined ? "prefer" : "verify-full";
}

/** `host:port/database`, never a credential. */
export function shownAddress({ host, port, database }: Address): string {
  return `${hostText(host)}:${port}/${database}`;
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
