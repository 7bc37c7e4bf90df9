import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("manager.sh", import.meta.url));

/** Boots to what the tests need, and says so; nothing of this machine's own services begins. */
const boot: Readonly<Record<string, string>> = {
  "default.target": "[Unit]\nRequires=systemd-journald.socket ready.service\nWants=api.service\n",
  "ready.service":
    "[Unit]\nAfter=basic.target systemd-journald.service dbus.socket\nRequires=dbus.socket\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo ready > /rig/ready'\n",
};
/** What would look after the machine itself. */
const masked = [
  "systemd-sysctl.service",
  "systemd-modules-load.service",
  "systemd-udevd.service",
  "systemd-timesyncd.service",
  "systemd-random-seed.service",
];

/** A live systemd with its journal, for root on Linux. */
export class Manager implements AsyncDisposable {
  /** /rig to the units. */
  readonly folder: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private err = "";

  private constructor(units: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "lav-ir-systemd-"));
    for (const name of ["units", "layer", "bin"]) mkdirSync(join(this.folder, name));
    for (const [name, text] of Object.entries({ ...boot, ...units })) this.unit(name, text);
    for (const name of masked) this.mask(name);
    this.fifo("ready");
    this.child = spawn(script, [this.folder], { stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    this.ended = once(this.child, "exit");
  }

  /** @param units that it knows from the beginning; it starts `api.service`, and keeps in mind how that ended. */
  static async start(units: Readonly<Record<string, string>>): Promise<Manager> {
    const manager = new Manager(units);
    try {
      await manager.hears("ready");
      for (const program of ["systemctl", "journalctl"]) manager.reaches(program);
      return manager;
    } catch (error) {
      await manager[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A folder with its systemctl and its journalctl. */
  get bin(): string {
    return join(this.folder, "bin");
  }

  /** Known after the next `daemon-reload`, or when it is first asked for. */
  unit(name: string, text: string): void {
    writeFileSync(join(this.folder, "units", name), text);
  }

  mask(name: string): void {
    symlinkSync("/dev/null", join(this.folder, "units", name));
  }

  fifo(name: string): void {
    execFileSync("mkfifo", [join(this.folder, name)]);
  }

  /** Resolves with what a unit writes to a FIFO of /rig. */
  async hears(fifo: string): Promise<string> {
    const path = join(this.folder, fifo);
    const over = this.ended.then((): never => {
      // Nobody else opens it any more.
      writeFileSync(path, "", { flag: "r+" });
      throw new Error(`systemd has ended:\n${this.err}`);
    });
    return await Promise.race([readFile(path, "utf8"), over]);
  }

  /** Its own systemctl. */
  systemctl(...args: readonly string[]): string {
    return execFileSync(join(this.bin, "systemctl"), args, { encoding: "utf8" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its first process ends with all the others, and then the one that waits for it.
    const first = this.first();
    if (first === undefined) this.child.kill("SIGKILL");
    else process.kill(first, "SIGKILL");
    await this.ended;
    const name = `lav-ir-systemd-${this.child.pid}`;
    for (const group of ["", "systemd", "unified"]) removeGroups(join("/sys/fs/cgroup", group, name));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The systemd itself, as this machine numbers it. */
  private first(): number | undefined {
    const { pid } = this.child;
    if (pid === undefined || this.child.exitCode !== null) return undefined;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }

  private reaches(program: string): void {
    const first = this.first();
    const path = join(this.bin, program);
    const spaces = "--mount --pid --ipc --uts --net --cgroup";
    writeFileSync(path, `#!/bin/sh\nexec nsenter --target ${first} ${spaces} -- /usr/bin/${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
}

/** A control group is removed from the innermost on; its files go with it. */
function removeGroups(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(path, entry.name));
  rmdirSync(path);
}
