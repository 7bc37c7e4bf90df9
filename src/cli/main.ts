import process from "node:process";

declare const LAV_IR_VERSION: string;
/** The commit that it was built from, or `unknown`. */
declare const LAV_IR_COMMIT: string;

/**
 * The program's entry. What every start pays for is here; the rest is loaded when it is known to be needed.
 * @returns whether the process is to end now, whatever is still under way: a name that nobody resolves, or a disk
 * that hangs, must not keep a halt's end. Its caller ends it, and who only warms code up does not.
 */
export async function start(): Promise<boolean> {
  const args = process.argv.slice(2);
  if (args.includes("--version") && args.every((arg) => arg.startsWith("-"))) {
    process.stdout.on("error", ({ message }) => {
      process.stderr.write(`cannot write the version: ${message}\n`);
      process.exitCode = 1;
    });
    const { platform, arch, versions } = process;
    const built = `lav-ir ${LAV_IR_VERSION} (commit ${LAV_IR_COMMIT})`;
    process.stdout.write(`${built}, Node ${versions.node}, ${platform} ${arch}\n`);
    return false;
  }
  const { runHere } = await import("./process.ts");
  // This file's place: what is loaded on first use is built into another folder.
  return await runHere(args, LAV_IR_VERSION, import.meta.url);
}
