import { fail, ok, type Result } from "../../base/result.ts";
import { hostText, readParts } from "../address.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Its number, as SELECT takes it. */
  readonly db: string;
  readonly tls: boolean;
  /** What AUTH takes: the password, or a user of the ACL and the password. */
  readonly login: readonly string[] | undefined;
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
  if (user !== "" && password === "") return fail("names a user and no password");
  return ok({
    host: host || "127.0.0.1",
    port: port ?? 6379,
    db,
    tls: scheme === "rediss",
    login: password === "" ? undefined : user === "" ? [password] : [user, password],
  });
}

/** `host:port/db`, never a credential. */
export function shownAddress({ host, port, db }: Address): string {
  return `${hostText(host)}:${port}/${db}`;
}
