import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { codeOf } from "../base/disk-fault.ts";
import {
  checkAbove,
  checkFolder,
  checkWay,
  isWithin,
  partsOf,
  StateFault,
  unreadable,
  type StatePlace,
} from "./state-check.ts";

// Folders below the state folder: as its files are, this user's own and no links.

/**
 * Makes a folder and those above it, each 0700, and judges what is there already from the state folder down.
 * One by one: all at once would follow a link half-way, and never ends below /proc.
 * @throws StateFault, or what the disk says.
 */
export function makeStateFolder(folder: string, { root = folder }: StatePlace = {}): void {
  const outer = resolve(root);
  checkAbove(outer);
  makeEach(folder, (path) => isWithin(path, outer));
}

/** Makes a folder that is not there yet, in one that is made if need be. @returns false where something is there */
export function makeNewFolder(folder: string, place: StatePlace = {}): boolean {
  makeStateFolder(dirname(folder), place);
  try {
    mkdirSync(folder, 0o700);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Makes a folder of the operator's choice and those above it, each 0700. @throws what the disk says. */
export function makeFolder(folder: string): void {
  makeEach(folder, () => false);
}

function makeEach(folder: string, judged: (path: string) => boolean): void {
  for (const path of partsOf(resolve(folder))) {
    if (judged(path) ? checkFolder(path) : existsSync(path)) continue;
    try {
      mkdirSync(path, 0o700);
    } catch (error) {
      if (codeOf(error) === "ENOENT") throw new StateFault(`cannot create its folder: ${path}`);
      // Another process was first.
      if (codeOf(error) !== "EEXIST" || !existsSync(path)) throw error;
    }
    if (judged(path)) checkFolder(path);
  }
}

/**
 * Names in a folder, sorted; none where there is no folder.
 * @throws StateFault, or what the disk says.
 */
export function stateNames(folder: string, { root = folder }: StatePlace = {}): readonly string[] {
  try {
    return checkWay(folder, root) ? readdirSync(folder).toSorted() : [];
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Makes what was created or renamed in a folder last. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Removes a folder with all that is in it. It is renamed first: nobody finds half of it under its name, and what a
 * killed process leaves is removed with `aside` again.
 * @param aside a name beside it that nobody else uses
 * @throws StateFault, or what the disk says.
 */
export function removeStateFolder(folder: string, aside: string, { root = folder }: StatePlace = {}): void {
  if (!checkWay(folder, root)) return;
  renameSync(folder, aside);
  syncFolder(dirname(folder));
  rmSync(aside, { recursive: true, force: true });
}
