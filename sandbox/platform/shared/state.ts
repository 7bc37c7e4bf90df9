import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Files of one container: what is here survives a restart and is gone after a recreation. Written
 * beside and renamed, so that a kill leaves the old file or the new one.
 */
export interface State {
  /** Epoch milliseconds at which the folder was made, which is when the container was. */
  readonly born: number;
  /** The value written last; undefined when there is none. Throws when the file is damaged. */
  read(name: string): unknown;
  write(name: string, value: unknown): void;
  remove(name: string): void;
  /** Removes every value, as if the container had been made just now; when it was made is kept. */
  clear(): void;
  /** Leaves the file with half of its bytes turned over, as a dying disk would. */
  damage(name: string): void;
}

export function openState(folder: string, now: number): State {
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  const write = (name: string, value: unknown): void => {
    const text = JSON.stringify(value);
    const beside = `${fileOf(name)}.new`;
    writeFileSync(beside, `${digestOf(text)}\n${text}`);
    renameSync(beside, fileOf(name));
  };
  const read = (name: string): unknown => {
    const bytes = readIfThere(fileOf(name));
    if (bytes === undefined) return undefined;
    const text = bytes.toString("utf8");
    const cut = text.indexOf("\n");
    if (text.slice(0, cut) !== digestOf(text.slice(cut + 1))) {
      throw new Error(`${name}.json in the state folder is damaged: its checksum does not hold`);
    }
    return JSON.parse(text.slice(cut + 1)) as unknown;
  };
  const before = read("born");
  const born = typeof before === "number" ? before : now;
  if (before === undefined) write("born", born);
  return {
    born,
    read,
    write,
    remove: (name) => rmSync(fileOf(name), { force: true }),
    clear() {
      for (const file of readdirSync(folder).filter((name) => name !== "born.json")) {
        rmSync(join(folder, file), { recursive: true, force: true });
      }
    },
    damage(name) {
      const bytes = readIfThere(fileOf(name)) ?? Buffer.from("nothing was here");
      for (let index = bytes.length >> 1; index < bytes.length; index++) bytes[index] = ~(bytes[index] ?? 0);
      writeFileSync(fileOf(name), bytes);
    },
  };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
