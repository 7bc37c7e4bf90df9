import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./places.ts";
import { whereIs } from "./programs.ts";
import { runProgram, waiting, type Log } from "./wait.ts";

const policy = "/usr/sbin/policy-rc.d";
const marker = "# lav-ir: no service is started while packages are installed";
const deny = `#!/bin/sh\n${marker}\n# of process ${process.pid}\nexit 101\n`;

/** Whether this machine is one where packages can be installed: Debian's tools, and root to run them. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && whereIs("apt-get") !== undefined && whereIs("dpkg-deb") !== undefined;
}

/** Whether a run that was killed while it installed left its `policy-rc.d`: no service would ever start again. */
export function policyLeft(): boolean {
  if (!existsSync(policy)) return false;
  const text = readFileSync(policy, "utf8");
  const [, pid] = /^# of process (\d+)$/m.exec(text) ?? [];
  return text.includes(marker) && !(pid !== undefined && existsSync(`/proc/${pid}`));
}

/**
 * Installs Debian packages, without starting the services they bring and without touching those that run:
 * Debian asks `policy-rc.d` first, and ours says no. One that the machine has is covered only for the
 * installation itself, in a mount namespace of its own.
 */
export async function installPackages(packages: readonly string[], log: Log): Promise<void> {
  const install = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600", "install", ...packages];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await waiting(log, "apt-get update", async () => {
    await runProgram("apt-get", ["-o", "DPkg::Lock::Timeout=600", "update"], { env });
  });
  await waiting(log, `apt-get install ${packages.join(" ")}`, async () => {
    const running = enabledServices();
    // A killed run may have left ours behind.
    const own = !existsSync(policy) || readFileSync(policy, "utf8").includes(marker);
    if (own) writeFileSync(policy, deny, { mode: 0o755 });
    try {
      if (own) await runProgram("apt-get", install, { env });
      else await installUnderCover(install, env);
    } finally {
      if (own) rmSync(policy, { force: true });
    }
    await disableNew(running);
  });
}

async function installUnderCover(install: readonly string[], env: Record<string, string>): Promise<void> {
  const cover = join(cacheFolder(), "policy-rc.d");
  writeFileSync(cover, deny, { mode: 0o755 });
  const script = 'mount --bind "$0" "$1" && shift && exec apt-get "$@"';
  await runProgram("unshare", ["--mount", "sh", "-c", script, cover, policy, ...install], { env });
}

const services = ["postgresql", "redis-server", "prometheus", "docker", "docker.socket", "containerd"];

/** Those of the services here that the machine starts by itself; undefined without systemd. */
function enabledServices(): Promise<string[]> | undefined {
  if (!existsSync("/run/systemd/system")) return undefined;
  return Promise.all(
    services.map(async (service) => {
      const enabled = await runProgram("systemctl", ["is-enabled", "--quiet", service]).then(
        () => true,
        () => false,
      );
      return enabled ? service : "";
    }),
  );
}

/** What was installed now is for the tests alone: the machine's next start must not bring it up. */
async function disableNew(before: Promise<string[]> | undefined): Promise<void> {
  const known = await before;
  if (known === undefined) return;
  for (const service of (await enabledServices()) ?? []) {
    if (service !== "" && !known.includes(service)) {
      await runProgram("systemctl", ["disable", "--quiet", service]).catch(() => "");
    }
  }
}
