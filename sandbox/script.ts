import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bundles a program of the repository's own files and runs it to its end, in a process of its own. */
export async function bundleAndRun(program: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "lav-script-"));
  const outfile = join(folder, "program.mjs");
  try {
    await build({
      stdin: { contents: program, resolveDir: process.cwd(), loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "silent",
    });
    return await new Promise((resolve) => {
      const child = execFile(process.execPath, [outfile], { timeout: 120_000 }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
