import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startChild } from "../../../sandbox/child.ts";
import { whereIs } from "../../../tools/programs.ts";
import type { Authority } from "../authority.ts";

export interface Dockerd extends AsyncDisposable {
  readonly port: number;
  /** What stands for an engine without root: its second listener, where such a one has its only. */
  readonly runtime: string;
}

/** An engine of its own that runs nothing, over TCP with TLS for clients of this authority, and on a socket. */
export async function dockerd(authority: Authority): Promise<Dockerd> {
  const folder = mkdtempSync(join(tmpdir(), "lav-dockerd-"));
  const port = await freePort();
  const { certFile, keyFile } = authority.issue();
  const child = await startChild({
    command: [
      whereIs("dockerd") ?? "dockerd",
      `--host=tcp://127.0.0.1:${port}`,
      `--host=unix://${folder}/docker.sock`,
      "--tlsverify",
      `--tlscacert=${authority.caFile}`,
      `--tlscert=${certFile}`,
      `--tlskey=${keyFile}`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/run`,
      `--pidfile=${folder}/docker.pid`,
      `--containerd-namespace=lav-ir-tls-${port}`,
      ..."bridge=none iptables=false ip6tables=false ip-masq=false ip-forward=false"
        .split(" ")
        .map((setting) => `--${setting}`),
    ],
    cwd: folder,
    ready: /API listen on \/.*docker\.sock/,
  });
  return {
    port,
    runtime: folder,
    [Symbol.asyncDispose]: async () => {
      await child.stop("SIGTERM");
      await promisify(execFile)("sh", [
        "-c",
        `umount -l "${folder}"/data/* "${folder}"/run/* 2>/dev/null; true`,
      ]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
