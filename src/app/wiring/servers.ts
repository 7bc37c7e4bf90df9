import type { HttpOrigin } from "../../drivers/http/http.ts";
import type { HttpProxy } from "../../drivers/http/proxy.ts";
import type { Asked } from "../../platform/asked.ts";
import type { Platform, PlatformLogin, PlatformTls } from "../../platform/platform.ts";

export type Servers = Pick<Platform, "services" | "prometheus" | "tls" | "proxyVariables">;

/** What each server over HTTP asks for, by the origins that it is at: Prometheus and the services. */
export function askedByOrigin({ services, prometheus }: Servers): ReadonlyMap<string, Asked> {
  const others = Object.values(prometheus ?? {}).map((store) => ({ instances: [], ...store }));
  const entries = [...others, ...Object.values(services)].flatMap(({ url, instances, tls, login, proxy }) => {
    const asked: Asked = {
      ...(tls === undefined ? {} : { tls }),
      ...(login === undefined ? {} : { login }),
      ...(proxy === undefined ? {} : { proxy }),
    };
    const known = Object.keys(asked).length > 0;
    return known ? [url, ...instances].map((at) => [new URL(at).origin, asked] as const) : [];
  });
  return new Map(entries);
}

/** Every login that these name, their proxies' among them. */
export function loginsOf(servers: Pick<Servers, "services" | "prometheus">): readonly PlatformLogin[] {
  return [...Object.values(servers.services), ...Object.values(servers.prometheus ?? {})].flatMap(
    ({ login, proxy }) =>
      [login, proxy === "none" ? undefined : proxy?.login].filter((one) => one !== undefined),
  );
}

/** The same for the driver, as far as it was read. */
export function originOf({ proxy, ...own }: Asked, trusted: PlatformTls | undefined): HttpOrigin {
  const asked = serverOf(own, trusted);
  if (proxy === undefined || proxy === "none") return asked;
  const by: HttpProxy = { url: proxy.url, ...serverOf(proxy, trusted) };
  return { ...asked, proxy: by };
}

function serverOf(
  { tls, login }: Omit<Asked, "proxy">,
  trusted: PlatformTls | undefined,
): Omit<HttpOrigin, "proxy"> {
  const password = login?.password.value;
  return {
    tls: tls?.pem ?? { ca: trusted?.ca },
    ...(login === undefined || password === undefined ? {} : { login: { user: login.user, password } }),
  };
}

/** The address of the proxy that carries a request there; undefined where it goes direct. */
export function viaOf(servers: Servers): (url: string) => string | undefined {
  const asked = askedByOrigin(servers);
  return (url) => {
    const proxy = URL.canParse(url) ? asked.get(new URL(url).origin)?.proxy : undefined;
    return proxy === "none" ? undefined : proxy?.url;
  };
}
