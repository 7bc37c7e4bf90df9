import { fail, ok, type Result } from "../../base/result.ts";
import { readParts } from "../address.ts";

/** Where an engine listens. */
export type Address =
  | { readonly type: "socket"; readonly path: string }
  | { readonly type: "tcp"; readonly host: string; readonly port: number | undefined };

/** What is taken, for whoever gave something else. */
export const dockerForm =
  "give unix:///var/run/docker.sock or tcp://host:2376; an engine behind ssh is reached by ssh -L, which brings its socket here";

/** The failure goes on from the address's name. */
export function readAddress(host: string): Result<Address, string> {
  // As the engine's own client takes it, and as facts of a machine are often written.
  if (host.startsWith("/")) return ok({ type: "socket", path: host });
  const read = readParts(host);
  if (!read.ok) return read;
  const { scheme, host: name, port, path, user, options } = read.value;
  if (user !== "" || options.size > 0) return fail("has a login or an option, and none is taken");
  if (scheme === "unix" && name === "" && path.length > 1) return ok({ type: "socket", path });
  if (scheme === "unix") return fail("names no absolute path of a socket");
  if (scheme !== "tcp" && scheme !== "http") return fail(`begins with ${scheme}://`);
  if (name === "") return fail("names no host");
  return ok({ type: "tcp", host: name, port });
}
