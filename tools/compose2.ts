import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "./places.ts";
import { whereIs } from "./programs.ts";
import { runProgram } from "./wait.ts";

/** The Debian release after the one that ends with Compose 1.29. */
const release = "trixie";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Compose 2 as a program of its own: the one fetched before, or `docker-compose` where that is a 2. */
export async function findCompose2(): Promise<string | undefined> {
  const fetched = join(cacheFolder("compose2"), "docker-compose");
  if (existsSync(fetched)) return fetched;
  const installed = whereIs("docker-compose", ["/usr/libexec/docker/cli-plugins"]);
  if (installed === undefined) return undefined;
  const version = await runProgram(installed, ["version", "--short"]).catch(() => "");
  return /^v?[2-9]\./.test(version) ? installed : undefined;
}

/**
 * Brings Compose 2 from the package of Debian's next release, whose binary needs only libc. The mirror is
 * the machine's own, asked through apt with lists of its own, so that apt checks the signatures and the
 * system's sources, lists and packages stay as they are.
 */
export async function fetchCompose2(): Promise<string> {
  const folder = cacheFolder("compose2");
  const work = await mkdtemp(join(folder, "fetch-"));
  try {
    const sources = join(work, "sources.list");
    await writeFile(sources, `deb ${await debianMirror()} ${release} main\n`);
    await Promise.all(
      ["lists/partial", "cache/archives/partial", "unpacked"].map((name) =>
        mkdir(join(work, name), { recursive: true }),
      ),
    );
    const settings = [
      `Dir::Etc::SourceList=${sources}`,
      "Dir::Etc::SourceParts=-",
      `Dir::State::Lists=${join(work, "lists")}`,
      `Dir::Cache=${join(work, "cache")}`,
      "Acquire::Languages=none",
      "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
      "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
      "APT::Sandbox::User=root",
    ].flatMap((setting) => ["-o", setting]);
    await runProgram("apt-get", [...settings, "update"], { cwd: work });
    await runProgram("apt-get", [...settings, "download", `docker-compose/${release}`], { cwd: work });
    const archive = readdirSync(work).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error(`Debian ${release} has no package docker-compose`);
    await runProgram("dpkg-deb", ["-x", join(work, archive), join(work, "unpacked")]);
    const program = join(folder, "docker-compose");
    await rename(join(work, "unpacked/usr/libexec/docker/cli-plugins/docker-compose"), program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** `[signed-by=…] address` of the source that carries this machine's own Debian release. */
async function debianMirror(): Promise<string> {
  const format = "$(RELEASE) $(REPO_URI)";
  const listed = await runProgram("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const own = listed.split("\n").find((line) => /^(\w+) /.exec(line)?.[1] === codename);
  const address = own?.split(" ")[1];
  if (codename === undefined || address === undefined) {
    throw new Error("apt has no source of this Debian release, from whose mirror Compose 2 could come");
  }
  return existsSync(keyring) ? `[signed-by=${keyring}] ${address}` : address;
}
