import { access } from "node:fs/promises";
import { join } from "node:path";
import { hostText } from "../address.ts";
import type { TlsMaterial } from "../verified.ts";
import { readAddress } from "./address.ts";

/** Where an engine is, as it was found once: the client here and every program that is started speak to this one. */
export interface EngineAt {
  /** `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly host: string;
  /** The folder of ca.pem, and of cert.pem and key.pem where a client shows one. With it TLS is spoken over TCP. */
  readonly certs?: string;
  /** What stands in it. */
  readonly tls?: TlsMaterial;
  /** The folder that Docker's own client is told to take its settings from. */
  readonly config?: string;
  /** Why it cannot be used, where that is known: a sentence about what named it. */
  readonly refused?: string;
}

/** What a program of Docker's takes to speak to the same engine. */
export function engineEnv({ host, certs, config }: EngineAt): Record<string, string> {
  return {
    DOCKER_HOST: host,
    ...(certs === undefined ? {} : { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certs }),
    ...(config === undefined ? {} : { DOCKER_CONFIG: config }),
  };
}

/** The files of a folder of certificates, by Docker's names: a client shows one where there is one. */
export async function certificatesIn(
  folder: string,
): Promise<{ readonly ca: string; readonly cert?: string; readonly key?: string }> {
  const [cert, key] = await Promise.all(
    ["cert.pem", "key.pem"].map(async (name) => {
      const path = join(folder, name);
      return await access(path).then(
        () => path,
        () => undefined,
      );
    }),
  );
  return {
    ca: join(folder, "ca.pem"),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The address as each of Docker's programs reads it: they differ in the port that they take where none is written. */
export function withPort(host: string, tls: boolean): string {
  const read = readAddress(host);
  if (!read.ok || read.value.type === "socket" || read.value.port !== undefined) return host;
  return `tcp://${hostText(read.value.host)}:${tls ? 2376 : 2375}`;
}
