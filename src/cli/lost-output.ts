import { codeOf, diskFault } from "../base/disk-fault.ts";

/**
 * Says once that stdout cannot be written: a full disk, a reader that went away. Nothing is stopped for it, because
 * a run must not end in the middle; what would have ended with 0 ends with 1. Without a word on stderr there is
 * nobody left to tell.
 */
export function tellLostOutput(process: Pick<NodeJS.Process, "stdout" | "stderr" | "on" | "exitCode">): void {
  let lost = false;
  process.stdout.on("error", (error) => {
    if (lost) return;
    lost = true;
    const why = codeOf(error) === "EPIPE" ? "its reader closed the pipe" : diskFault(error);
    process.stderr.write(`cannot write the output: ${why}\n`);
  });
  process.stderr.on("error", () => {});
  process.on("exit", (code) => {
    if (lost && code === 0) process.exitCode = 1;
  });
}
