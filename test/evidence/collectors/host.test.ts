import { expect, test } from "vitest";
import { fail, ok, type Result } from "../../../src/base/result.ts";
import type { Machine } from "../../../src/ports/evidence.ts";
import type { Processes } from "../../../src/ports/ports.ts";
import { hostClock, hostDisks, hostKernel, hostState } from "../../../src/evidence/collectors/host.ts";
import { hostProcesses, hostSockets } from "../../../src/evidence/collectors/processes.ts";
import { findings, gathered, missing, rowsOf } from "./context.ts";

const absent = <T>(path: string): Promise<Result<T>> =>
  Promise.resolve(fail({ type: "missing", target: path, message: `there is no ${path}` }));

/** A machine of these files. */
function machine(files: Readonly<Record<string, string>>, more: Partial<Machine> = {}): Machine {
  return {
    host: "desk-1",
    text: (path) => (path in files ? Promise.resolve(ok(files[path] ?? "")) : absent(path)),
    names: (folder) => {
      const inside = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      const names = new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""));
      return names.size === 0 ? absent(folder) : Promise.resolve(ok([...names]));
    },
    link: absent,
    space: absent,
    kernelLog: () => Promise.resolve(fail({ type: "denied", target: "/dev/kmsg", message: "not for you" })),
    ...more,
  };
}

/** Programs that say this and end well; others are not there. */
function programs(said: Readonly<Record<string, string>>): Processes {
  return {
    obstacle: async () => await Promise.resolve(undefined),
    run: ({ command: [name = ""] }) => {
      const stdout = said[name];
      if (stdout === undefined) return absent(name);
      const counted = { stdoutBytes: stdout.length, stderrBytes: 0, stderr: "" };
      return Promise.resolve(ok({ exitCode: 0, signal: null, stdout, ...counted }));
    },
  };
}

test.each([
  // The system is 250 µs behind; root delay 20 ms, dispersion 1 ms.
  [
    "chronyc",
    "C0A80001,192.168.0.1,3,1764000000.0,-0.000250,0.0001,0.0002,-1.5,0.01,0.020,0.001,64.2,Normal",
    0.25,
  ],
  ["timedatectl", "  Server: a\n  Offset: -1.5ms\n  Delay: 3ms\n", -1.5],
  ["timedatectl", "  Offset: +2s\n", 2000],
])("%s says how far the clock is off", async (program, text, ahead) => {
  const taken = await gathered(hostClock(machine({})), { process: programs({ [program]: text }) });
  const [clock] = taken.facts.flatMap((fact) => (fact.type === "clock" ? [fact] : []));
  expect([clock?.source, clock?.ahead]).toEqual([program, expect.closeTo(ahead, 6)]);
});

test("that nothing tells how far the clock is off is seen first", async () => {
  const taken = await gathered(hostClock(machine({})), {
    process: programs({ chronyc: "506 Cannot talk to daemon" }),
  });
  expect(findings(taken)).toEqual(["no time service reports the clock offset of desk-1"]);
  expect(taken.files["clock.json"]).toContain("506 Cannot talk");
});

test("memory and open files that run out are seen first; a file of another kernel is no fault", async () => {
  const taken = await gathered(
    hostState(
      machine({
        "/proc/meminfo": "MemTotal:  1000000 kB\nMemAvailable:   40000 kB\n",
        "/proc/sys/fs/file-nr": "950\t0\t1000\n",
      }),
    ),
  );
  expect(findings(taken).toSorted()).toEqual([
    "950 of 1000 file handles are in use",
    "this machine has 39 of 977 MB of memory left",
  ]);
  expect([missing(taken), Object.keys(taken.files)]).toEqual([
    [],
    ["state/memory.txt", "state/open_files.txt"],
  ]);
});

test("disks: a full one is seen first, a server's is never asked, one that cannot be read has its reason", async () => {
  const asked: string[] = [];
  const mounts = "/dev/a / ext4 rw 0 0\nnas:/x /mnt/gone\\040away nfs rw 0 0\n/dev/b /b xfs rw 0 0\n";
  const taken = await gathered(
    hostDisks(
      machine(
        { "/proc/self/mounts": mounts },
        {
          space: (path) => {
            asked.push(path);
            const few = { bytes: 1_000_000_000n, freeBytes: 10_000_000n, inodes: 100n, freeInodes: 50n };
            return path === "/" ? Promise.resolve(ok(few)) : absent(path);
          },
        },
      ),
    ),
  );
  expect(asked.toSorted()).toEqual(["/", "/b"]);
  expect(findings(taken)).toEqual(["/ has 9 MB left of 953"]);
  expect(rowsOf(taken.files["disks.jsonl"])).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ at: "/mnt/gone away", asked: false }),
      expect.objectContaining({ at: "/b", failure: expect.objectContaining({ type: "missing" }) as object }),
    ]),
  );
});

test("the kernel's messages: what it killed is seen first; who may not read them has nothing to take", async () => {
  const log = "3,1,2;Out of memory: Killed process 7 (java)\n6,2,3;eth0 up\n";
  const taken = await gathered(hostKernel(machine({}, { kernelLog: () => Promise.resolve(ok(log)) })));
  expect([taken.files["kernel.txt"], findings(taken)]).toEqual([
    log,
    ["kernel: Out of memory: Killed process 7 (java)"],
  ]);
  expect((await gathered(hostKernel(machine({})))).collected).toEqual({ skipped: "/dev/kmsg: not for you" });
});

test("processes from /proc, a name with brackets and blanks, one that ended meanwhile, one of another user", async () => {
  const stat = `7 (a) b (c) S 1 ${"0 ".repeat(9)}150 50 0 0 20 0 3 0 400 0 25 ${"0 ".repeat(20)}`;
  const taken = await gathered(
    hostProcesses(
      machine({
        "/proc/7/stat": stat,
        "/proc/7/cmdline": "java\0-jar\0x.jar\0",
        "/proc/9/cmdline": "gone",
        "/proc/x": "",
      }),
    ),
  );
  expect(rowsOf(taken.files["processes.jsonl"])).toEqual([
    {
      pid: 7,
      parent: 1,
      name: "a) b (c",
      state: "S",
      threads: 3,
      resident_bytes: 102_400,
      cpu_s: 2,
      started_after_boot_s: 4,
      open_files: null,
      command: "java -jar x.jar",
    },
  ]);
});

test("sockets: addresses of both kinds, states counted", async () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const taken = await gathered(
    hostSockets(
      machine({
        "/proc/net/tcp": `${head}   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4242 1\n`,
        "/proc/net/tcp6": `${head}   0: 00000000000000000000000001000000:0050 B80D0120000000000000000001000000:C350 01 00000010:00000002 00:0 0 0 0 7 1\n`,
      }),
    ),
  );
  expect(rowsOf(taken.files["sockets.jsonl"])).toMatchObject([
    { protocol: "tcp", local: "127.0.0.1:5432", remote: "0.0.0.0:0", state: "LISTEN", inode: "4242" },
    {
      local: "[0000:0000:0000:0000:0000:0000:0000:0001]:80",
      remote: "[2001:0db8:0000:0000:0000:0000:0000:0001]:50000",
      state: "ESTABLISHED",
      sending: 16,
      receiving: 2,
    },
  ]);
  expect(JSON.parse(taken.files["socket-states.json"] ?? "")).toEqual({
    "tcp LISTEN": 1,
    "tcp6 ESTABLISHED": 1,
  });
});
