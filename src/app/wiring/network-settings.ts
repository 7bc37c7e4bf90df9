import { dirname, resolve } from "node:path";
import type { CertificateSettings } from "../../drivers/net/certificate.ts";
import type { TlsMaterial } from "../../drivers/verified.ts";
import type { Platform } from "../../platform/platform.ts";
import type { World } from "../context/world.ts";

/** What TLS to the platform's ports takes, and where the file of another authority lies. */
export function networkSettings(
  world: World,
  platform: Pick<Platform, "services" | "prometheus" | "kafka" | "redis" | "tls" | "path">,
): CertificateSettings {
  const { services, prometheus, kafka, redis, tls: trusted, path } = platform;
  const served = Object.values(services).flatMap(({ url, instances, tls }) =>
    [url, ...instances].flatMap((at) => portOf(at, tls?.pem)),
  );
  const brokers = Object.values(kafka).flatMap((store) =>
    store.brokers.flatMap((broker) => portOf(`kafka://${broker}`, store.tls?.pem)),
  );
  const caches = Object.values(redis).flatMap(({ url, tls }) => portOf(url, tls?.pem));
  const asked = Object.values(prometheus ?? {}).flatMap(({ url, tls }) => portOf(url, tls?.pem));
  return {
    ca: trusted?.ca,
    ports: new Map([...brokers, ...caches, ...asked, ...served]),
    authority: async (file) => {
      const { readAuthority } = await import("../context/authority.ts");
      return await readAuthority(world, resolve(dirname(resolve(path)), file), "refuse");
    },
  };
}

const usualPorts: Readonly<Record<string, string>> = { "https:": "443", "rediss:": "6379", "kafka:": "9092" };

/** A port, and what TLS to it takes; none where nothing is said of it. */
function portOf(address: string, tls: TlsMaterial | undefined): readonly (readonly [string, TlsMaterial])[] {
  if (tls === undefined || !URL.canParse(address)) return [];
  const { hostname, port, protocol } = new URL(address);
  return [[`${hostname}:${port || usualPorts[protocol]}`, tls]];
}
