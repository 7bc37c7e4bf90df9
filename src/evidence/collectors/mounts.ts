import type { Space } from "../../ports/evidence.ts";

export interface Mount {
  readonly device: string;
  readonly at: string;
  readonly type: string;
}

/** File systems that answer from this machine alone. */
const local = new Set([
  "ext2",
  "ext3",
  "ext4",
  "xfs",
  "btrfs",
  "zfs",
  "f2fs",
  "overlay",
  "tmpfs",
  "vfat",
  "bcachefs",
]);

/** `/proc/self/mounts`, the same place once. */
export function mountsOf(text: string): readonly Mount[] {
  const found = new Map<string, Mount>();
  for (const line of text.split("\n")) {
    const [device = "", at = "", type = ""] = line.split(" ").map(plain);
    if (at !== "") found.set(at, { device, at, type });
  }
  return [...found.values()];
}

export function isLocal({ type }: Mount): boolean {
  return local.has(type);
}

/** A sentence when it is nearly full; nothing when there is room, or no room at all by design. */
export function diskText({ at }: Mount, { bytes, freeBytes, inodes, freeInodes }: Space): string | undefined {
  if (bytes > 0n && freeBytes * 20n < bytes)
    return `${at} has ${freeBytes / 1_048_576n} MB left of ${bytes / 1_048_576n}`;
  if (inodes > 0n && freeInodes * 20n < inodes) return `${at} has ${freeInodes} inodes left of ${inodes}`;
  return undefined;
}

/** The kernel writes a blank, a tab and a backslash as octal numbers. */
function plain(field: string): string {
  return field.replaceAll(/\\(\d{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
