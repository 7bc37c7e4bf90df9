import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateFault } from "../../src/store/state-check.ts";
import {
  createState,
  hasState,
  openToAppend,
  readState,
  readStateSync,
  stateFault,
  writeStateSync,
} from "../../src/store/state-file.ts";
import { makeFolder, makeStateFolder, stateNames } from "../../src/store/state-folder.ts";
import { temporaryFolder } from "../program.ts";

const root = process.getuid?.() === 0;

/** A state folder with a folder of records in it, and a file elsewhere that nothing may touch. */
function place(): { readonly state: string; readonly path: string; readonly victim: string } {
  const folder = temporaryFolder();
  const state = join(folder, "state");
  makeStateFolder(join(state, "runs", "one"), { root: state });
  const victim = join(folder, "victim");
  writeFileSync(victim, "left alone\n", { mode: 0o640 });
  return { state, path: join(state, "runs", "one", "journal.ndjson"), victim };
}

/** Why it failed, in words, whatever it threw. */
async function why(attempt: () => unknown): Promise<string> {
  try {
    const value = await attempt();
    return `it did not fail: ${String(value)}`;
  } catch (error) {
    return stateFault(error);
  }
}

type Stands = (at: { readonly path: string; readonly victim: string }) => void | Promise<void>;

const files: readonly (readonly [string, Stands, RegExp])[] = [
  [
    "a link to another file",
    ({ path, victim }) => symlinkSync(victim, path),
    /is a symbolic link to \S+victim .*links are not followed.*mv /,
  ],
  [
    "a link that leads nowhere",
    ({ path, victim }) => symlinkSync(`${victim}-not`, path),
    /is a symbolic link/,
  ],
  ["a link to itself", ({ path }) => symlinkSync(path, path), /is a symbolic link/],
  ["a link to /dev/zero", ({ path }) => symlinkSync("/dev/zero", path), /is a symbolic link to \/dev\/zero/],
  [
    "a hard link to another file",
    ({ path, victim }) => linkSync(victim, path),
    /has 2 names \(hard links\).*mv /,
  ],
  [
    "a named pipe",
    ({ path }) => void execFileSync("mkfifo", [path]),
    /is a named pipe \(owner uid \d+, mode 0\d+\), not a regular file/,
  ],
  ["a folder", ({ path }) => mkdirSync(path), /is a folder .*not a regular file/],
  [
    "a socket",
    async ({ path }) => await new Promise<void>((resolve) => createServer().unref().listen(path, resolve)),
    /is a socket .*not a regular file/,
  ],
  [
    "a file that others can write",
    ({ path }) => {
      writeFileSync(path, "x\n");
      chmodSync(path, 0o666);
    },
    /can be written by others \(owner uid \d+, mode 0666\).*chmod 600 /,
  ],
];

const ofRoot: typeof files = [
  [
    "a device",
    ({ path }) => void execFileSync("mknod", [path, "c", "1", "5"]),
    /is a device .*not a regular file/,
  ],
  [
    "another user's file",
    ({ path }) => {
      writeFileSync(path, "x\n");
      chownSync(path, 4321, 4321);
    },
    /belongs to another user \(owner uid 4321, mode 0644\)/,
  ],
];

describe("faults 0.12: a file of records is opened only as one of this user's own", () => {
  for (const [name, put, says] of root ? [...files, ...ofRoot] : files) {
    test(`${name} is refused by every way to it, and nothing else is touched`, async () => {
      const { state, path, victim } = place();
      await put({ path, victim });
      const before = statSync(victim);
      const opening = await why(() => openToAppend(path, { root: state }));
      const readings = [
        await why(() => readStateSync(path, 100, { root: state })),
        await why(async () => await readState(path, 100, { root: state })),
        await why(() => hasState(path, { root: state })),
      ];
      for (const said of [opening, ...readings]) {
        expect(said).toMatch(says);
        expect(said).toContain(path);
      }
      expect(createState(path, "new", { root: state })).toBe(false);
      expect(readFileSync(victim, "utf8")).toBe("left alone\n");
      expect([statSync(victim).mode, statSync(victim).uid]).toEqual([before.mode, before.uid]);
      expect(existsSync(`${victim}-not`)).toBe(false);
    });
  }

  test("what is put in the place of a link replaces the link, not what it leads to", () => {
    const { state, path, victim } = place();
    symlinkSync(victim, path);
    writeStateSync(path, "records\n", { root: state });
    expect([readFileSync(victim, "utf8"), readFileSync(path, "utf8")]).toEqual(["left alone\n", "records\n"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, ".."))).toEqual(["journal.ndjson"]);
  });

  test("a file that is only open to readers is closed to them by its descriptor", () => {
    const { state, path } = place();
    writeFileSync(path, "x\n", { mode: 0o644 });
    openToAppend(path, { root: state });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each([0, 1, 4095, 4096, 4097, 100_000])(
    "of %i bytes exactly so many are read, and one more is refused",
    async (size) => {
      const { state, path } = place();
      writeFileSync(path, Buffer.alloc(size, "x"));
      expect(readStateSync(path, size, { root: state })?.length).toBe(size);
      expect((await readState(path, size, { root: state }))?.length).toBe(size);
      writeFileSync(path, Buffer.alloc(size + 1, "x"));
      expect(await why(() => readStateSync(path, size))).toMatch(
        /is longer than \d+ bytes, the most that is read/,
      );
      expect(await why(async () => await readState(path, size))).toMatch(/is longer than/);
    },
  );

  test("a file of a terabyte that is all holes costs no memory", async () => {
    const { state, path } = place();
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
    expect(await why(() => readStateSync(path, 1_048_576, { root: state }))).toMatch(/is longer than 1 MiB/);
  });

  test("no file is none, and neither is one whose folder is not there", async () => {
    const { state, path } = place();
    expect(readStateSync(path, 10, { root: state })).toBeUndefined();
    expect(await readState(join(state, "no", "such"), 10, { root: state })).toBeUndefined();
    expect([hasState(path), stateNames(join(state, "none"), { root: state })]).toEqual([false, []]);
  });
});

const folders: readonly (readonly [string, (at: { state: string; other: string }) => void, RegExp])[] = [
  [
    "a link",
    ({ state, other }) => {
      renameSync(state, other);
      symlinkSync(other, state);
    },
    /\/state is a symbolic link to \S+ \(owner .*name the folder itself with --state-dir/,
  ],
  [
    "open to others",
    ({ state }) => chmodSync(state, 0o755),
    /\/state is open to others \(owner uid \d+, mode 0755\); chmod 700 \S+\/state$/,
  ],
  [
    "writable by others",
    ({ state }) => chmodSync(state, 0o1777),
    /\/state is open to others .*mode 1777\); chmod 700/,
  ],
  [
    "with a folder in it that is open to others",
    ({ state }) => chmodSync(join(state, "runs"), 0o770),
    /\/state\/runs is open to others/,
  ],
  [
    "with a link in it",
    ({ state, other }) => {
      renameSync(join(state, "runs"), other);
      symlinkSync(other, join(state, "runs"));
    },
    /\/state\/runs is a symbolic link/,
  ],
  [
    "below one where others can write",
    ({ state }) => chmodSync(join(state, ".."), 0o777),
    /^others can write in \S+ \(owner uid \d+, mode 0777\).*chmod go-w/,
  ],
];

const foldersOfRoot: typeof folders = [
  [
    "another user's",
    ({ state }) => chownSync(state, 4321, 4321),
    /\/state belongs to another user \(owner uid 4321/,
  ],
  [
    "below another user's",
    ({ state }) => chownSync(join(state, ".."), 4321, 4321),
    /belongs to another user .*who can put another folder in the place of/,
  ],
];

describe("faults 0.12: the state folder is this user's alone", () => {
  for (const [name, put, says] of root ? [...folders, ...foldersOfRoot] : folders) {
    test(`${name}: it is refused, and nothing is made in it`, async () => {
      const { state, path } = place();
      const other = join(temporaryFolder(), "other");
      put({ state, other });
      const attempts = [
        () => openToAppend(path, { root: state }),
        () => createState(path, "x", { root: state }),
        () => writeStateSync(path, "x", { root: state }),
        () => readStateSync(path, 10, { root: state }),
        () => stateNames(join(state, "runs"), { root: state }),
        () => makeStateFolder(join(state, "runs", "two"), { root: state }),
      ];
      for (const attempt of attempts) expect(await why(attempt)).toMatch(says);
      const runs = [join(state, "runs"), other, join(other, "runs")].find((path) =>
        existsSync(join(path, "one")),
      );
      expect([readdirSync(runs ?? ""), readdirSync(join(runs ?? "", "one"))]).toEqual([["one"], []]);
    });
  }

  test("below a sticky folder, a group of one, and a link of one's own it is taken", () => {
    const { state, path } = place();
    const above = join(state, "..");
    chmodSync(above, 0o1777);
    openToAppend(path, { root: state });
    const { uid, gid } = statSync(above);
    chmodSync(above, 0o775);
    if (uid === gid) openToAppend(path, { root: state });
    chmodSync(above, 0o700);
    const way = join(temporaryFolder(), "way");
    symlinkSync(above, way);
    openToAppend(join(way, "state", "runs", "one", "journal.ndjson"), { root: join(way, "state") });
  });

  test("a path that ends with a slash, or goes through . and .., is the same path", async () => {
    const { state } = place();
    const other = join(temporaryFolder(), "other");
    renameSync(state, other);
    symlinkSync(other, state);
    for (const given of [`${state}/`, `${state}/.`, `${state}/runs/..`]) {
      expect(await why(() => makeStateFolder(given))).toMatch(/is a symbolic link/);
    }
  });

  test.each([
    ["/proc/x/y", /^cannot create its folder: \/proc\/x$/],
    ["/dev/null/x", /^a part of its path is a file/],
    [`/tmp/${"n".repeat(300)}`, /^its path is too long$/],
    [`/${"deep/".repeat(2000)}`, /^its path is too long$/],
    ["/tmp/a\0b", /^its path has a character that no path can have$/],
  ])("%s is refused in words, at once", async (path, says) => {
    for (const attempt of [() => makeStateFolder(path), () => makeFolder(path)]) {
      expect(await why(attempt)).toMatch(says);
    }
  });

  if (root)
    test("a disk that is full or mounted read-only is told in words", async () => {
      const folder = join(temporaryFolder(), "disk");
      mkdirSync(folder);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", folder]);
      try {
        writeStateSync(join(folder, "first"), "x");
        expect(await why(() => writeStateSync(join(folder, "second"), Buffer.alloc(65_536)))).toBe(
          "the disk is full",
        );
        expect(readdirSync(folder)).toEqual(["first"]);
        execFileSync("mount", ["-o", "remount,ro", folder]);
        expect(await why(() => writeStateSync(join(folder, "second"), "x"))).toBe(
          "the disk is mounted read-only",
        );
        expect(await why(() => makeStateFolder(join(folder, "below"), { root: folder }))).toBe(
          "the disk is mounted read-only",
        );
        expect(await why(() => openToAppend(join(folder, "first")))).toBe("the disk is mounted read-only");
      } finally {
        execFileSync("umount", ["-l", folder]);
      }
    });

  test("whatever modes a folder and a file have: taken only where nobody else can enter, or write", () => {
    const mode = fc.integer({ min: 0, max: 0o777 });
    fc.assert(
      fc.property(mode, mode, (folderMode, fileMode) => {
        const { state, path } = place();
        writeFileSync(path, "x\n");
        chmodSync(path, fileMode | 0o600);
        chmodSync(join(path, ".."), folderMode | 0o700);
        let taken = true;
        try {
          readStateSync(path, 10, { root: state });
        } catch (error) {
          expect(error).toBeInstanceOf(StateFault);
          taken = false;
        }
        chmodSync(join(path, ".."), 0o700);
        const { uid, gid } = statSync(path);
        const writers = uid === gid ? 0o002 : 0o022;
        expect(taken).toBe((folderMode & 0o077) === 0 && (fileMode & writers) === 0);
      }),
      { numRuns: 60 },
    );
  });

  test("while another swaps the file for a link all the time, what the link leads to is never read or changed", async () => {
    const { state, path, victim } = place();
    const script = `
      const fs = require("node:fs");
      const [path, victim] = process.argv.slice(1);
      process.stdout.write("on");
      for (;;) {
        fs.writeFileSync(path + ".a", "records\\n");
        fs.renameSync(path + ".a", path);
        fs.symlinkSync(victim, path + ".b");
        fs.renameSync(path + ".b", path);
      }`;
    const swapper = spawn(process.execPath, ["-e", script, path, victim]);
    await new Promise((resolve) => swapper.stdout.once("data", resolve));
    try {
      const seen = new Set<string>();
      for (let index = 0; index < 3000; index++) {
        try {
          seen.add(readStateSync(path, 100, { root: state })?.toString() ?? "none");
        } catch (error) {
          seen.add(error instanceof StateFault ? "refused" : String(error));
        }
      }
      expect([...seen].filter((one) => one !== "records\n" && one !== "refused" && one !== "none")).toEqual(
        [],
      );
    } finally {
      swapper.kill("SIGKILL");
    }
    expect(readFileSync(victim, "utf8")).toBe("left alone\n");
  });
});
