import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../tools/places.ts";
import { whereIs } from "../../tools/programs.ts";

const run = promisify(execFile);

/**
 * The Library of Congress' validator of bags, from the Python index: a program that nobody here wrote.
 * @returns how it is called, or undefined where it cannot be had.
 */
export async function bagitProgram(): Promise<
  { readonly python: string; readonly env: Readonly<Record<string, string>> } | undefined
> {
  const python = whereIs("python3");
  if (python === undefined) return undefined;
  const folder = cacheFolder("bagit");
  if (!existsSync(join(folder, "bagit.py"))) {
    const half = `${folder}.${process.pid}`;
    mkdirSync(half, { recursive: true });
    try {
      const args = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--target",
        half,
        "bagit",
        "setuptools<81",
      ];
      await run(python, args, { timeout: 60_000 });
      rmSync(folder, { recursive: true, force: true });
      renameSync(half, folder);
    } catch {
      rmSync(half, { recursive: true, force: true });
      return undefined;
    }
  }
  return { python, env: { PATH: process.env["PATH"] ?? "", PYTHONPATH: folder } };
}
