import { afterEach, beforeEach, expect, test } from "vitest";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { mkdirSync } from "node:fs";
import { findBlocks } from "../../src/app/incident/block-text.ts";
import { blockOf } from "../../src/app/incident/block.ts";
import { uidOf } from "../../src/app/incident/chain.ts";
import { createClock } from "../../src/drivers/clock.ts";
import { fileStore } from "../../src/store/file-store.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
let slack: SlackStandIn;
let duty: PagerDutyStandIn;
const env = { SLACK_TOKEN: "xoxb-stand-in-token", PD_KEY: "R0UTINGKEY0000000000000000000001" };
const full = new URL("preload/full.mjs", import.meta.url).href;

beforeEach(async () => {
  [rig, slack, duty] = [await Rig.create(), await slackStandIn(), await pagerDutyStandIn()];
  rig.platform(
    `people: { rosa: { name: Rosa, phone: "+44 20 7946 0004" }, max: { name: Max, phone: "+44 20 7946 0006" } }\n` +
      `channels:\n` +
      `  war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" }\n` +
      `  on-call: { pagerduty: { routing_keys: ["\${secrets.PD_KEY}"] }, url: "${duty.url}" }\n` +
      `  sms: { twilio: { account: AC1, token: "\${secrets.SMS}", from: "+15550100" } }\n` +
      `  phone: { call: {} }\n` +
      "severities: { P0: { name: Critical, page: [war-room, on-call, sms:rosa, phone:max] } }\n",
  );
});
afterEach(async () => {
  await Promise.all([rig, slack, duty].map(async (one) => await one[Symbol.asyncDispose]()));
});

test("on a full disk the alert goes out all the same, says NOT RECORDED, and names whom to call", async () => {
  const { code, stdout, stderr } = await rig.run(["declare", "P0", "orders rejected"], {
    env: { ...env, FULL: "any 1" },
    preload: full,
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^NR-\d{8}-\d{6}-[0-9a-f]{6} {2}NOT RECORDED .*\n {2}declared P0: orders rejected\n-----BEGIN [^]*-----END .*-----\n$/,
  );
  expect(stderr).toContain("NOT RECORDED: the disk is full\n");
  expect(stderr).toContain(
    "Sent without a record, and not repeated: war-room, on-call\n" +
      "  call Max: +44 20 7946 0006\n  call Rosa: +44 20 7946 0004\n  sms (rosa): SMS is not set\n",
  );
  expect(slack.posts.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^<!channel> \[NR-\d{8}-\d{6}-[0-9a-f]{6}\] NOT RECORDED: 🚨 P0 INCIDENT[^]*orders rejected/,
    ),
  ]);
  expect(duty.incidents.map(({ summary }) => summary)).toEqual([expect.stringContaining("NOT RECORDED")]);
});

test("so does a page, and a note is sent nowhere", async () => {
  mkdirSync(rig.state, { mode: 0o700 });
  const lock = await takeLock(senderLock(rig.state), 0);
  await rig.run(["declare", "P0", "orders rejected", "-q"], { env });
  const paged = await rig.run(["page", "on-call", "please join"], {
    env: { ...env, FULL: "any 1" },
    preload: full,
  });
  expect(paged.code).toBe(1);
  expect(paged.stderr).toMatch(/NOT RECORDED in INC-\d+-0001: the disk is full/);
  expect(paged.stderr).toContain("Sent without a record, and not repeated: on-call\n");
  expect(duty.incidents).toHaveLength(1);
  const noted = await rig.run(["note", "it is bad"], { env: { ...env, FULL: "any 1" }, preload: full });
  expect([noted.code, slack.posts.length, duty.incidents.length]).toEqual([1, 0, 1]);
  // Its references are to records of this incident, and another machine has one of the same name.
  const found = findBlocks(noted.stdout);
  const [block] = found.ok ? found.value.map(blockOf) : [];
  const { incident = "", uid } = block?.ok === true ? block.value : {};
  const store = fileStore({ state: rig.state, actor: "ada", host: "h" }, createClock());
  expect([uid, uid]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), await uidOf({ store, incident })]);
  if ("release" in lock) await lock.release();
});

test("a quiet declaration says too that nobody is paged, where the platform file is broken", async () => {
  rig.platform("channels: { war-room: { telegraph: {} } }\n");
  const { code, stdout, stderr } = await rig.run(["declare", "P0", "orders rejected", "-q"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^INC-\d+-0001\n$/)]);
  expect(stderr).toMatch(/^nobody is paged: .*telegraph/);
  // What it has cannot be known.
  const aloud = await rig.run(["declare", "P0", "orders rejected"]);
  expect(aloud.stdout).toMatch(/\n {2}nobody is reached by a channel\n {2}nobody is paged: .*telegraph/);
});
