import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { twilioStandIn, type TwilioStandIn } from "../../sandbox/channels/twilio.ts";
import { senderLock } from "../../src/store/layout.ts";
import { lockHolder } from "../../src/store/lock.ts";
import { HaltWorld } from "./halt-world.ts";
import { ctrlC, enter, Screen } from "./screen.ts";

// A P0 as it is lived through: four people at terminals of their own, each as the login that sudo says, three of them
// answering where they read, and real processes throughout.

let world: HaltWorld;
let slack: SlackStandIn;
let duty: PagerDutyStandIn;
let twilio: TwilioStandIn;
const screens: Screen[] = [];

beforeEach(async () => {
  [world, slack, duty, twilio] = [
    await HaltWorld.create(1),
    await slackStandIn(),
    await pagerDutyStandIn(),
    await twilioStandIn(),
  ];
  const { folder } = world.rig;
  appendFileSync(
    join(folder, "runbooks/platform.yaml"),
    `people:
  ada:  { name: Ada, logins: [ada], phone: "+15550101", slack: U01 }
  bob:  { name: Bob, logins: [bob], phone: "+15550102", slack: U02, pagerduty: PBOB }
  rosa: { name: Rosa, logins: [rosa], phone: "+15550103", slack: U03 }
  max:  { name: Max, logins: [max], phone: "+15550104" }
teams: { cto: [max], deputies: [bob] }
channels:
  war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" }
  on-call: { pagerduty: { routing_keys: ["\${secrets.PD_KEY}"], token: "\${secrets.PD_TOKEN}" }, url: "${duty.url}", api: "${duty.url}" }
  sms: { twilio: { account: ACstandin00000000000000000000000001, token: "\${secrets.SMS}", from: "+15550100" }, url: "${twilio.url}" }
severities: { P0: { name: Critical, means: everything, page: [war-room, on-call, sms:cto] } }
clocks:
  answered: { until: answered, within: { P0: 15m } }
  halted: { until: halted, within: { P0: 5m } }
  commander: { until: commander, within: { P0: 15m } }
escalation: { L1: { who: On call, to: [on-call], next: L2 }, L2: { who: The engineers, to: ["sms:rosa"] } }
`,
  );
});
afterEach(async () => {
  for (const screen of screens.splice(0)) screen[Symbol.dispose]();
  await Promise.all([world, slack, duty, twilio].map(async (one) => await one[Symbol.asyncDispose]()));
});

const secrets = {
  SLACK_TOKEN: "xoxb-stand-in-token",
  PD_KEY: "R0UTINGKEY0000000000000000000001",
  PD_TOKEN: "u+stand-in-token",
  SMS: "stand-in-auth-token",
};

/** Somebody's terminal, with a command in it. */
function at(person: string, ...args: readonly string[]): Screen {
  const env = world.env({ ...secrets, SUDO_USER: person });
  const screen = new Screen(world.rig, args, { columns: 100, rows: 30, env });
  screens.push(screen);
  return screen;
}

/** The same, to its end. @returns what stands on the terminal. */
async function done(person: string, ...args: readonly string[]): Promise<string> {
  const { code, text } = await at(person, ...args).ended;
  expect([args.join(" "), code, text]).toEqual([args.join(" "), 0, text]);
  return text;
}

const status = async (): Promise<string> => (await world.rig.run(["status"])).stdout;

test("the night", { timeout: 900_000 }, async () => {
  const declaring = at("ada", "declare", "P0", "orders rejected at all venues", "--affects", "executioner");
  await declaring.shows("Type HALT to do it");
  // The pages are out while that is asked.
  await expect
    .poll(() => [slack.posts.length, duty.incidents.length, twilio.messages.length])
    .toEqual([1, 1, 1]);
  expect(world.asked()).toBe(0);
  declaring.type(`halt${enter}`);
  const declared = await declaring.ended;
  expect([declared.code, declared.text]).toEqual([0, expect.stringContaining("PROVEN: trading is halted")]);
  const number = /INC-\d+-\d+/.exec(declared.text)?.[0] ?? "";
  expect(await status()).toMatch(new RegExp(`^${number} {2}P0 CRITICAL .*TRADING HALTED, proven`));

  // Three answer, each where they read.
  duty.acknowledge(duty.incidents[0]?.key ?? "", "PBOB");
  const [post] = slack.posts;
  if (post !== undefined) slack.react(post, "U03", "white_check_mark");
  twilio.answer("+15550104", "ack, calling in");
  for (const answer of [
    /answered bob .* by pagerduty/,
    /answered rosa .* by slack/,
    /answered max .* by sms/,
  ])
    await expect.poll(status).toMatch(answer);

  expect(await done("ada", "role", "commander", "me")).toContain("commander: ada (taken)");
  expect(await done("ada", "handoff", "bob")).toContain("they read back: P0 halted");
  const taking = at("bob", "handoff", "accept");
  await taking.shows("Read back the severity");
  taking.type(`P0 halted${enter}`);
  expect((await taking.ended).text).toContain("commander: bob (handed over)");
  expect(await status()).toContain("commander bob");

  // The on-call was paged, so the level behind it is the next one.
  expect(await done("bob", "escalate", "L1")).toContain("escalate L1");
  expect(await done("bob", "escalate")).toContain("escalate L2: The engineers");
  await expect.poll(() => twilio.messages.filter(({ to }) => to === "+15550103")).toHaveLength(1);
  const noted = await done("rosa", "note", "gateway restarted");
  const ref = /on record \((\S+)\)/.exec(noted)?.[1] ?? "";
  await done("rosa", "correct", ref, "it was the other gateway", "--value", "gateway 2 restarted");
  expect(await done("max", "incident", "timeline")).toContain("gateway 2 restarted");

  await done("bob", "mitigated", "routed around the venue");
  const resolving = at("bob", "resolve", "the venue is back");
  await resolving.shows("Cause?");
  resolving.type(`a bad certificate${enter}`);
  await resolving.shows("Review");
  resolving.type(enter);
  expect(await resolving.ended).toMatchObject({ code: 0, text: expect.stringContaining("notices queued") });
  await expect.poll(() => lockHolder(senderLock(world.rig.state))).toBeUndefined();
  expect(slack.posts.at(-1)?.text).toContain("RESOLVED");
  expect(duty.incidents.map(({ status: one }) => one)).toEqual(duty.incidents.map(() => "resolved"));
  const verified = await world.rig.run(["incident", "verify", "--incident", number]);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining(number)]);
});

test("a no to the halt leaves the incident declared, and says that trading is not halted", async () => {
  const declaring = at("ada", "declare", "P0", "orders rejected");
  await declaring.shows("Type HALT to do it");
  declaring.type(enter);
  const { code, text } = await declaring.ended;
  expect([code, text]).toEqual([0, expect.stringMatching(/INC-\S+ is on record; trading is NOT halted/)]);
  expect(text.match(/platform \S+.*, from /g)).toHaveLength(1);
  expect(world.asked()).toBe(0);
  await done("ada", "cancel", "a test", "--yes");
});

test("Ctrl-C at the halt: the incident is on record, and its pages are out", async () => {
  const declaring = at("ada", "declare", "P0", "orders rejected");
  await declaring.shows("Type HALT to do it");
  declaring.type(ctrlC);
  expect(await declaring.ended).toMatchObject({ code: 130 });
  await expect.poll(() => slack.posts).toHaveLength(1);
  expect(world.asked()).toBe(0);
  await done("ada", "cancel", "a test", "--yes");
});
