import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";

const id = "INC-2026-0001";

let rig: Rig;
let folder: string;
let journal: string;
let victim: string;
/** A state folder of the case's own. */
let loose: string | undefined;
beforeEach(async () => {
  loose = undefined;
  rig = await Rig.inside();
  rig.runbook(
    "book",
    `
service: market
steps:
  - { id: one, title: One, "http.post": "\${service.url}/one" }
`,
  );
  rig.server.on("POST /one", 200);
  folder = join(rig.state, "incidents", id);
  journal = join(folder, "journal.ndjson");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  victim = join(rig.folder, "victim");
  writeFileSync(victim, "left alone\n", { mode: 0o644 });
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const places: readonly (readonly [string, () => void, RegExp])[] = [
  [
    "a journal that is a link",
    () => symlinkSync(victim, journal),
    /journal\.ndjson is a symbolic link to \S+\/victim/,
  ],
  ["a journal that has a second name", () => linkSync(victim, journal), /journal\.ndjson has 2 names/],
  [
    "a journal that is a named pipe",
    () => void execFileSync("mkfifo", [journal]),
    /journal\.ndjson is a named pipe/,
  ],
  ["a journal that is a folder", () => mkdirSync(journal), /journal\.ndjson is a folder/],
  [
    "a journal that is a link to a device",
    () => symlinkSync("/dev/zero", journal),
    /is a symbolic link to \/dev\/zero/,
  ],
  [
    "a state folder that is a link",
    () => {
      renameSync(rig.state, `${rig.state}-elsewhere`);
      symlinkSync(`${rig.state}-elsewhere`, rig.state);
    },
    /state is a symbolic link to \S+state-elsewhere .*name the folder itself with --state-dir/,
  ],
  [
    "a state folder that is open to others",
    () => chmodSync(rig.state, 0o755),
    /state is open to others .*; chmod 700 \S+state/,
  ],
  [
    "a folder of incidents that is a link",
    () => {
      renameSync(join(rig.state, "incidents"), `${rig.state}-elsewhere`);
      symlinkSync(`${rig.state}-elsewhere`, join(rig.state, "incidents"));
    },
    /state\/incidents is a symbolic link/,
  ],
  [
    "a state folder below one where others can write",
    // A folder of its own: the platform file's may not be one that others can change.
    () => {
      mkdirSync(join(rig.folder, "open"), { mode: 0o700 });
      chmodSync(join(rig.folder, "open"), 0o777);
      loose = join(rig.folder, "open", "state");
    },
    /others can write in \S+ .*; chmod go-w/,
  ],
];

describe("faults 0.12: what cannot be trusted to keep records", () => {
  test.each(places)(
    "%s: exit 2 before anything ran, one message, nothing else touched",
    async (_name, put, says) => {
      put();
      const commands = [
        ["run", "book", "--yes"],
        ["resolve", "it is back"],
        ["snapshot", "--only", "host"],
      ];
      for (const args of commands) {
        const ended = await rig.run(loose === undefined ? args : [...args, "--state-dir", loose]);
        expect([args[0], ended.code, ended.stdout]).toEqual([args[0], 2, ""]);
        expect(ended.stderr).toMatch(says);
        expect(ended.stderr).toMatch(/^cannot write a journal in /);
        expect(ended.stderr).not.toMatch(/\n\s+at |bug/);
      }
      expect([rig.server.requests, existsSync(join(rig.folder, "snapshots"))]).toEqual([[], false]);
      expect([readFileSync(victim, "utf8"), statSync(victim).mode & 0o777]).toEqual(["left alone\n", 0o644]);
    },
  );

  test("a run's own journal that became a link is not gone on with", async () => {
    renameSync(join(rig.state, "incidents"), join(rig.folder, "none"));
    await rig.run(["run", "book", "--yes"]);
    const own = rig.journal();
    renameSync(own, `${own}.aside`);
    symlinkSync(victim, own);
    const ended = await rig.run(["resume", "--yes"]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toMatch(/^no run is waiting to be resumed\n\S+journal\.ndjson is a symbolic link/);
    expect(readFileSync(victim, "utf8")).toBe("left alone\n");
  });

  test("a --state-dir below /proc is refused at once", async () => {
    const ended = await rig.run(["run", "book", "--yes", "--state-dir", "/proc/x"]);
    expect([ended.code, ended.stdout, rig.server.requests]).toEqual([2, "", []]);
    expect(ended.stderr).toMatch(
      /^cannot write a journal in \/proc\/x\/runs\/\S+: cannot create its folder: \/proc\/x\nNothing ran\./,
    );
  });
});
