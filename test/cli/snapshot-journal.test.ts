import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClock } from "../../src/drivers/clock.ts";
import type { SnapshotData } from "../../src/events/snapshot-record.ts";
import { sshPublicKey } from "../../src/ssh/sshsig.ts";
import { openJournal } from "../../src/store/journal.ts";
import { entriesOf, repack, resign } from "../evidence/bundle/bag.ts";
import { only, Rig } from "./rig.ts";

// What the journals of this machine say of a sealed file, whatever the file says of itself.

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

async function taken(): Promise<string> {
  const ended = await rig.run(["snapshot", "--only", "host.machine", "--json"]);
  expect(ended.code).toBe(0);
  return String(only(ended, "snapshot.sealed")["path"]);
}

const journalPath = (): string => join(rig.state, "snapshots", "journal.ndjson");

async function verified(path: string, ...more: string[]) {
  const plain = await rig.run(["snapshot", "verify", path, ...more]);
  const json = await rig.run(["snapshot", "verify", path, ...more, "--json"]);
  const row = only(json, "snapshot.verified");
  expect(json.code).toBe(plain.code);
  return { code: plain.code, text: plain.stdout, row };
}

/** Somebody's key, and the file that makes it a trusted one. */
function somebody() {
  const { privateKey } = generateKeyPairSync("ed25519");
  const line = `eve@desk ssh-ed25519 ${sshPublicKey(privateKey).toString("base64")}\n`;
  rig.file("signers", line);
  return { privateKey, signers: join(rig.folder, "signers") };
}

test("as it was sealed: the digest is on record, with when and by whom", async () => {
  const { code, text, row } = await verified(await taken());
  expect(code).toBe(0);
  expect(text).toMatch(/^journal {7}the same digest was recorded, by \S+ at 20\S+Z in \S+journal\.ndjson$/m);
  expect(row["journal"]).toMatchObject({ verdict: "matches", journal: journalPath() });
});

test("another bag under its name, signed by somebody trusted: the journal has another digest", async () => {
  const path = await taken();
  const before = String((await verified(path)).row["sha256"]);
  repack(
    path,
    entriesOf(path).map(({ whole }) => whole),
  );
  const { privateKey, signers } = somebody();
  resign(path, privateKey);
  const { code, text, row } = await verified(path, "--signers", signers);
  expect([code, row["integrity"]]).toEqual([1, "intact"]);
  expect(row["signer"]).toMatchObject({ verdict: "trusted", name: "eve@desk" });
  expect(row["journal"]).toMatchObject({ verdict: "differs", sha256: before, chain: "same" });
  expect(text).toContain("DIFFERENT DIGEST recorded");
  expect(text).toContain("the chain of custody is the one recorded");
});

test("signed again, even by somebody trusted: the journal has who signed it first", async () => {
  const path = await taken();
  const first = (await verified(path)).row["signer"] as { readonly key: string };
  const { privateKey, signers } = somebody();
  resign(path, privateKey);
  const { code, text, row } = await verified(path, "--signers", signers);
  expect([code, row["integrity"]]).toEqual([1, "intact"]);
  expect(row["journal"]).toMatchObject({ verdict: "resigned", key: first.key });
  expect(text).toContain(`SIGNED AGAIN: the same digest was recorded`);
});

test("on a machine that did not seal it: no journal speaks of it, and that is no fault of the file", async () => {
  const path = await taken();
  rmSync(journalPath());
  const { code, text, row } = await verified(path);
  expect([code, row["journal"]]).toEqual([0, { verdict: "absent" }]);
  expect(text).toContain("no journal on this machine mentions it");
});

test("a journal that was changed does not vouch for it", async () => {
  const path = await taken();
  const text = readFileSync(journalPath(), "utf8");
  writeFileSync(journalPath(), text.replace('"verdict":"complete"', '"verdict":"Complete"'));
  const { code, row } = await verified(path);
  expect(code).toBe(1);
  expect(row["journal"]).toEqual({
    verdict: "broken",
    journal: journalPath(),
    why: "line 1 was changed after it was written",
  });
});

test("what a run took before its change is looked up in the run's own journal", async () => {
  const path = await taken();
  const { data } = JSON.parse(readFileSync(journalPath(), "utf8")) as {
    data: SnapshotData<"snapshot.sealed">;
  };
  rmSync(journalPath());
  const folder = join(rig.state, "runs", "RUN-20260101-000000-abcd");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = await openJournal({
    folder,
    actor: "ada",
    host: "here",
    clock: createClock(),
    shared: false,
  });
  const place = { run: "RUN-20260101-000000-abcd", step: "act", section: "steps" as const, missing: [] };
  await journal.append({ type: "evidence.sealed", data: { ...place, ...data } });
  journal.close();
  const { code, row } = await verified(path);
  expect([code, row["journal"]]).toMatchObject([0, { verdict: "matches", actor: "ada" }]);
});
