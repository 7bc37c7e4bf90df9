import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { partsOfName } from "../capture/snapshot.ts";

/** A snapshot in a folder of them, or what a killed capture left there. */
export interface KeptSnapshot {
  readonly name: string;
  readonly path: string;
  readonly incident: string | undefined;
  /** By its name: a file's own times are those of its copying. */
  readonly taken: Date;
  /** With what stands beside it. */
  readonly bytes: number;
  readonly sealed: boolean;
}

const endings = [".tar.gz", ".sha256", ".sig"] as const;

/** What stands in the folder under a snapshot's name, the oldest first; everything else is passed by. */
export function snapshotsIn(folder: string): readonly KeptSnapshot[] {
  return readdirSync(folder)
    .flatMap((file): readonly KeptSnapshot[] => {
      const [, name = "", ending] = /^(.*?)(\.tar\.gz|\.stage)$/.exec(file) ?? [];
      const parts = partsOfName(name);
      if (parts === undefined) return [];
      const sealed = ending === ".tar.gz";
      const all = sealed ? endings.map((one) => join(folder, `${name}${one}`)) : [join(folder, file)];
      const bytes = all.reduce((sum, path) => sum + sizeOf(path), 0);
      return [
        {
          name,
          path: join(folder, file),
          incident: parts.incident,
          taken: timeOf(parts.stamp),
          bytes,
          sealed,
        },
      ];
    })
    .toSorted((a, b) => a.taken.getTime() - b.taken.getTime() || (a.name < b.name ? -1 : 1));
}

/** Removes a sealed snapshot: the file itself first, so that what vouches for it is never gone before it. */
export function removeSnapshot({ path, name }: KeptSnapshot): void {
  for (const ending of endings) rmSync(join(path, "..", `${name}${ending}`), { force: true });
}

function timeOf(stamp: string): Date {
  return new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function sizeOf(path: string): number {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}
