import { fail, ok, type Result } from "../../base/result.ts";

export interface PostgresSettings {
  /** `postgresql://[user[:password]@]host[:port][/database][?sslmode=…]`. */
  readonly url: string;
  /** The same for a login that may use the connections the server keeps back, and may alter the system. */
  readonly admin?: string;
  /** The operator's PGUSER, PGPASSWORD and the like, for what the URL leaves out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
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

const known = new Set(["host", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name"]);

/** Reads the address; the failure is a sentence without any credential. */
export function readAddress({ url: written, env = {}, ca }: PostgresSettings): Result<Address, string> {
  if (!URL.canParse(written))
    return fail("is not an address of the form postgresql://user@host:5432/database");
  const url = new URL(written);
  if (url.protocol !== "postgresql:" && url.protocol !== "postgres:") {
    return fail(`must begin with postgresql://, and begins with ${url.protocol}//`);
  }
  for (const name of url.searchParams.keys()) {
    if (!known.has(name)) return fail(`has the option ${name}, which is none of ${[...known].join(", ")}`);
  }
  const mode = url.searchParams.get("sslmode") ?? filled(env["PGSSLMODE"]) ?? usual(ca);
  const sslMode = modes.find((candidate) => candidate === mode);
  if (sslMode === undefined) return fail(`has sslmode=${mode}, which is none of ${modes.join(", ")}`);
  const parts = decoded([url.hostname, url.username, url.password, url.pathname.slice(1)]);
  if (parts === undefined) return fail("has a % in it that encodes nothing; write %25 for the sign itself");
  const [hostname = "", username = "", password = "", database = ""] = parts;
  const user = filled(username) ?? filled(env["PGUSER"]) ?? filled(env["USER"]) ?? "postgres";
  const host = url.searchParams.get("host") ?? filled(hostname) ?? filled(env["PGHOST"]) ?? "127.0.0.1";
  const port = Number(filled(url.port) ?? filled(env["PGPORT"]) ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail("has a port that is no port");
  const rootCertificate = url.searchParams.get("sslrootcert") ?? filled(env["PGSSLROOTCERT"]);
  const certificate = url.searchParams.get("sslcert") ?? filled(env["PGSSLCERT"]);
  const key = url.searchParams.get("sslkey") ?? filled(env["PGSSLKEY"]);
  return ok({
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    user,
    password: filled(password) ?? filled(env["PGPASSWORD"]),
    database: filled(database) ?? filled(env["PGDATABASE"]) ?? user,
    tls: {
      mode: sslMode,
      ...(rootCertificate === undefined ? {} : { rootCertificate }),
      ...(ca === undefined ? {} : { authority: ca }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(key === undefined ? {} : { key }),
    },
  });
}

/** libpq's own; who names an authority wants to be sure of it. */
function usual(ca: string | undefined): SslMode {
  return ca === undefined ? "prefer" : "verify-full";
}

/** `host:port/database`, never a credential. */
export function shownAddress({ host, port, database }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

function decoded(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    return undefined;
  }
}
