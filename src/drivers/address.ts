import { fail, ok, type Result } from "../base/result.ts";

/** An address in its parts, each as it is meant (percent escapes read); empty where it is left out. */
export interface AddressParts {
  /** Without its colon, in small letters. */
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** An IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** With its first slash. */
  readonly path: string;
  readonly options: URLSearchParams;
}

/**
 * An `@` ends a login and stands nowhere else: a password with a `/` or a `?` in it is refused, and never taken for a
 * database or an option, which are shown.
 * Node's URL is no use: it takes no address that has a login and no host, and knows other rules for each scheme.
 */
const form =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^@/?#:]*)(?::([^@/?#]*))?@)?(\[[^\]\s]*\]|[^:/?#[\]@\s]*)(?::([^/?#@,\s]*))?(\/[^?#@\s]*)?(?:\?([^#@\s]*))?$/i;

/**
 * The one reader of addresses that stores have: `scheme://user:password@host:port/path?options`.
 *
 * @returns a failure that goes on from the address's name, and holds no part of the address.
 */
export function readParts(written: string): Result<AddressParts, string> {
  const match = form.exec(written);
  if (match === null) return fail(whyNone(written));
  const [, scheme = "", user = "", password = "", host = "", port, path = "", options = ""] = match;
  const parts = decoded([user, password, host, path]);
  if (parts === undefined) return fail("has a % that is not an escape; write %25 for the character itself");
  // No server's name, login or database has one; PostgreSQL would end the text there.
  if (parts.some((part) => part.includes("\0"))) return fail("has a NUL (%00) in it");
  if (manyHosts(parts[2] ?? "")) return fail("names several hosts");
  const number = port === undefined || port === "" ? undefined : Number(port);
  if (port !== undefined && number !== undefined && !isPort(port)) return fail("has an invalid port");
  const [readUser = "", readPassword = "", readHost = "", readPath = ""] = parts;
  return ok({
    scheme: scheme.toLowerCase(),
    user: readUser,
    password: readPassword,
    host: readHost.replace(/^\[(.*)\]$/, "$1"),
    port: number,
    path: readPath,
    options: new URLSearchParams(options),
  });
}

/** As libpq lists them; no name of a host has a comma. */
export function manyHosts(host: string): boolean {
  return host.includes(",");
}

/** Digits alone, and a number that a port can have. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** A host as it stands before a port. */
export function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function whyNone(written: string): string {
  if (written.trim() !== written || /\s/.test(written)) return "has a blank or a line break in it";
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return "has no scheme before its host";
  const hosts = /^[^:]*:\/\/(?:.*@)?([^/?#]*)/.exec(written)?.[1] ?? "";
  if (hosts.includes(",")) return "names several hosts";
  return "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40";
}

function decoded(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    return undefined;
  }
}
