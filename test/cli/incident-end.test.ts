import { afterEach, beforeEach, expect, test } from "vitest";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { senderLock } from "../../src/store/layout.ts";
import { lockHolder } from "../../src/store/lock.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
let slack: SlackStandIn;
let duty: PagerDutyStandIn;
const env = { SLACK_TOKEN: "xoxb-stand-in-token", PD_KEY: "R0UTINGKEY0000000000000000000001" };
const first = `INC-${new Date().getUTCFullYear()}-0001`;

beforeEach(async () => {
  [rig, slack, duty] = [await Rig.create(), await slackStandIn(), await pagerDutyStandIn()];
  rig.platform(
    "channels:\n" +
      `  war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" }\n` +
      `  on-call: { pagerduty: { routing_keys: ["\${secrets.PD_KEY}"] }, url: "${duty.url}", private: true }\n` +
      "severities: { P0: { name: Critical, page: [war-room, on-call] } }\n",
  );
});
afterEach(async () => {
  await Promise.all([rig, slack, duty].map(async (one) => await one[Symbol.asyncDispose]()));
});

const statuses = (): readonly string[] => duty.incidents.map(({ key, status }) => `${key} ${status}`);

test.each([
  [
    "resolve",
    ["the venue is back"],
    "✅ INCIDENT RESOLVED - INC.*Actions Taken: the venue is back;",
    "  notices queued: war-room, on-call\n",
  ],
  [
    "cancel",
    ["the venue is back", "--yes"],
    "CANCELLED INC-.* P0: the venue is back",
    "  notices queued: war-room, on-call\n",
  ],
] as const)(
  "%s tells whoever was paged, and the pager's keys are closed",
  async (command, args, word, says) => {
    await rig.run(["declare", "P0", "orders rejected", "-q"], { env });
    await rig.run(["page", "on-call", "please join"], { env });
    await expect
      .poll(() => [slack.posts.length, ...statuses()])
      .toEqual([1, `${first}/P0 triggered`, `${first}/P0.2 triggered`]);
    // What was accepted is on record: whoever may have heard of it is told.
    await expect
      .poll(async () => (await rig.run(["status", "--json"], { env })).stdout)
      .toContain('"messages":{"accepted":3}');
    const ended = await rig.run([command, ...args], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(says);
    await expect.poll(statuses).toEqual([`${first}/P0 resolved`, `${first}/P0.2 resolved`]);
    await expect.poll(() => slack.posts).toHaveLength(2);
    expect(slack.posts[1]?.text).toMatch(new RegExp(`^\\[${first} #4\\] ${word}`, "s"));
    await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  },
);

test("of a security incident private channels alone hear, and not why", async () => {
  await rig.run(["declare", "P0", "the key was stolen", "--security", "-q"], { env });
  await expect
    .poll(async () => (await rig.run(["status", "--json"], { env })).stdout)
    .toContain('"messages":{"accepted":1}');
  const ended = await rig.run(["resolve", "the key is rotated"], { env });
  expect(ended.stdout).toContain("  notices queued: on-call\n");
  await expect.poll(statuses).toEqual([`${first}/P0 resolved`]);
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  expect(slack.posts).toEqual([]);
});
