import process from "node:process";

declare const LAV_IR_VERSION: string;

/**
 * The program's entry. What every start pays for is here; the rest is loaded when it is known to be needed.
 * @returns whether the process is to end now, whatever is still under way: a name that nobody resolves, or a disk
 * that hangs, must not keep a halt's end. Its caller ends it, and who only warms code up does not.
 */
export async function start(): Promise<boolean> {
  const args = process.argv.slice(2);
  if (args.length === 1 && args[0] === "--version") {
    process.stdout.on("error", ({ message }) => {
      process.stderr.write(`the version cannot be written: ${message}\n`);
      process.exitCode = 1;
    });
    process.stdout.write(`${LAV_IR_VERSION}\n`);
    return false;
  }
  const { runHere } = await import("./process.ts");
  // This file's place: what is loaded on first use is built into another folder.
  return await runHere(args, LAV_IR_VERSION, import.meta.url);
}
