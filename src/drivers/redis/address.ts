import { fail, ok, type Result } from "../../base/result.ts";
import { hostText, readParts } from "../address.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Its number, as SELECT takes it. */
  readonly db: string;
  readonly tls: boolean;
  /** A user of the ACL; empty for the default one. */
  readonly user: string;
  readonly password: string;
}

/** What is taken, for whoever gave something else. */
export const redisForm =
  "give redis://host:6379/0, or rediss:// for TLS, a login before the host as user:password@";

/** The failure goes on from the address's name and holds no credential. */
export function readAddress(url: string): Result<Address, string> {
  const read = readParts(url);
  if (!read.ok) return read;
  const { scheme, host, port, path, user, password, options } = read.value;
  if (scheme !== "redis" && scheme !== "rediss") return fail(`begins with ${scheme}://`);
  const [option] = options.keys();
  if (option !== undefined) return fail(`has the option ${option}, and none is taken`);
  const db = path.replace(/^\//, "") || "0";
  if (!/^\d{1,9}$/.test(db)) return fail("has a database that is no number");
  return ok({
    host: host || "127.0.0.1",
    port: port ?? 6379,
    db,
    tls: scheme === "rediss",
    user,
    password,
  });
}

/**
 * What AUTH takes: the password, or a user of the ACL and the password; undefined where there is no login.
 * @param word the password, where the address has none
 */
export function loginOf(
  { user, password }: Address,
  word = "",
): Result<readonly string[] | undefined, string> {
  const said = password || word;
  if (said === "") return user === "" ? ok(undefined) : fail("names a user but no password");
  return ok(user === "" ? [said] : [user, said]);
}

/** `host:port/db`, never a credential. */
export function shownAddress({ host, port, db }: Address): string {
  return `${hostText(host)}:${port}/${db}`;
}
