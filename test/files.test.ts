import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// faults 0.12: one file knows how to open what lies under the state folder. Who else opens files has a reason.
const source = fileURLToPath(new URL("../src/", import.meta.url));

/** What works on a descriptor, or only looks: nothing is opened, made or changed by it. */
const harmless: ReadonlySet<string> = new Set([
  "closeSync",
  "constants",
  "existsSync",
  "fdatasync",
  "fstatSync",
  "ftruncateSync",
  "lstat",
  "lstatSync",
  "readdir",
  "readdirSync",
  "readlink",
  "read",
  "readSync",
  "realpathSync",
  "stat",
  "statfs",
  "statfsSync",
  "statSync",
  "access",
  "watch",
  "writeSync",
]);

const allowed: Readonly<Record<string, string>> = {
  "app/context/open-file.ts": "a file that the operator names, bounded in size and never waited for",
  "store/state-check.ts": "the kernel's own file on user namespaces",
  "store/state-file.ts": "this is the one file",
  "store/state-folder.ts": "this is the one for folders",
  "app/approval/desk.ts": "a file that the operator names with --approval",
  "cli/commands/snapshot-salvage.ts": "removes the stage that was named, once it is sealed",
  "cli/input.ts": "a text that the operator names",
  "app/context/login.ts": "the system's list of users",
  "app/init/write-files.ts": "files where nothing is, in the folder that the operator names",
  "app/context/replace-file.ts": "a text that the operator has written, replaced in one step",
  "app/run/report-file.ts": "a report that the operator names with --junit",
  "app/wiring/signing.ts": "keys and signers that the operator names, and what ssh-keygen wrote",
  "drivers/process/job.ts": "the kernel's own file on a process",
  "drivers/files/open.ts":
    "a file below a folder that the platform file names, opened without following links",
  "drivers/host/host.ts": "the machine's files, as evidence",
  "drivers/postgres/link.ts": "certificates that the operator names",
  "drivers/ssh-keygen/ssh-keygen.ts": "the operator's SSH keys, and a temporary folder of its own",
  "evidence/bundle/bundle.ts": "a sealed file that the operator names",
  "evidence/bundle/kept-snapshots.ts": "removes sealed files, by name",
  "evidence/bundle/pack.ts": "a stage's files, opened without following links",
  "evidence/bundle/salvage.ts": "a killed stage's files, opened without following links",
  "evidence/bundle/seal.ts": "the sealed file, made where nothing stood",
  "evidence/capture/snapshot.ts": "removes its own stage",
  "evidence/capture/capped-file.ts": "a stage's files, made where nothing stood",
  "evidence/capture/workspace.ts": "a stage's files, in a folder made for them",
  "evidence/bundle/verify.ts": "what stands beside a sealed file that the operator names",
  "store/lock.ts": "the kernel's own file on a process",
  "store/lock-link.ts": "a link that nobody follows, where no file has room",
  "language/source.ts": "runbooks and platform files, with bounds of its own",
};

function opening(text: string): readonly string[] {
  return [...text.matchAll(/import\s+\{([^}]*)\}\s+from\s+"(?:node:)?fs(?:\/promises)?"/g)]
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.trim().replace(/ as .*/, ""))
    .filter((name) => name !== "" && !name.startsWith("type ") && !harmless.has(name));
}

test("files are opened by nobody but the one who does it for the state folder, and those with a reason", () => {
  const found = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => {
      const text = readFileSync(join(source, path), "utf8");
      // A whole module, or one that is loaded later, hides what is taken of it.
      const hidden = /(?:import \* as \w+ from|import \w+ from|import\(|require\()\s*"(?:node:)?fs/.test(
        text,
      );
      return hidden || opening(text).length > 0;
    });
  expect(found.toSorted()).toEqual(Object.keys(allowed).toSorted());
});
