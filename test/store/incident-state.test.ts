// Whether an incident is open has one answer: what commands read in the file, and what a halt is told by a shell.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { askDisks } from "../../src/app/halt/disks.ts";
import type { World } from "../../src/app/context/world.ts";
import { incidentsIn, provenState } from "../../src/store/incidents.ts";
import { longestJournal } from "../../src/store/layout.ts";
import { openOnes } from "../../src/store/pick-incident.ts";
import { temporaryFolder } from "../program.ts";
import { declareIncident, incidentText } from "./incident.ts";

const id = "INC-2026-0001";
const root = process.getuid?.() === 0;

/** @returns the state folder */
function state(): string {
  return join(temporaryFolder(), "state");
}

async function asRead(folder: string): Promise<string | undefined> {
  return openOnes(await incidentsIn(folder))[0]?.id;
}

async function asHalted(folder: string): Promise<string | undefined> {
  const world: Pick<World, "cwd" | "env"> = { cwd: "/", env: {} };
  const disks = askDisks(world, { stateDir: folder }, join(folder, "platform.yaml"));
  try {
    return await disks.incident(30_000);
  } finally {
    disks.close();
  }
}

type Case = readonly [what: string, make: (journal: string) => void];

const declared = incidentText(id);
const resolved = incidentText(id, { after: [["incident.resolved"]] });
const endings = (...types: readonly string[]): string =>
  incidentText(id, { after: types.map((type) => [type]) });
const put =
  (text: string | Buffer) =>
  (journal: string): void =>
    writeFileSync(journal, text, { mode: 0o600 });

const open: readonly Case[] = [
  ["was declared", put(declared)],
  ["was reopened", put(endings("incident.resolved", "incident.reopened"))],
  ["has records of a later version behind the first", put(`${declared}{"v":3,"what":"ever"}\n`)],
  ["is of a later version", put(declared.replaceAll('{"v":1,', '{"v":3,'))],
  ["was not declared, and runs belong to it", put(declared.replace("incident.declared", "run.started"))],
  ["has a resolution that is torn", put(resolved.slice(0, -40))],
  ["has a note on a resolution", put(incidentText(id, { after: [["incident.note", { text: resolved }]] }))],
  [
    "has a note that holds a resolution",
    put(incidentText(id, { after: [["incident.note", { a: { type: "incident.resolved" } }]] })),
  ],
  ["was damaged behind its declaration", put(`${declared}\0\0\0 garbage\n`)],
  [
    "has a record longer than what is read at a time",
    put(`${incidentText(id, { after: [["incident.note", { text: "x".repeat(1_500_000) }]] })}`),
  ],
];

const notOpen: readonly Case[] = [
  ["was resolved", put(resolved)],
  ["was cancelled", put(endings("incident.cancelled"))],
  ["was resolved again", put(endings("incident.resolved", "incident.reopened", "incident.resolved"))],
  ["was resolved, and something was noted later", put(endings("incident.resolved", "incident.note"))],
  [
    "was resolved behind much else",
    put(
      incidentText(id, {
        after: [["incident.note", { text: "x".repeat(5_000_000) }], ["incident.resolved"]],
      }),
    ),
  ],
  ["was damaged, and resolved afterwards", put(resolved.replace("\n", "\n\0\0\0 garbage\n"))],
  ["is empty", put("")],
  ["is torn within its first record", put(declared.slice(0, 100))],
  ["is garbage", put(Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * at * 7) % 256)))],
  ["is a text that speaks of one", put(`"seq":1, "type":"incident.declared"\n`)],
  ["is JSON of something else", put(`{"v":1,"seq":1,"type":"incident.declared"}\n`)],
  [
    "has lost its beginning",
    put(
      incidentText(id, { after: [["incident.note"]] })
        .split("\n")
        .slice(1)
        .join("\n"),
    ),
  ],
  ["is of zeros", put(Buffer.alloc(10_000))],
  ["is not there", () => {}],
  ["is a named pipe", (journal) => void execFileSync("mkfifo", [journal])],
  ["is a folder", (journal) => mkdirSync(journal)],
  [
    "is a link",
    (journal) => {
      put(declared)(`${journal}.real`);
      symlinkSync(`${journal}.real`, journal);
    },
  ],
  ["is a link to a device", (journal) => symlinkSync("/dev/zero", journal)],
  [
    "has a second name",
    (journal) => {
      put(declared)(journal);
      linkSync(journal, `${journal}.second`);
    },
  ],
  [
    "may be written by others",
    (journal) => {
      put(declared)(journal);
      chmodSync(journal, 0o606);
    },
  ],
  [
    "is longer than what is read",
    (journal) => {
      put(declared)(journal);
      truncateSync(journal, longestJournal + 1);
    },
  ],
  [
    "is in a folder that is open to others",
    (journal) => {
      put(declared)(journal);
      chmodSync(dirname(journal), 0o750);
    },
  ],
  [
    "is in a folder that is a link",
    (journal) => {
      put(declared)(journal);
      renameSync(dirname(journal), join(dirname(journal), "../elsewhere"));
      symlinkSync("elsewhere", dirname(journal));
    },
  ],
  ...(root
    ? ([
        [
          "belongs to another user",
          (journal) => {
            put(declared)(journal);
            chownSync(journal, 12_345, 12_345);
          },
        ],
        [
          "is in another user's folder",
          (journal) => {
            put(declared)(journal);
            chownSync(dirname(journal), 12_345, 12_345);
          },
        ],
      ] satisfies readonly Case[])
    : []),
];

describe("an incident's journal decides whether it is open, for every command and for a halt", () => {
  test.each([
    ...open.map(([what, make]) => [what, make, id] as const),
    ...notOpen.map(([what, make]) => [what, make, undefined] as const),
  ])("one that %s", async (_what, make, expected) => {
    const folder = state();
    const journal = declareIncident(folder, id);
    execFileSync("rm", [journal]);
    make(journal);
    expect({ read: await asRead(folder), halted: await asHalted(folder) }).toEqual({
      read: expected,
      halted: expected,
    });
  });

  test("of several the most severe, of equal ones the one declared last; a halt takes the same", async () => {
    const folder = state();
    const at = (hour: number): string => `2026-01-31T${hour}:00:00.000Z`;
    declareIncident(folder, "INC-2026-0001", { severity: "P1", declared: at(10) });
    declareIncident(folder, "INC-2026-0002", { severity: "P0", declared: at(12) });
    declareIncident(folder, "INC-2026-0003", { severity: "P0", declared: at(11) });
    declareIncident(folder, "INC-2026-0004", {
      severity: "P0",
      declared: at(13),
      after: [["incident.resolved"]],
    });
    declareIncident(folder, "INC-2026-0005", {
      severity: "P0",
      declared: at(14),
      after: [["incident.severity", { from: "P0", to: "P2" }]],
    });
    expect(openOnes(await incidentsIn(folder)).map((one) => one.id.at(-1))).toEqual(["2", "3", "1", "5"]);
    expect(await asHalted(folder)).toBe("INC-2026-0002");
  });

  test("one that is none does not hide another", async () => {
    const folder = state();
    declareIncident(folder, id);
    put("garbage\n")(declareIncident(folder, "INC-2026-0002"));
    expect([await asRead(folder), await asHalted(folder)]).toEqual([id, id]);
  });
});

test("that an incident is resolved is believed by an interlock only where the chain holds", async () => {
  const folder = state();
  const journal = declareIncident(folder, id, { after: [["incident.note"], ["incident.resolved"]] });
  expect(await provenState(folder, id)).toBe("resolved");
  writeFileSync(journal, readFileSync(journal, "utf8").replace('"actor":"ada"', '"actor":"eve"'));
  expect(await provenState(folder, id)).toBe("unknown");
  appendFileSync(journal, "garbage\n");
  expect([await provenState(folder, id), await provenState(folder, "../x")]).toEqual(["unknown", "unknown"]);
});
