import { readFileSync } from "node:fs";
import { flagOption, numberOption, type Fault, type Faults } from "./faults.ts";
import type { Log } from "./log.ts";

/** Faults of the whole process: crash, crash-loop, oom, and a hang that blocks the event loop. */
export function applyProcessFaults(faults: Faults, log: Log): void {
  let eating: (() => void) | undefined;
  faults.watch(() => {
    const crash = faults.active("crash") ?? faults.active("crash-loop");
    if (crash !== undefined) {
      log("error", "fatal: unexpected end of the regime table", { fault: crash.fault });
      process.exit(numberOption(crash, "code", 1));
    }
    const oom = faults.active("oom");
    if (oom === undefined) {
      eating?.();
      eating = undefined;
    } else if (eating === undefined) {
      log("warn", "the price cache grows without an end");
      eating = eat(oom);
    }
    const hang = faults.active("hang");
    if (hang !== undefined && flagOption(hang, "block")) block(faults);
  });
}

/** Nothing runs while this lasts: no request, no timer, no signal handler. */
function block(faults: Faults): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const blocked = (): boolean => {
    const hang = faults.active("hang");
    return hang !== undefined && flagOption(hang, "block");
  };
  while (blocked()) {
    Atomics.wait(cell, 0, 0, 100);
    faults.look();
  }
}

/**
 * Memory outside of V8's heap, written to, so that it is resident and the kernel has to act. Where the
 * kernel sets this process no limit of its own it ends itself the same way, before it hurts the machine.
 * @returns what gives it back
 */
function eat(fault: Fault): () => void {
  const kept: Buffer[] = [];
  const step = 16;
  const limit = memoryLimit() ?? numberOption(fault, "max_mb", 256) * 1024 * 1024;
  const own = memoryLimit() === undefined;
  const timer = setInterval(
    () => {
      kept.push(Buffer.alloc(step * 1024 * 1024, 1));
      if (own && kept.length * step * 1024 * 1024 > limit) process.kill(process.pid, "SIGKILL");
    },
    numberOption(fault, "every_ms", 10),
  );
  timer.unref();
  return () => {
    clearInterval(timer);
    kept.length = 0;
  };
}

/** Bytes the container may use, by either version of control groups; undefined without a limit. */
export function memoryLimit(): number | undefined {
  for (const file of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    try {
      const bytes = Number(readFileSync(file, "utf8").trim());
      // Version 1 writes "no limit" as the largest number of pages.
      if (bytes > 0 && bytes < 4 * 1024 ** 3) return bytes;
    } catch {
      // This version is not the machine's.
    }
  }
  return undefined;
}
