import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder } from "../tools/places.ts";
import { runProgram } from "../tools/wait.ts";
import { whereIs } from "../tools/programs.ts";
import { askEngine, engineJson } from "./docker.ts";

/** Changes with the recipe below, so that an image made by an older one is not taken. */
const recipe = "2";
const repository = "lav-ir/node";

const passwd = [
  "root:x:0:0:root:/root:/bin/sh",
  "postgres:x:70:70:postgres:/var/lib/postgresql:/bin/sh",
  "nobody:x:65534:65534:nobody:/:/bin/sh",
];
const group = ["root:x:0:", "postgres:x:70:", "nogroup:x:65534:"];

/**
 * The image that every container runs: this machine's own Node, a shell for the health checks and the
 * libraries they name, because no image registry may be reachable. It is named after what it holds and made once.
 * @returns its name and tag
 */
export async function ensureImage(host: string): Promise<string> {
  const shell = whereIs("bash") ?? "/bin/bash";
  const libraries = await librariesOf(process.execPath, shell);
  const tag = await digestOf([process.execPath, shell, ...libraries]);
  const name = `${repository}:${tag}`;
  const found = await askEngine(host, { path: `/images/${encodeURIComponent(name)}/json` });
  if (found.status === 200) return name;
  const folder = stateFolder(`image-${process.pid}`);
  try {
    layOut(folder, shell, libraries);
    const tar = spawn("tar", ["-c", "--owner=0", "--group=0", "-C", folder, "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const changes = ["ENV PATH=/opt/node/bin:/usr/bin:/bin:/usr/sbin:/sbin", 'CMD ["/opt/node/bin/node"]'];
    const query = [
      `fromSrc=-&repo=${encodeURIComponent(repository)}&tag=${tag}`,
      ...changes.map((change) => `changes=${encodeURIComponent(change)}`),
    ].join("&");
    const path = `/images/create?${query}`;
    await engineJsonLines(host, path, tar.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await engineJson(host, { path: `/images/${encodeURIComponent(name)}/json` });
  return name;
}

/** The engine streams its progress; an error is in the stream, not in the status. */
async function engineJsonLines(host: string, path: string, body: AsyncIterable<Buffer>): Promise<void> {
  const reply = await askEngine(host, { method: "POST", path, body, within: 120_000 });
  if (reply.status >= 300 || reply.text.includes('"error"')) {
    throw new Error(`importing the image: ${reply.status} ${reply.text.trim()}`);
  }
}

/** Debian's layout of folders: `/lib` and its like are links into `/usr`. */
function layOut(folder: string, shell: string, libraries: readonly string[]): void {
  for (const name of ["tmp", "proc", "sys", "dev", "etc", "root", "app", "faults", "scripts", "kafka"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const name of ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "var/lib", "opt/node/bin"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  chmodSync(join(folder, "tmp"), 0o1777);
  writeFileSync(join(folder, "etc/passwd"), `${passwd.join("\n")}\n`);
  writeFileSync(join(folder, "etc/group"), `${group.join("\n")}\n`);
  writeFileSync(join(folder, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  for (const [from, to] of [
    [process.execPath, "opt/node/bin/node"],
    [shell, "usr/bin/bash"],
  ] as const) {
    copyFileSync(from, join(folder, to));
    chmodSync(join(folder, to), 0o755);
  }
  for (const library of libraries) {
    const inside = join(folder, library.replace(/^\/(lib|lib64)\//, "/usr/$1/"));
    mkdirSync(dirname(inside), { recursive: true });
    copyFileSync(library, inside);
    chmodSync(inside, 0o755);
  }
}

/** Paths of the shared libraries that programs are linked with, the loader included. */
async function librariesOf(...programs: readonly string[]): Promise<string[]> {
  const listed = await Promise.all(programs.map((program) => runProgram("ldd", [program])));
  const paths = listed
    .join("\n")
    .split("\n")
    .flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].toSorted();
}

async function digestOf(files: readonly string[]): Promise<string> {
  const digest = createHash("sha256")
    .update(recipe)
    .update(JSON.stringify([passwd, group]));
  for (const file of files) digest.update(`\0${file}\0`).update(readFileSync(file));
  return digest.digest("hex").slice(0, 16);
}
