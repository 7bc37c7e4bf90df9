// What a server over HTTP asks for, beside its address: TLS, a login, a proxy that carries requests to it.

import type { Problems } from "../language/problems.ts";
import { object, optional, required, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { nearestNode } from "./place.ts";
import type { PlatformLogin, PlatformProxy, ServerTls } from "./platform.ts";
import { filesOf } from "./tls-files.ts";

const line = text({ template: "none" });
/** A name that an environment may have. */
export const variable = text({
  template: "none",
  instead: "The name alone, without ${ }.",
  pattern: { test: /^[A-Za-z_][A-Za-z0-9_]*$/, says: "a variable's name" },
});
const proxyUrl = text({
  template: "none",
  instead: "A proxy is the same for every run; its password goes into login.",
  // Without a port, curl and others each take another one.
  pattern: {
    test: /^(none|https?:\/\/(\[[\da-fA-F:.]+\]|[^\s/?#@:[\]]+):\d{1,5}\/?)$/,
    says: "none, or an http or https address with a port and without a login, such as http://proxy.internal:3128",
  },
});

export const tlsFiles = {
  ca: optional(
    line,
    "PEM file of the authority that vouches for the server, relative to this file; tls.ca by default.",
  ),
  cert: optional(line, "PEM file of a client's certificate, and of those between it and its authority."),
  key: optional(line, "PEM file of its private key."),
};
/** Whether there is TLS at all, its URL says. */
const serverTlsShape = object(tlsFiles);
export const loginShape = object({
  user: required(line, "Its name; no colon can be in it."),
  password: required(
    variable,
    "Name of the variable with its password; NAME_FILE may name a file of it instead.",
  ),
});
export const proxyShape = object(
  {
    url: required(
      proxyUrl,
      "http://host:port, or https://host:port where TLS goes to the proxy itself; or none.",
    ),
    tls: optional(serverTlsShape, "What TLS to the proxy takes."),
    login: optional(loginShape, "The proxy's login (Basic)."),
  },
  { primary: "url" },
);

export const askedFields = {
  tls: optional(serverTlsShape, "What TLS to it takes."),
  login: optional(loginShape, "Requests to it carry this login (Basic)."),
  proxy: optional(
    proxyShape,
    "Requests to it go through this proxy, by CONNECT; none: direct, where an environment takes a proxy away. HTTPS_PROXY and its like are not used.",
  ),
};

interface AskedRead {
  readonly tls?: ServerTls["files"];
  readonly login?: { readonly user: string; readonly password: string };
}
export type ProxyRead = NonNullable<(typeof proxyShape)["type"]>;

/** What a server asks for, and the same of its proxy. */
export interface Asked {
  readonly tls?: ServerTls;
  readonly login?: PlatformLogin;
  readonly proxy?: PlatformProxy | "none";
}

/** Files of TLS by their absolute paths, and logins by the names of their passwords. */
export function askedOf(
  { proxy, ...own }: AskedRead & { readonly proxy?: ProxyRead },
  folder: string,
): Asked {
  const through = proxyOf(proxy, folder);
  return { ...serverOf(own, folder), ...(through === undefined ? {} : { proxy: through }) };
}

export function proxyOf(proxy: ProxyRead | undefined, folder: string): Asked["proxy"] {
  if (proxy === undefined || proxy.url === "none") return proxy === undefined ? undefined : "none";
  const { url, ...asked } = proxy;
  return { url: url.replace(/\/$/, ""), ...serverOf(asked, folder) };
}

function serverOf({ tls, login }: AskedRead, folder: string): Pick<Asked, "tls" | "login"> {
  return {
    ...(tls === undefined ? {} : { tls: { files: filesOf(tls, folder) } }),
    ...(login === undefined ? {} : { login: { user: login.user, password: { name: login.password } } }),
  };
}

/** What no shape says of them: keys that only make sense together. @param path where it stands */
export function checkAsked(
  { tls, login, proxy }: AskedRead & { readonly proxy?: ProxyRead | undefined },
  path: readonly string[],
  node: Node,
  problems: Problems,
): void {
  checkServer({ tls, login }, path, node, problems);
  if (proxy === undefined) return;
  const its = [...path, "proxy"];
  const say = (message: string): void =>
    problems.add(nearestNode(node, its).span, `${its.join(".")} ${message}`);
  const more = ["tls", "login"].filter((key) => proxy[key as "tls" | "login"] !== undefined);
  if (proxy.url !== "none" && !URL.canParse(proxy.url)) say(`${proxy.url} is not an address`);
  if (proxy.url === "none" && more.length > 0) say(`is none, and has ${more.join(" and ")}`);
  else if (proxy.url.startsWith("http:") && proxy.tls !== undefined)
    say("has tls, but its url does not use TLS; write https://");
  checkServer(proxy, its, node, problems);
}

function checkServer(
  {
    tls,
    login,
  }: { readonly tls?: AskedRead["tls"] | undefined; readonly login?: AskedRead["login"] | undefined },
  path: readonly string[],
  node: Node,
  problems: Problems,
): void {
  if (login?.user.includes(":") === true) {
    const message = "a login's name contains a colon, which Basic authentication does not allow";
    problems.add(nearestNode(node, [...path, "login", "user"]).span, message);
  }
  checkPair(tls, [...path, "tls"], node, problems);
}

/** A client's certificate is of no use without its key. */
export function checkPair(
  tls: ServerTls["files"] | undefined,
  path: readonly string[],
  node: Node,
  problems: Problems,
): void {
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return;
  problems.add(nearestNode(node, path).span, `${path.join(".")} has only one of cert and key; it needs both`);
}
