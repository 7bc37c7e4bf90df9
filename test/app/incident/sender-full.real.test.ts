// The sender on a real disk that fills up while it lives. Mounts memory, so it needs root.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { deskKey } from "../../../src/store/desk.ts";
import { readJournal } from "../../../src/store/journal-record.ts";
import { incidentFolder, journalIn, senderLock } from "../../../src/store/layout.ts";
import { lockHolder } from "../../../src/store/lock.ts";
import { verifyJournal } from "../../../src/store/verify-journal.ts";
import { declared, minute, policy } from "../../incident/chains.ts";
import { incident, queued } from "../../incident/records.ts";
import { handClock } from "./hand-clock.ts";
import { messageRecords, outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

const page = 4096;

/** A disk of its own, of half a megabyte. */
class SmallDisk implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), "lav-ir-disk-"));
  readonly state = join(this.path, "state");
  private readonly ballast = join(this.path, "ballast");

  constructor() {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "none", this.path]);
    mkdirSync(this.state, { mode: 0o700 });
  }

  get journal(): string {
    return journalIn(incidentFolder(this.state, incident));
  }

  /** To the last page; the journal's own one is full but for a few bytes. */
  async fill(): Promise<void> {
    const note = (length: number): IncidentRecord => ({
      type: "incident.note",
      data: { text: "x".repeat(length) },
    });
    const before = statSync(this.journal).size;
    await write(this.state, [note(1)]);
    const overhead = statSync(this.journal).size - before;
    const left = page - (statSync(this.journal).size % page) - overhead - 32;
    await write(this.state, [note(left > 0 ? left : left + page)]);
    const fd = openSync(this.ballast, "w");
    try {
      for (;;) writeSync(fd, Buffer.alloc(page));
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    } finally {
      closeSync(fd);
    }
  }

  makeRoom(): void {
    rmSync(this.ballast);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true });
  }
}

const clock = { on: true, from: "declared", every: {}, within: { P0: 15 * minute } };
const opening: IncidentRecord = {
  type: "incident.declared",
  data: declared({
    policy: {
      ...policy,
      severities: { P0: { name: "Critical", means: "all", page: ["war-room"] } },
      clocks: [
        { ...clock, name: "answered", until: "answered", after: [{ at: 5 * minute, page: "next-level" }] },
      ],
      escalation: { L1: { who: "On call", to: ["on-call"] } },
    },
  }),
};
const plan = incidentPlanOf(
  {
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042" } },
      "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"] } },
    },
  },
  {},
);

test("a page of a clock goes out once and NOT RECORDED, and is on record when there is room", async () => {
  await using providers = await Providers.start();
  await using disk = new SmallDisk();
  const time = handClock();
  await write(disk.state, [opening, queued({ key: "page/war-room/ny1-1", channel: "war-room" })]);
  const stop = new AbortController();
  const sending = sendAll(disk.state, providers, { plan, clock: time, once: false, stop: stop.signal });
  await expect.poll(() => messageRecords(disk.state)).toContain("result page/war-room/ny1-1 accepted");
  await disk.fill();
  const { length } = readJournal(disk.journal);
  time.pass(5 * minute);
  await expect
    .poll(() => providers.duty.incidents.map(({ summary }) => summary))
    .toEqual([expect.stringContaining("NOT RECORDED")]);
  time.pass(10_000);
  expect(readJournal(disk.journal)).toMatchObject({ length, torn: false });
  disk.makeRoom();
  time.pass(10_000);
  await expect.poll(() => readJournal(disk.journal).length).toBeGreaterThan(length);
  stop.abort();
  const said = await sending;
  expect(said[0]).toContain("NOT RECORDED: the disk is full");
  expect(providers.duty.incidents).toHaveLength(1);
  expect(outboxIn(disk.state).messages.map(({ state }) => state.state)).toEqual(["accepted", "accepted"]);
  expect(verifyJournal(disk.journal, deskKey(disk.state))).toMatchObject({ verdict: "holds" });
});

test("a sender that starts on the full disk sends what is queued, and puts it on record when there is room", async () => {
  await using providers = await Providers.start();
  await using disk = new SmallDisk();
  const time = handClock();
  await write(disk.state, [opening, queued({ key: "page/on-call/ny1-1", channel: "on-call" })]);
  await disk.fill();
  const { length } = readJournal(disk.journal);
  const stop = new AbortController();
  const sending = sendAll(disk.state, providers, { plan, clock: time, once: false, stop: stop.signal });
  await expect
    .poll(() => providers.duty.incidents.map(({ summary }) => summary))
    .toEqual([expect.stringContaining("NOT RECORDED")]);
  expect(lockHolder(senderLock(disk.state))).toMatchObject({ pid: process.pid });
  disk.makeRoom();
  time.pass(10_000);
  await expect.poll(() => readJournal(disk.journal).length).toBeGreaterThan(length);
  stop.abort();
  await sending;
  expect(outboxIn(disk.state).messages.map(({ state }) => state.state)).toEqual(["accepted"]);
  expect(lockHolder(senderLock(disk.state))).toBeUndefined();
});
