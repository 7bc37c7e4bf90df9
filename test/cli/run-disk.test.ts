import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outcome, only, Rig } from "./rig.ts";

const preload = fileURLToPath(new URL("preload/full.mjs", import.meta.url));

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook(
    "book",
    `
service: market
steps:
  - { id: one, title: One, "http.post": "\${service.url}/one" }
  - { id: two, title: Two, "http.post": "\${service.url}/two" }
`,
  );
  rig.server.on("POST /one", 200).on("POST /two", 200);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

describe("a disk that is full", () => {
  test("before an intent: its effect does not take place", async () => {
    const ended = await rig.run(["run", "book", "--yes", "--json"], {
      preload,
      env: { FULL: "step.intent 2" },
    });
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(only(ended, "run.finished")["message"]).toMatch(/^cannot write the journal \S+: the disk is full/);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/one"]);
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, rig.server.changes().length]).toEqual([0, 2]);
  });

  test("before an outcome: the change is in doubt, for this run and for its resumption", async () => {
    const ended = await rig.run(["run", "book", "--yes", "--json"], {
      preload,
      env: { FULL: "step.outcome 1" },
    });
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(String(only(ended, "run.finished")["message"])).toContain("One");
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, rig.server.changes().length]).toEqual([4, 1]);
  });

  if (process.getuid?.() === 0)
    test("in truth, from the start: exit 2, and nothing ran", async () => {
      const small = join(rig.folder, "small");
      mkdirSync(small);
      // Room for the folders, and for no page of a file.
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", small]);
      try {
        fill(join(small, "filler"));
        const ended = await rig.run(["run", "book", "--yes", "--state-dir", small]);
        expect([ended.code, rig.server.changes()]).toEqual([2, []]);
        expect(ended.stderr).toMatch(/^cannot write a journal in \S+: the disk is full\nNothing ran\. /);
      } finally {
        execFileSync("umount", ["-l", small]);
      }
    });

  // What only root may do: a real file system without room. Elsewhere its quota stands for it.
  if (process.getuid?.() === 0)
    test("in truth, in the middle of a run", async () => {
      const small = join(rig.folder, "small");
      mkdirSync(small);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", small]);
      try {
        const filler = join(small, "filler");
        rig.server.on("POST /one", () => {
          fill(filler);
          return 200;
        });
        const ended = await rig.run(["run", "book", "--yes", "--json", "--state-dir", small]);
        // The journal's last page may still have room for the outcome; for the next intent it has none.
        expect([1, 4]).toContain(ended.code);
        expect(only(ended, "run.finished")["message"]).toContain("the disk is full");
        expect(rig.server.changes().map(({ path }) => path)).toEqual(["/one"]);
        rmSync(filler);
        const resumed = await rig.run(["resume", "--yes", "--json", "--state-dir", small]);
        expect([resumed.code, rig.server.changes().length]).toEqual(ended.code === 1 ? [0, 2] : [4, 1]);
      } finally {
        execFileSync("umount", ["-l", small]);
      }
    });
});

/** Writes until nothing more fits. */
function fill(path: string): void {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Perhaps less still fits.
    }
  }
}
