import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rig } from "./rig.ts";

/** Somebody with a home of their own, and an SSH key in it. */
export interface Person {
  readonly login: string;
  readonly home: string;
  readonly key: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Somebody's key is made once a file of tests: every test has a copy of its own. */
interface Made {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}
const made = new Map<string, Made>();

/** A real key, made by the real program. As root, SUDO_USER is the login, as sudo sets it. */
export function person(rig: Pick<Rig, "folder">, login: string, type = "ed25519"): Person {
  const home = join(rig.folder, `home-${login}`);
  const key = join(home, ".ssh", `id_${type}`);
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const { privateKey, publicKey, fingerprint } = keyOf(login, type);
  writeFileSync(key, privateKey, { mode: 0o600 });
  writeFileSync(`${key}.pub`, `${publicKey}\n`);
  return { login, home, key, publicKey, fingerprint, env: { HOME: home, SUDO_USER: login } };
}

function keyOf(login: string, type: string): Made {
  const known = made.get(`${type} ${login}`);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-key-"));
  const key = join(folder, "key");
  keygen("-q", "-t", type, "-N", "", "-C", login, "-f", key);
  const [privateKey, publicKey] = [readFileSync(key, "utf8"), readFileSync(`${key}.pub`, "utf8").trim()];
  const fingerprint = keygen("-l", "-f", `${key}.pub`).split(" ")[1] ?? "";
  rmSync(folder, { recursive: true });
  const one = { privateKey, publicKey, fingerprint };
  made.set(`${type} ${login}`, one);
  return one;
}

export function keygen(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("ssh-keygen", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ssh-keygen ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The same key under somebody else's login. */
export function lend(from: Person, to: Person): void {
  for (const end of ["", ".pub"]) copyFileSync(`${from.key}${end}`, `${to.key}${end}`);
}

/** The home and all in it belong to a user of the system. */
export function give({ home, key }: Person, uid: number): void {
  for (const path of [home, join(home, ".ssh"), key, `${key}.pub`]) chownSync(path, uid, uid);
  chmodSync(home, 0o700);
}

/** The rig's platform file with these people as approvers. */
export function approvers(rig: Rig, people: readonly Person[]): void {
  const lines = people.map(({ login, publicKey }) => `  ${login}: [${publicKey}]\n`);
  rig.platform(lines.length === 0 ? "" : `approvers:\n${lines.join("")}`);
}

export function save(rig: Rig, name: string, text: string): string {
  const path = join(rig.folder, name);
  writeFileSync(path, text);
  return path;
}
