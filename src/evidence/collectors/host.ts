import { patient } from "../../base/bounded.ts";
import { ok } from "../../base/result.ts";
import type { Machine } from "../../ports/evidence.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { diskText, isLocal, mountsOf } from "./mounts.ts";
import { inTurns, tellMissing, writeJson, writeRows, writeText } from "./written.ts";

const megabyte = 1_048_576;
/** Bytes of one of the kernel's files, and of its ring. */
const longestFile = 256 * 1024;
const longestRing = 2 * megabyte;
/** Milliseconds: a machine in need, which these are wanted of most, does not get to read them at once. */
const patience = 10_000;

/** Before everything else: how far this machine's own clock may be off. */
export function hostClock({ host }: Machine): Collector {
  return {
    id: "host.clock",
    target: host,
    summary: "clock offset, as reported by the time service",
    volatile: true,
    order: 0,
    deadline: 3000,
    cap: 65_536,
    collect: async (context) => {
      const { ports, tell, signal } = context;
      const said: Record<string, unknown> = { now: ports.clock.now(), monotonic_ms: ports.clock.monotonic() };
      for (const command of [
        ["chronyc", "-n", "-c", "tracking"],
        ["timedatectl", "timesync-status"],
      ]) {
        const name = command[0] ?? "";
        const ran = await ports.process.run({
          command,
          env: {},
          maxBytes: 16_384,
          signal: patient(signal, 1000),
        });
        said[name] = ran.ok ? { exit: ran.value.exitCode, says: ran.value.stdout } : ran.failure;
        const offset = ran.ok && ran.value.exitCode === 0 ? offsetIn(name, ran.value.stdout) : undefined;
        if (offset === undefined) continue;
        tell({ type: "clock", source: name, ...offset });
        writeJson(context, "clock.json", said);
        return ok({});
      }
      writeJson(context, "clock.json", said);
      tell({ type: "finding", text: `no time service reports the clock offset of ${host}` });
      return ok({});
    },
  };
}

/** Milliseconds that the true time is ahead of this machine's. */
function offsetIn(program: string, text: string): { ahead: number; uncertainty: number } | undefined {
  if (program === "chronyc") {
    const fields = text.trim().split(",");
    const [offset, , , , , delay, dispersion] = fields.slice(4).map(Number);
    if (offset === undefined || !Number.isFinite(offset) || fields.length < 12) return undefined;
    // chrony tells how far the system is ahead of the true time, in seconds.
    return { ahead: -offset * 1000, uncertainty: ((delay ?? 0) / 2 + (dispersion ?? 0)) * 1000 };
  }
  const [, sign, value, unit = ""] = /Offset:\s*([+-]?)([\d.]+)(us|ms|s)\b/.exec(text) ?? [];
  if (value === undefined) return undefined;
  const scale = { us: 0.001, ms: 1, s: 1000 }[unit] ?? 1;
  return { ahead: Number(value) * scale * (sign === "-" ? -1 : 1), uncertainty: 50 };
}

/** Files of the kernel that say how it goes; those that are not there belong to another kernel. */
const stateFiles = {
  uptime: "/proc/uptime",
  load: "/proc/loadavg",
  memory: "/proc/meminfo",
  virtual_memory: "/proc/vmstat",
  processors: "/proc/stat",
  pressure_cpu: "/proc/pressure/cpu",
  pressure_memory: "/proc/pressure/memory",
  pressure_io: "/proc/pressure/io",
  disk_io: "/proc/diskstats",
  network: "/proc/net/dev",
  network_counters: "/proc/net/snmp",
  tcp_counters: "/proc/net/netstat",
  sockets: "/proc/net/sockstat",
  kernel: "/proc/version",
  command_line: "/proc/cmdline",
  open_files: "/proc/sys/fs/file-nr",
  inodes: "/proc/sys/fs/inode-nr",
  conntrack: "/proc/sys/net/netfilter/nf_conntrack_count",
  conntrack_most: "/proc/sys/net/netfilter/nf_conntrack_max",
  most_processes: "/proc/sys/kernel/pid_max",
  most_threads: "/proc/sys/kernel/threads-max",
  limits: "/proc/self/limits",
  cgroup_memory: "/sys/fs/cgroup/memory.current",
  cgroup_memory_most: "/sys/fs/cgroup/memory.max",
  cgroup_cpu: "/sys/fs/cgroup/cpu.stat",
};

export function hostState(machine: Machine): Collector {
  return {
    id: "host.state",
    target: machine.host,
    summary: "uptime, load, pressure, memory, counters, limits",
    volatile: true,
    order: 0,
    deadline: patience,
    cap: 4 * megabyte,
    collect: async (context) => {
      await inTurns(Object.entries(stateFiles), 4, async ([name, path]) => {
        const read = await machine.text(path, longestFile);
        if (read.ok) writeText(context, `state/${name}.txt`, read.value);
        else if (read.failure.type !== "missing") tellMissing(context, path, read.failure);
        if (read.ok && name === "memory") memoryFinding(context, read.value);
        if (read.ok && name === "open_files") filesFinding(context, read.value);
      });
      return ok({});
    },
  };
}

function memoryFinding({ tell }: CollectContext, text: string): void {
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const [total, free] = [kilobytes("MemTotal"), kilobytes("MemAvailable")];
  if (total > 0 && free < total * 0.05)
    tell({
      type: "finding",
      text: `this machine has ${Math.round(free / 1024)} of ${Math.round(total / 1024)} MB of memory left`,
    });
}

function filesFinding({ tell }: CollectContext, text: string): void {
  const [open = 0, , most = 0] = text.trim().split(/\s+/).map(Number);
  if (most > 0 && open > most * 0.9)
    tell({ type: "finding", text: `${open} of ${most} file handles are in use` });
}

export function hostDisks(machine: Machine): Collector {
  return {
    id: "host.disks",
    target: machine.host,
    summary: "room and inodes of every local disk",
    volatile: true,
    order: 1,
    deadline: patience,
    cap: megabyte,
    collect: async (context) => {
      const mounts = await machine.text("/proc/self/mounts", longestFile);
      if (!mounts.ok) return mounts;
      writeText(context, "mounts.txt", mounts.value);
      const all = mountsOf(mounts.value);
      const rows: object[] = [];
      await inTurns(all, 4, async (mount) => {
        // To ask a server that is gone would never end.
        if (!isLocal(mount)) {
          rows.push({ ...mount, asked: false });
          return;
        }
        const space = await machine.space(mount.at);
        rows.push({ ...mount, ...(space.ok ? space.value : { failure: space.failure }) });
        const full = space.ok ? diskText(mount, space.value) : undefined;
        if (full !== undefined) context.tell({ type: "finding", text: full });
      });
      writeRows(context, "disks.jsonl", rows);
      return ok({});
    },
  };
}

export function hostKernel(machine: Machine): Collector {
  return {
    id: "host.kernel",
    target: machine.host,
    summary: "recent messages of the kernel",
    volatile: true,
    order: 1,
    deadline: 3000,
    cap: longestRing,
    collect: async (context) => {
      const read = await machine.kernelLog(longestRing);
      // Most users may not read it: that is no fault of the snapshot.
      if (!read.ok && (read.failure.type === "denied" || read.failure.type === "missing"))
        return ok({ skipped: `${read.failure.target}: ${read.failure.message}` });
      if (!read.ok) return read;
      const sink = context.file("kernel.txt", { kind: "text", keep: "newest" });
      sink.write(read.value);
      sink.end();
      for (const line of read.value.split("\n")) {
        if (/Out of memory: Killed process|oom-kill:/.test(line))
          context.tell({
            type: "finding",
            text: `kernel: ${line.slice(line.indexOf(";") + 1).slice(0, 200)}`,
          });
      }
      return ok({});
    },
  };
}
