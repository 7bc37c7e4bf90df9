import { readSource } from "../../language/source.ts";
import type { LintedFile } from "./check.ts";

/** Files that are read while those before them are checked: a read is five waits for the disk's threads. */
const most = 8;

/** The same files in their order, with the text of each that could be read. Why another could not is said by its check. */
export async function* readAhead(files: readonly LintedFile[]): AsyncGenerator<LintedFile> {
  const reading: Promise<LintedFile>[] = [];
  for (const file of files) {
    reading.push(withText(file));
    const first = reading.length < most ? undefined : reading.shift();
    if (first !== undefined) yield await first;
  }
  for (const file of reading) yield await file;
}

async function withText(file: LintedFile): Promise<LintedFile> {
  if (file.source !== undefined || file.kind === "template") return file;
  const read = await readSource(file.path);
  return read.ok ? { ...file, source: read.value } : file;
}
