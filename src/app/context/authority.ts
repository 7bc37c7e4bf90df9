import { printable } from "../../base/printable.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { readSourceFile } from "../../language/source.ts";
import { distrustOf, type PlatformUse } from "./platform-file.ts";
import type { World } from "./world.ts";

/**
 * Certificates of an authority, as PEM. Who could change them could stand in for every server: what holds
 * for the platform file holds for them.
 * @param file absolute. The failure is a sentence.
 */
export async function readAuthority(
  world: World,
  file: string,
  untrusted: PlatformUse["untrusted"],
): Promise<Result<string, string>> {
  const read = await readSourceFile(file);
  if (!read.ok) return read;
  const { text } = read.value.source;
  const distrust = await distrustOf(world, file, read.value.stat);
  if (distrust !== undefined) {
    const said = `${distrust.why}; ${distrust.mend}`;
    if (untrusted === "refuse") return fail(said);
    world.stderr.write(`${printable(`warning: ${file} would be refused: ${said}`)}\n`);
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return fail(`no certificate in ${file}; it must be PEM (BEGIN CERTIFICATE)`);
  const { X509Certificate } = await import("node:crypto");
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return fail(`cannot read certificate ${index + 1} of ${blocks.length} in ${file}`);
    }
  }
  return ok(`${blocks.join("\n")}\n`);
}
