import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createClock } from "../../src/drivers/clock.ts";
import { openJournal } from "../../src/store/journal.ts";
import { declareIncident } from "../store/incident.ts";
import { only, Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** What this machine alone is asked for: no service need be there. */
const quick = ["--only", "host.machine,host.platform"];
const password = "hunter2-is-not-good";
const env = { DATABASE_URL: `postgres://lav:${password}@127.0.0.1:1/lav` };

async function taken(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const ended = await rig.run(["snapshot", ...quick, "--json"], { env: { ...env, ...more } });
  expect([ended.code, ended.stderr]).toEqual([0, ""]);
  return String(only(ended, "snapshot.sealed")["path"]);
}

describe("snapshot", () => {
  test("seals a bundle, says so, and notes its digest in a journal", async () => {
    const ended = await rig.run(["snapshot", ...quick], { env });
    expect(ended.code).toBe(0);
    const [path = "", verdict = ""] = ended.stdout.split("\n");
    expect(path.startsWith(join(rig.folder, "snapshots", "lav-ir-none-"))).toBe(true);
    expect(verdict).toMatch(/^complete, [\d.]+ kB, \S+, sha256 [0-9a-f]{64}$/);
    expect(ended.stderr).toMatch(/^ok +host\.machine +\d+ B +[\d.]+m?s /m);
    const sum = createSum(path);
    expect(verdict).toContain(sum);
    const journal = readFileSync(join(rig.state, "snapshots", "journal.ndjson"), "utf8");
    expect(journal).toContain(sum);
    const text = gunzipSync(readFileSync(path)).toString("latin1");
    expect(text.includes(password)).toBe(false);
    expect(text.includes("secret:known:")).toBe(true);
    expect(journal + ended.stdout + ended.stderr).not.toContain(password);
  });

  test("belongs to the open incident, whose journal has the digest", async () => {
    const folder = join(rig.state, "incidents", "INC-2026-0001");
    declareIncident(rig.state, "INC-2026-0001");
    const path = await taken();
    expect(path).toContain("/lav-ir-INC-2026-0001-");
    expect(readFileSync(join(folder, "journal.ndjson"), "utf8")).toContain('"type":"snapshot.sealed"');
    // The key of its tokens is beside it, and not in it.
    const key = readFileSync(join(folder, "redaction.key"), "utf8");
    expect(gunzipSync(readFileSync(path)).includes(key)).toBe(false);
  });

  test("--plan says what would be taken, and touches nothing", async () => {
    const ended = await rig.run(["snapshot", "--plan", ...quick], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("  host.machine ");
    expect(ended.stdout).toMatch(/\(at most \d+m?s, [\d.]+ [kM]?B\)/);
    expect([existsSync(join(rig.folder, "snapshots")), existsSync(rig.state)]).toEqual([false, false]);
  });

  test.each([
    [["--since", "soon"], "--since needs a duration such as 30m or 2h, not soon"],
    [
      ["--only", "hots.machine"],
      "--only: unknown collector hots.machine; did you mean host.machine?; --plan lists them",
    ],
    [["--only", ""], "--only: unknown collector ''; --plan lists them"],
  ])("%j is refused", async (args, message) => {
    const ended = await rig.run(["snapshot", ...args]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr.split("\n")[0]?.replaceAll(/[()]/g, "")).toContain(message.split(";")[0]);
  });

  test("that cannot be written is not sealed: exit 4", async () => {
    rig.file("occupied", "");
    const ended = await rig.run(["snapshot", ...quick, "--out", "occupied/here"], { env });
    expect([ended.code, ended.stdout]).toEqual([4, ""]);
    expect(ended.stderr).toMatch(/NOT SEALED: cannot write to \S+: a part of its path is a file/);
  });
});

describe("snapshot verify, show and diff", () => {
  test("each verdict by itself; a change is found and named", async () => {
    const path = await taken();
    const sound = await rig.run(["snapshot", "verify", path]);
    expect(sound.code).toBe(0);
    expect(sound.stdout).toMatch(
      /integrity     intact.*\nsigner        this installation, SHA256:.*\njournal       the same digest was recorded.*\ncompleteness  complete for its --only: \d+ parts were left out\n$/,
    );
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("x")]));
    const broken = await rig.run(["snapshot", "verify", path]);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain("BROKEN");
    expect(broken.stdout).toContain("the archive has bytes after its end");
    expect(broken.stdout).toContain("INVALID: the signature is for another file");
    expect((await rig.run(["snapshot", "verify", "nowhere.tar.gz"])).code).toBe(2);
  });

  test("a configured key signs through ssh-keygen, and whoever has its public half can check", async () => {
    const key = join(rig.folder, "id");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ada@desk", "-f", key]);
    const path = await taken({ LAV_IR_SIGNING_KEY: key });
    expect((await rig.run(["snapshot", "verify", path])).code).toBe(1);
    const signers = join(rig.folder, "signers");
    writeFileSync(signers, `ada@desk ${readFileSync(`${key}.pub`, "utf8")}`);
    const known = await rig.run(["snapshot", "verify", path, "--signers", signers]);
    expect([known.code, known.stdout]).toEqual([
      0,
      expect.stringContaining("signer        ada@desk, SHA256:"),
    ]);
    const base = path.replace(/\.tar\.gz$/, "");
    const args = [
      "-Y",
      "verify",
      "-f",
      signers,
      "-I",
      "ada@desk",
      "-n",
      "lav-ir-snapshot",
      "-s",
      `${base}.sig`,
    ];
    execFileSync("ssh-keygen", args, { input: readFileSync(path) });
  });

  test("a key that cannot sign leaves it unsigned, and says so", async () => {
    const ended = await rig.run(["snapshot", ...quick], { env: { LAV_IR_SIGNING_KEY: "/nowhere/key" } });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/NOT SIGNED: LAV_IR_SIGNING_KEY: /);
    expect(ended.stdout).toMatch(/^(complete|PARTIAL), NOT SIGNED, /m);
  });

  test("show and diff read without extracting; the same secret has the same token", async () => {
    const [first, second] = [await taken(), await taken()];
    const shown = await rig.run(["snapshot", "show", first]);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("data/host/platform.json")]);
    const same = await rig.run(["snapshot", "diff", first, first]);
    expect([same.code, same.stdout]).toEqual([0, "no differences\n"]);
    const other = await rig.run(["snapshot", "diff", first, second]);
    expect(other.stdout).not.toContain("secret ");
    expect(other.stdout).not.toContain("platform.json");
  });
});

describe("snapshot salvage", () => {
  const name = "lav-ir-none-20260101T000000Z-abcdef";
  function left(): string {
    const stage = join(rig.folder, "snapshots", `${name}.stage`);
    mkdirSync(join(stage, name, "data", "one"), { recursive: true });
    writeFileSync(join(stage, name, "custody.jsonl"), '{"data":{"collectors":["one.a","two.b"]}}\n');
    writeFileSync(join(stage, name, "data", "one", "a.log"), `what was captured, ${password}\n`);
    return stage;
  }

  test("seals what was left, as partial, elsewhere when it is told to, and removes it", async () => {
    const stage = left();
    const listed = await rig.run(["snapshot", "list"]);
    expect(listed.stdout).toContain("NOT SEALED");
    const ended = await rig.run(["snapshot", "salvage", stage, "--out", "elsewhere"], { env });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain("PARTIAL");
    expect(ended.stderr).toContain("two.b: two.b: nothing of it had been written");
    expect(existsSync(stage)).toBe(false);
    const [path = ""] = ended.stdout.split("\n");
    expect(path.startsWith(join(rig.folder, "elsewhere"))).toBe(true);
    const text = gunzipSync(readFileSync(path)).toString("latin1");
    expect([text.includes("what was captured, "), text.includes(password)]).toEqual([true, false]);
  });

  test("needs no platform file (faults 0.2)", async () => {
    const stage = left();
    rmSync(join(rig.folder, "runbooks/platform.yaml"));
    const ended = await rig.run(["snapshot", "salvage", stage], { env });
    expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining("PARTIAL") as string });
    expect(existsSync(stage)).toBe(false);
  });

  test("of a folder that a live process works in, or of another, is refused", async () => {
    const stage = left();
    const start = readFileSync(`/proc/${process.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
    writeFileSync(join(stage, "lock"), `${process.pid} ${start} nonce \n`);
    const held = await rig.run(["snapshot", "salvage", stage]);
    expect([held.code, held.stderr]).toEqual([
      2,
      expect.stringContaining(`${stage} is still being written: process ${process.pid} holds ${stage}/lock`),
    ]);
    expect(existsSync(stage)).toBe(true);
    expect((await rig.run(["snapshot", "salvage", rig.folder])).code).toBe(2);
  });
});

describe("snapshot list and prune", () => {
  const kept = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith(".tar.gz"));

  async function old(
    incident: string,
    journal: "open" | "closed" | "absent",
    folder = join(rig.folder, "snapshots"),
  ): Promise<string> {
    const name = `lav-ir-${incident}-20200101T000000Z-abcdef`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const ending of [".tar.gz", ".sha256", ".sig"]) writeFileSync(join(folder, `${name}${ending}`), "x");
    if (journal === "absent") return name;
    const clock = createClock();
    const own = join(rig.state, "incidents", incident);
    const opened = await openJournal({ folder: own, actor: "ada", host: "here", clock, shared: false });
    await opened.append(
      journal === "closed"
        ? { type: "incident.resolved", data: { message: "the venue is back" } }
        : { type: "incident.note", data: { text: "looking" } },
    );
    opened.close();
    return name;
  }

  test("removes what is old, and nothing of an incident that may be open", async () => {
    const names = {
      none: await old("none", "absent"),
      open: await old("INC-2020-0001", "open"),
      closed: await old("INC-2020-0002", "closed"),
      unknown: await old("INC-2020-0003", "absent"),
    };
    rig.file("snapshots/notes.txt", "mine");
    const listed = await rig.run(["snapshot", "list"]);
    expect(listed.stdout.trimEnd().split("\n")).toHaveLength(4);
    // Where runs put theirs into the same folder, each is listed once.
    const same = await rig.run(["snapshot", "list", "--state-dir", rig.folder]);
    expect(same.stdout.trimEnd().split("\n")).toHaveLength(4);
    const asked = await rig.run(["snapshot", "prune", "--older-than", "90d"]);
    expect([asked.code, readdirSync(join(rig.folder, "snapshots")).length]).toEqual([3, 13]);
    expect(asked.stderr).toContain("pass --yes to remove them");
    const pruned = await rig.run(["snapshot", "prune", "--older-than", "90d", "--yes"]);
    expect(pruned.code).toBe(0);
    const left = readdirSync(join(rig.folder, "snapshots"));
    expect(left.filter((name) => name.endsWith(".tar.gz")).toSorted()).toEqual([
      `${names.open}.tar.gz`,
      `${names.unknown}.tar.gz`,
    ]);
    expect(left).toContain("notes.txt");
    expect(left).toHaveLength(7);
  });

  test("what runs took is listed with the rest, and goes by the same rule", async () => {
    const of = (incident: string): string => join(rig.state, "incidents", incident, "snapshots");
    const alone = join(rig.state, "snapshots");
    const names = [
      await old("INC-2020-0001", "open", of("INC-2020-0001")),
      await old("INC-2020-0002", "closed", of("INC-2020-0002")),
      await old("none", "absent", alone),
    ];
    const listed = await rig.run(["snapshot", "list"]);
    expect(listed.stdout.trimEnd().split("\n")).toHaveLength(3);
    for (const name of names) expect(listed.stdout).toContain(name);
    expect(listed.stdout).toContain("incident open, taken by a run");
    const asked = await rig.run(["snapshot", "prune", "--older-than", "90d"]);
    expect([asked.code, kept(alone).length]).toEqual([3, 1]);
    // A folder that is named is meant alone.
    mkdirSync(join(rig.folder, "elsewhere"));
    const elsewhere = await rig.run([
      "snapshot",
      "prune",
      "--older-than",
      "90d",
      "--yes",
      "--out",
      "elsewhere",
    ]);
    expect([elsewhere.code, kept(alone).length]).toEqual([0, 1]);
    const pruned = await rig.run(["snapshot", "prune", "--older-than", "90d", "--yes"]);
    expect(pruned.code).toBe(0);
    expect([kept(of("INC-2020-0001")), kept(of("INC-2020-0002")), kept(alone)]).toEqual([
      [`${names[0]}.tar.gz`],
      [],
      [],
    ]);
    const journal = readFileSync(join(rig.state, "incidents", "INC-2020-0002", "journal.ndjson"), "utf8");
    expect(journal).toMatch(new RegExp(`"type":"snapshot.removed","data":\\{"snapshot":"${names[1]}"`));
    expect(readFileSync(join(alone, "journal.ndjson"), "utf8")).toContain(names[2]);
  });

  test("what cannot be put on record is not removed", async () => {
    await old("none", "absent");
    mkdirSync(join(rig.state, "snapshots", "journal.ndjson"), { recursive: true, mode: 0o700 });
    const pruned = await rig.run(["snapshot", "prune", "--older-than", "90d", "--yes"]);
    expect([pruned.code, kept(join(rig.folder, "snapshots")).length]).toEqual([1, 1]);
    expect(pruned.stderr).toContain("is a folder");
  });

  test("young ones stay; an age must be given", async () => {
    const path = await taken();
    expect((await rig.run(["snapshot", "prune", "--older-than", "1d", "--yes"])).code).toBe(0);
    expect(existsSync(path)).toBe(true);
    expect((await rig.run(["snapshot", "prune", "--yes"])).code).toBe(2);
    const nowhere = await rig.run(["snapshot", "prune", "--older-than", "1d", "--out", "nowhere"]);
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining("nowhere does not exist")]);
  });
});

function createSum(path: string): string {
  return execFileSync("sha256sum", [path], { encoding: "utf8" }).slice(0, 64);
}
