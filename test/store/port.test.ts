import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// Records are read and written through one interface (`src/store/store.ts`). What else of the room is used above it
// reads and writes none: names of places, locks, the way to files beside the records, and functions of values.

const source = fileURLToPath(new URL("../../src", import.meta.url));

const allowed: Readonly<Record<string, readonly string[]>> = {
  store: ["journalOfRun"],
  // Where the records are, for app/context/store.ts alone.
  "file-store": ["fileStore"],
  layout: ["*"],
  lock: ["askHolderToEnd", "holderText", "lockHolder", "takeLock"],
  "state-check": ["StateFault", "findRules"],
  "state-file": ["*"],
  "state-folder": ["*"],
  "redaction-key": ["tokenKey"],
  "watch-journals": ["watchJournals"],
  desk: ["nameOf"],
  heads: ["headsProblem"],
  "incident-state": ["decidingTexts", "incidentStateOf"],
  "pick-incident": ["incidentName", "mostSevere", "openOnes"],
  "run-list": ["waitingRuns", "whyEnded"],
  runs: ["newRunId", "noJournal", "noRecord"],
};

/** With the file that an operator names, and not with one of the store's. */
const ofAGivenFile = "cli/commands/approve-verify.ts: journal-record readJournal";

function usedIn(file: string): readonly string[] {
  const text = readFileSync(join(source, file), "utf8");
  const imports = text.matchAll(/import \{([^}]*)\} from "[./]+\/store\/([a-z-]+)\.ts"/g);
  return [...imports].flatMap(([, names = "", module = ""]) => {
    const known = allowed[module] ?? [];
    return names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type ") && !known.includes("*"))
      .filter((name) => !known.includes(name))
      .map((name) => `${file}: ${module} ${name}`);
  });
}

const above = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !path.startsWith("store/"),
);

test("nobody above the store reads or writes records but through its interface", () => {
  const found = above.flatMap(usedIn);
  expect(found).toEqual([ofAGivenFile]);
});

test("one file makes it", () => {
  const makers = above.filter((file) =>
    /store\/file-store\.ts"/.test(readFileSync(join(source, file), "utf8")),
  );
  expect(makers).toEqual(["app/context/store.ts"]);
});
