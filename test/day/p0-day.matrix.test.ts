import { writeFileSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedStack } from "../../sandbox/shared.ts";
import { enter } from "../cli/screen.ts";
import { exampleJournal } from "../reference/example-review.ts";
import { DeskOfTwo } from "./desk-of-two.ts";
import { filledIn } from "./written.ts";

// A P0 from the first alert to the review that is held the next day: two people at one desk of the platform, each
// command at a terminal, every channel failing once, and the limits of the shipped platform file, which fall due at
// their minutes: only the day's clock is ours.

const incident = "INC-2026-0001";
const impact = "orders time out at all venues";

let desk: DeskOfTwo;
beforeAll(async () => {
  const stack = await sharedStack();
  await stack.reset();
  desk = await DeskOfTwo.begin(stack, "2026-11-30T09:30:00Z");
});
afterAll(async () => await desk?.[Symbol.asyncDispose]());

test("a P0, from 09:30 to its review", { timeout: 1_200_000 }, async () => {
  await breaks();
  await declares();
  await answers();
  await findsOut();
  await handsOver();
  await tells();
  await mends();
  await resumes();
  await ends();
  await reviews();
  // The example of docs/ is made of it: GOLDEN=write, and then npm run reference.
  if (process.env["GOLDEN"] === "write") writeFileSync(exampleJournal, desk.portableJournal(incident));
});

/** 09:31: no order is filled any more. */
async function breaks(): Promise<void> {
  await desk.stack.quiet();
  await desk.stack.age(601);
  await desk.stack.admin("gateway", "/admin/orders", { n: 6, outcome: "failed" });
}

/** 09:42: declared and halted, while every channel of the first page fails in a way of its own. */
async function declares(): Promise<void> {
  const { ada, clock, providers } = desk;
  const { slack, duty, texts } = providers;
  clock.at("09:42");
  slack.faults.add({ fault: "rate-limit", times: 1 });
  duty.faults.add({ fault: "reset", times: 1, effect: true });
  texts.faults.add({ fault: "unsubscribed", to: "+15550100102" });
  const declaring = desk.terminal(
    ada,
    "declare",
    "P0",
    impact,
    "--affects",
    "executioner",
    "--started",
    "09:31",
  );
  await declaring.shows("Type HALT to do it");
  declaring.type(`halt${enter}`);
  const { code, text } = await declaring.ended;
  expect([code, text]).toEqual([0, expect.stringContaining("PROVEN: trading is halted")]);
  expect(text).toContain(incident);
  const messages = await desk.sent(incident);
  expect(messages.map(({ channel, person, state: { state } }) => [channel, person, state])).toEqual([
    ["war-room", undefined, "accepted"],
    ["on-call", undefined, "accepted"],
    ["sms", "rosa", "accepted"],
    ["sms", "max", "failed"],
  ]);
  expect([slack.posts.length, duty.incidents.length]).toEqual([1, 1]);
}

/** 09:45: two answer where they read, and the one whom no text reached is telephoned. */
async function answers(): Promise<void> {
  const { ada, bob, clock, providers } = desk;
  const { slack, duty } = providers;
  clock.at("09:45");
  duty.acknowledge(duty.incidents[0]?.key ?? "", "P02BOB");
  const [post] = slack.posts;
  if (post !== undefined) slack.react(post, "U04ROSA", "white_check_mark");
  for (const answer of [/bob .* by pagerduty/, /rosa .* by slack/])
    await expect.poll(async () => await desk.types(bob, "status")).toMatch(answer);
  expect(await desk.types(ada, "status")).toMatch(/SILENT +max/);
  clock.at("09:47");
  await desk.types(ada, "ack", "joins the bridge", "--for", "max");
  await desk.types(ada, "role", "commander", "me");
  clock.at("09:48");
  await desk.types(ada, "fact", "bridge");
}

/** 09:50: evidence first; then what is wrong, and a time that was read wrongly and is corrected. */
async function findsOut(): Promise<void> {
  const { ada, bob, clock } = desk;
  clock.at("09:50");
  expect(await desk.types(ada, "snapshot")).toContain("complete");
  clock.at("09:52");
  const looking = desk.terminal(bob, "run", "executioner-fill-rate-drop");
  await looking.shows("(y/N)");
  looking.type(`q${enter}`);
  expect((await looking.ended).code).toBe(3);
  const typed = await desk.types(bob, "fact", "detected", "--at", "09:41");
  const ref = /on record \((\S+)\)/.exec(typed)?.[1] ?? "";
  clock.at("09:54");
  await desk.types(bob, "correct", ref, "the alert is from 09:36", "--at", "09:36");
}

/** 10:05: the executives know, too late; Bob commands once he has read the state back. */
async function handsOver(): Promise<void> {
  const { ada, bob, clock } = desk;
  clock.at("10:05");
  await desk.types(ada, "fact", "briefed");
  expect(await desk.types(ada, "handoff", "bob")).toContain("they read back: P0 halted");
  const taking = desk.terminal(bob, "handoff", "accept");
  await taking.shows("Read back the severity");
  taking.type(`P0 halted${enter}`);
  expect((await taking.ended).text).toContain("commander: bob (handed over)");
}

/** 10:08: rooms, stakeholders and counterparties are told, over channels that fail once each. */
async function tells(): Promise<void> {
  const { bob, clock, providers } = desk;
  const { slack, mail, hook } = providers;
  const next = ["--next", "10:38", "--eta", "11:00", "--yes"];
  clock.at("10:08");
  slack.faults.add({ fault: "reset", times: 1, effect: true, path: "chat.postMessage" });
  await desk.types(bob, "update", "the line of the venues is restarted one by one", "--next", "10:23");
  mail.faults.push({ at: "recipient", code: 451 });
  await desk.types(
    bob,
    "update",
    "trading is halted",
    "--to",
    "stakeholders",
    "--template",
    "stakeholders",
    ...next,
  );
  hook.faults.add({ fault: "rate-limit", times: 1 });
  await desk.types(
    bob,
    "update",
    "trading is halted",
    "--to",
    "venues",
    "--template",
    "counterparties",
    ...next,
  );
  await desk.sent(incident);
  expect(mail.mails.filter(({ to }) => to.includes("eve@example.com"))).toHaveLength(1);
  expect(hook.deliveries).toHaveLength(1);
  expect(slack.posts.filter(({ text }) => text.includes("one by one"))).toHaveLength(1);
}

/** 10:40: orders are filled again. */
async function mends(): Promise<void> {
  const { bob, clock, stack } = desk;
  await stack.age(601);
  clock.at("10:40");
  await desk.types(bob, "note", "line of the venues restarted", "--decision");
  await desk.types(bob, "mitigated", "the line of the venues is up again");
}

/** 10:50: trading resumes in stages; Ada does it, and Bob signs. */
async function resumes(): Promise<void> {
  const { ada, bob, clock } = desk;
  clock.at("10:50");
  const resuming = desk.terminal(ada, "trading", "resume", "--venue", "ATLAS", "--watch", "1s");
  await resuming.shows("Type reduce-only to do it");
  resuming.type(`reduce-only${enter}`);
  await resuming.shows("Paste the line it prints");
  const signing = desk.terminal(bob, "approve", desk.request());
  await signing.shows("to sign it as bob");
  signing.type(`${/Type (\S+) to/.exec(signing.text())?.[1] ?? ""}${enter}`);
  expect((await signing.ended).code).toBe(0);
  await resuming.shows("Type ATLAS to do it");
  resuming.type(`ATLAS${enter}`);
  await resuming.shows("Type all to do it");
  resuming.type(`all${enter}`);
  expect(await resuming.ended).toMatchObject({ code: 0, text: expect.stringContaining("completed") });
}

/** 11:20: over, with its cause. */
async function ends(): Promise<void> {
  const { bob, clock, providers, stack } = desk;
  clock.at("11:15");
  await stack.age(601);
  await stack.admin("gateway", "/admin/orders", { n: 12, outcome: "filled" });
  await desk.types(bob, "run", "executioner-fill-rate-drop");
  clock.at("11:20");
  await desk.types(bob, "fact", "recovered", "--at", "11:00");
  await desk.types(bob, "fact", "recovery-point", "--at", "09:25");
  await desk.types(bob, "fact", "users", "0");
  await desk.types(bob, "fact", "revenue", "not known");
  await desk.types(bob, "resolve", "the line is up", "--cause", "a certificate", "--review-on", "2026-12-01");
  await desk.quiet();
  const left = desk.messages(incident).filter(({ state: { state } }) => state === "queued");
  expect(left.map(({ key }) => key)).toEqual([]);
  const { slack, duty } = providers;
  expect(slack.posts.at(-1)?.text).toContain("RESOLVED");
  expect(duty.incidents.map(({ status }) => status)).toEqual(duty.incidents.map(() => "resolved"));
}

/** The next day. */
async function reviews(): Promise<void> {
  const { bob, clock } = desk;
  clock.until(Date.parse("2026-12-01T10:00:00Z"));
  const of = ["--incident", incident];
  await desk.types(
    bob,
    "actions",
    "add",
    "preventive",
    "renew certificates by machine",
    "--owner",
    "bob",
    "--due",
    "2026-12-10",
    ...of,
  );
  await desk.types(bob, "review", ...of);
  desk.writesReview(incident, filledIn);
  expect(await desk.types(bob, "review", "--check", ...of)).toContain("nothing is missing");
  await desk.types(bob, "review", "--html", ...of);
  await desk.types(bob, "review", "--done", ...of);
  const verified = await desk.types(bob, "incident", "verify", ...of);
  expect(verified).toContain(incident);
}
