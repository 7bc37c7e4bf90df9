import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readJournal } from "../../src/store/journal-record.ts";
import { declareIncident } from "../store/incident.ts";
import { only, outcome, Rig } from "./rig.ts";
import { down, enter, Screen } from "./screen.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
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

function incident(id: string): string {
  return declareIncident(rig.state, id);
}

describe("a run during an incident", () => {
  test("is recorded in the incident's journal", async () => {
    const journal = incident("INC-2026-0001");
    const ended = await rig.run(["run", "book", "--yes", "--json"]);
    expect(ended.code).toBe(0);
    expect(only(ended, "run.started")["incident"]).toBe("INC-2026-0001");
    expect(only(ended, "run.finished")["journal"]).toBe(journal);
    expect(readJournal(journal).records.at(-1)?.type).toBe("run.finished");
  });

  test("shares it with another run at the same time: one chain, nothing lost", async () => {
    const journal = incident("INC-2026-0001");
    const all = await Promise.all([1, 2, 3].map(() => rig.start(["run", "book", "--yes", "--json"]).ended));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { records, problem, torn } = readJournal(journal);
    expect([problem, torn]).toEqual([undefined, false]);
    expect(records.filter(({ type }) => type === "step.outcome")).toHaveLength(6);
    expect(new Set(rig.server.changes().map(({ key }) => key)).size).toBe(6);
  });

  test("says who else is at work on the platform, and nothing when they are done", async () => {
    incident("INC-2026-0001");
    const asked = rig.server.on("POST /one", "hang").arrives("POST /one");
    const first = rig.start(["run", "book", "--yes"], { env: { SUDO_USER: "alice" } });
    await asked;
    rig.server.on("POST /one", 200);
    const second = await rig.run(["run", "book", "--yes"]);
    expect(second.stderr).toMatch(
      /^warning: \S+ has been running book here since \d\d:\d\d:\d\d UTC \(RUN-.+\); coordinate first$/m,
    );
    expect(second.code).toBe(0);
    first.kill("SIGKILL");
    await first.ended;
    const third = await rig.run(["run", "book", "--yes", "--json"]);
    expect(only(third, "run.started")["concurrent_runs"]).toEqual([]);
  });

  test("goes on where another's run cannot be looked at", async () => {
    // As another user's folder is: what stands there cannot be read.
    mkdirSync(join(rig.state, "runs", "RUN-20260101-000000-0000", "RUN-20260101-000000-0000.lock"), {
      recursive: true,
      mode: 0o700,
    });
    const ended = await rig.run(["run", "book", "--yes", "--json"]);
    expect(only(ended, "run.started")["concurrent_runs"]).toEqual([]);
  });

  test("is resumed in it", async () => {
    incident("INC-2026-0001");
    const asked = rig.server.on("POST /one", "hang").arrives("POST /one");
    const started = rig.start(["run", "book", "--yes"]);
    await asked;
    started.kill("SIGKILL");
    await started.ended;
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, outcome(resumed)]).toEqual([4, "unknown"]);
    expect(only(resumed, "run.started")["incident"]).toBe("INC-2026-0001");
  });

  test("with several open is refused until one is named", async () => {
    incident("INC-2026-0001");
    incident("INC-2026-0002");
    const ended = await rig.run(["run", "book", "--yes"]);
    expect([ended.code, rig.server.requests]).toEqual([2, []]);
    expect(ended.stderr).toBe(
      "several incidents are open: INC-2026-0002 (P1), INC-2026-0001 (P1); name one with --incident\n",
    );
    const named = await rig.run(["run", "book", "--yes", "--json", "--incident", "INC-2026-0002"]);
    expect(only(named, "run.started")["incident"]).toBe("INC-2026-0002");
  });

  test("belongs to the only one of the highest severity, which the first line names", async () => {
    declareIncident(rig.state, "INC-2026-0001", { severity: "P0" });
    incident("INC-2026-0002");
    const ended = await rig.run(["run", "book", "--yes"]);
    expect([ended.code, ended.stderr.split("\n")[0]]).toEqual([
      0,
      expect.stringMatching(/^platform rig, from \S+platform\.yaml; incident INC-2026-0001$/),
    ]);
  });

  test("at a terminal is asked which, when several are as severe", async () => {
    incident("INC-2026-0001");
    incident("INC-2026-0002");
    using screen = new Screen(rig, ["run", "book", "--yes"]);
    await screen.shows("Which incident?");
    screen.type(`${down}${enter}`);
    await screen.shows("incident INC-2026-0001");
    expect((await screen.ended).code).toBe(0);
  });

  test("goes on by itself beside what is no incident, and says what that is", async () => {
    writeFileSync(incident("INC-2026-0001"), "garbage\n");
    const ended = await rig.run(["run", "book", "--yes"]);
    expect([ended.code, ended.stderr.split("\n")[0], rig.runs().length]).toEqual([
      0,
      "INC-2026-0001 is not an open incident: its journal does not begin with an incident's first record",
      1,
    ]);
  });

  test("of one that is named minds no other", async () => {
    incident("INC-2026-0001");
    mkdirSync(join(rig.state, "incidents", "INC-2026-0002", "journal.ndjson"), {
      recursive: true,
      mode: 0o700,
    });
    const [any, named] = [await rig.run(["run", "book", "--yes"]), ["--incident", "INC-2026-0001"]];
    expect([any.code, any.stderr]).toEqual([
      2,
      expect.stringContaining("INC-2026-0002/journal.ndjson is a folder"),
    ]);
    expect((await rig.run(["run", "book", "--yes", ...named])).code).toBe(0);
  });
});

describe("a bug in the program", () => {
  test("is a short message and exit 70; the trace is in a file that only its owner reads", async () => {
    const preload = fileURLToPath(new URL("preload/bug.mjs", import.meta.url));
    const ended = await rig.run(["run", "book", "--yes"], { preload });
    const [file = ""] = readdirSync(join(rig.state, "crashes"));
    const path = join(rig.state, "crashes", file);
    expect([ended.code, ended.stderr]).toEqual([
      70,
      `lav-ir stopped because of a bug: no such signal. What it was doing may have taken effect: check before you repeat it. Details: ${path}.\n`,
    ]);
    expect(readFileSync(path, "utf8")).toContain("TypeError: no such signal");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(rig.server.changes()).toEqual([]);
  });

  test("neither names a secret of this process, nor what merely looks like one", async () => {
    const token = "emergency-Token-0042";
    const message = [
      `no reply to ${token} or ${Buffer.from(token).toString("base64")}`,
      "at postgres://lav:0pen-Sesame@db/lav and mongodb://ops:Tr0ub4dor@log/x",
      `{"api_key":"0a1b2c3d4e5f6a7b"}`,
    ].join(" ");
    const preload = fileURLToPath(new URL("preload/bug.mjs", import.meta.url));
    const DATABASE_URL = "postgres://lav:0pen-Sesame@db/lav";
    const env = { EMERGENCY_TOKEN: token, DATABASE_URL, LAV_BUG: message };
    const ended = await rig.run(["run", "book", "--yes"], { preload, env });
    const [file = ""] = readdirSync(join(rig.state, "crashes"));
    const trace = readFileSync(join(rig.state, "crashes", file), "utf8");
    expect([ended.code, ended.stderr]).toEqual([70, expect.stringContaining("a bug: no reply to ‹secret")]);
    for (const text of [trace, ended.stderr]) {
      for (const secret of [token, "ZW1lcmdlbmN5", "Sesame", "Tr0ub4dor", "0a1b2c3d"])
        expect(text).not.toContain(secret);
    }
    expect(trace).toContain("bug.mjs:");
  });

  test.each([["--state-dir", "elsewhere"], ["--state-dir=elsewhere"]])(
    "the trace is in the state folder that the command names: %s",
    async (...words) => {
      const preload = fileURLToPath(new URL("preload/bug.mjs", import.meta.url));
      const ended = await rig.run(["run", "book", "--yes", ...words], { preload });
      expect([ended.code, readdirSync(join(rig.folder, "elsewhere/crashes")).length]).toEqual([70, 1]);
      expect(existsSync(join(rig.state, "crashes"))).toBe(false);
    },
  );
});
