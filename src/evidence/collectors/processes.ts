import { ok } from "../../base/result.ts";
import type { Machine } from "../../ports/evidence.ts";
import type { Collector } from "../capture/collector.ts";
import { inTurns, tellMissing, writeJson, writeRows } from "./written.ts";

const megabyte = 1_048_576;
/** A page of memory, and the kernel's ticks a second, on every machine that Node runs on here. */
const page = 4096;
const ticks = 100;
/** Milliseconds: a machine in need, which these are wanted of most, does not get to read them at once. */
const patience = 10_000;

/** What runs, from /proc: no program is started for it, which a machine in need might not be able to do. */
export function hostProcesses(machine: Machine): Collector {
  return {
    id: "host.processes",
    target: machine.host,
    summary: "processes with memory, time, threads and open files",
    volatile: true,
    order: 1,
    deadline: patience,
    cap: 8 * megabyte,
    collect: async (context) => {
      const listed = await machine.names("/proc");
      if (!listed.ok) return listed;
      const rows: (object & { readonly pid: number })[] = [];
      const pids = listed.value.filter((name) => /^\d+$/.test(name));
      await inTurns(pids, 16, async (pid) => {
        if (context.signal.aborted) return;
        const row = await processOf(machine, pid);
        if (row !== undefined) rows.push(row);
      });
      writeRows(
        context,
        "processes.jsonl",
        rows.toSorted((a, b) => a.pid - b.pid),
      );
      if (context.signal.aborted)
        context.tell({ type: "missing", what: "the rest of the processes", why: "the deadline passed" });
      return ok({});
    },
  };
}

async function processOf(machine: Machine, pid: string) {
  const [stat, command, files] = await Promise.all([
    machine.text(`/proc/${pid}/stat`, 4096),
    machine.text(`/proc/${pid}/cmdline`, 4096),
    machine.names(`/proc/${pid}/fd`),
  ]);
  // It ended in the meantime.
  if (!stat.ok) return undefined;
  const end = stat.value.lastIndexOf(")");
  const name = stat.value.slice(stat.value.indexOf("(") + 1, end);
  const fields = stat.value.slice(end + 2).split(" ");
  const at = (index: number): number => Number(fields[index] ?? 0);
  return {
    pid: Number(pid),
    parent: at(1),
    name,
    state: fields[0] ?? "?",
    threads: at(17),
    resident_bytes: at(21) * page,
    cpu_s: (at(11) + at(12)) / ticks,
    started_after_boot_s: at(19) / ticks,
    // Other users' are not shown to everybody.
    open_files: files.ok ? files.value.length : null,
    command: command.ok ? command.value.split("\0").join(" ").trim() : "",
  };
}

const states = [
  "?",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
] as const;

/** Sockets of this machine's network namespace: how many in which state, and each of them. */
export function hostSockets(machine: Machine): Collector {
  return {
    id: "host.sockets",
    target: machine.host,
    summary: "TCP and UDP sockets and their states",
    volatile: true,
    order: 1,
    deadline: patience,
    cap: 16 * megabyte,
    collect: async (context) => {
      const rows: Socket[] = [];
      for (const protocol of ["tcp", "tcp6", "udp", "udp6"]) {
        const read = await machine.text(`/proc/net/${protocol}`, 16 * megabyte);
        if (read.ok) rows.push(...socketsOf(protocol, read.value));
        else if (read.failure.type !== "missing") tellMissing(context, protocol, read.failure);
      }
      const counts: Record<string, number> = {};
      for (const { protocol, state } of rows) {
        const key = `${protocol} ${state}`;
        counts[key] = (counts[key] ?? 0) + 1;
      }
      writeJson(context, "socket-states.json", counts);
      writeRows(context, "sockets.jsonl", rows);
      return ok({});
    },
  };
}

interface Socket {
  readonly protocol: string;
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly sending: number;
  readonly receiving: number;
  readonly inode: string;
}

function socketsOf(protocol: string, text: string): readonly Socket[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local, remote, state = "0", queues = "0:0", , , , , inode = ""] = line.trim().split(/\s+/);
      if (local === undefined || remote === undefined) return [];
      const [sending = 0, receiving = 0] = queues.split(":").map((queue) => Number.parseInt(queue, 16));
      const named = states[Number.parseInt(state, 16)] ?? "?";
      return [
        {
          protocol,
          local: addressOf(local),
          remote: addressOf(remote),
          state: named,
          sending,
          receiving,
          inode,
        },
      ];
    });
}

/** The kernel writes an address as hexadecimal words in the machine's byte order. */
function addressOf(written: string): string {
  const [words = "", port = "0"] = written.split(":");
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const at = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join(".")}:${at}`;
  return `[${(bytes.join("").match(/.{4}/g) ?? []).join(":").toLowerCase()}]:${at}`;
}
