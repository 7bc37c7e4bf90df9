import { beforeEach, describe, expect, test } from "vitest";
import { write } from "../app/incident/queue.ts";
import { attempt, queued, result } from "../incident/records.ts";
import { first, quietDesk } from "./quiet-desk.ts";
import { enter, Screen } from "./screen.ts";

const sections = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  bob: { name: Bob, phone: "+44 20 7946 0002" }
channels:
  war-room: { slack: { webhook: "\${secrets.WAR}" } }
  on-call: { pagerduty: { routing_keys: ["\${secrets.PD}"] } }
severities: { P0: { name: Critical, page: [war-room] } }
incident: { zone: Europe/London }
`;
const desk = quietDesk(sections);
const { run, lines } = desk;
beforeEach(async () => void (await run("declare", "P0", "orders rejected", "-q")));

describe("actions", () => {
  test("are added, moved, done and listed, each time as a record; behind the end too", async () => {
    const details = ["--owner", "bob", "--due", "2099-12-10", "--priority", "high"];
    const added = await run("actions", "add", "runbook", "add", "the", "gateway", ...details);
    expect([added.code, added.stdout]).toEqual([
      0,
      expect.stringContaining("added: 1  runbook  high  add the gateway  (bob, until 2099-12-10)"),
    ]);
    expect((await run("resolve", "over")).code).toBe(0);
    const closed = ["--incident", first];
    expect((await run("actions", "add", "Training", "drill it", ...closed)).code).toBe(0);
    expect((await run("actions", "move", "2", "--owner", "ada", "--due", "7d", ...closed)).code).toBe(0);
    expect((await run("actions", "done", "1", ...closed)).code).toBe(0);
    const { stdout } = await run("actions", "list", ...closed);
    expect(stdout).toMatch(
      /^open {2}2 {2}training {2}medium {2}drill it {2}\(ada, until \d{4}-\d\d-\d\d\) {2}\S+-\d+\ndone {2}1 /,
    );
    expect(lines("incident.action").map(({ data }) => [data["id"], data["owner"], data["done"]])).toEqual([
      ["1", "bob", undefined],
      ["2", undefined, undefined],
      ["2", "ada", undefined],
      ["1", "bob", true],
    ]);
    const listed = await run("actions", "list", ...closed, "--json");
    expect(listed.lines.slice(1)).toMatchObject([
      { type: "incident.action", action: "2", owner: "ada", done: false },
      { type: "incident.action", action: "1", done: true },
    ]);
  });

  test("without a date or an owner say so, and one that is late is LATE", async () => {
    await run("actions", "add", "alert", "page on lag");
    await run("actions", "add", "alert", "page on lag", "--due", "2026-01-02");
    const { stdout } = await run("actions", "list");
    expect(stdout).toMatch(/^open {2}1 {2}alert {2}medium {2}page on lag {2}\(no owner, no date\)/);
    expect(stdout).toMatch(/^LATE {2}2 /m);
  });

  test.each([
    [["add", "preventve", "x"], "preventve is not a kind of action (did you mean preventive?)"],
    [["add", "alert", " "], "the action is empty"],
    [["add", "alert", "x", "--owner", "bobby"], "nobody is named bobby (people: ada, bob)"],
    [["add", "alert", "x", "--due", "friday"], "--due friday is not a date"],
    [["add", "alert", "x", "--due", "2026-02-30"], "is not a date"],
    [["add", "alert", "x", "--priority", "urgent"], "urgent is not a priority (high, medium, low)"],
    [["done", "7"], `${first} has no action 7 (it has none)`],
    [["move", "7", "--due", "7d"], "has no action 7"],
  ])("%j is refused, and nothing is recorded", async (args, why) => {
    const { code, stderr } = await run("actions", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(lines("incident.action")).toEqual([]);
  });

  test("one that is done is not done again, and a move moves something", async () => {
    await run("actions", "add", "alert", "x");
    expect((await run("actions", "move", "1")).stderr).toContain("move needs one of");
    await run("actions", "done", "1");
    expect((await run("actions", "done", "1")).stderr).toContain("action 1 is already done");
    expect(lines("incident.action")).toHaveLength(2);
  });
});

describe("resolve", () => {
  const resolved = (): unknown => lines("incident.resolved").at(-1)?.data;

  test("says the cause and the day of the review; without them not known yet, and the next working day", async () => {
    const ended = await run(
      "resolve",
      "restarted",
      "--cause",
      "a certificate expired",
      "--review-on",
      "2099-12-01",
    );
    expect(ended.stdout).toBe(
      `${first} is resolved\n  cause: a certificate expired\n` +
        "  review: 2099-12-01 10:00:00 Europe/London, 10:00:00 UTC\n" +
        '  actions: none on record; lav-ir actions add preventive "…"\n',
    );
    expect(resolved()).toEqual({
      message: "restarted",
      cause: "a certificate expired",
      review_on: "2099-12-01T10:00:00.000Z",
    });
    await run("reopen", "it was not", "--incident", first);
    await run("actions", "add", "alert", "x");
    const again = await run("resolve", "restarted again", "--cause", "not known yet");
    expect(again.stdout).toMatch(/ {2}cause: not known yet\n {2}review: \d{4}-.*10:00:00 Europe\/London/);
    expect(again.stdout).toContain("  actions: 1 of 1 open\n");
    expect(resolved()).toEqual({
      message: "restarted again",
      review_on: expect.stringMatching(/T(?:09|10):00:00\.000Z$/),
    });
  });

  test.each([
    ["2020-01-01", "is in the past"],
    ["soon", "is not a date"],
  ])("a review on %s is refused: it stays open", async (when, why) => {
    const { code, stderr } = await run("resolve", "x", "--review-on", when);
    expect([code, stderr, resolved()]).toEqual([2, expect.stringContaining(why), undefined]);
  });

  test("what is halted stays so, and that is said", async () => {
    const at = { at: new Date().toISOString() };
    await write(desk.state, [{ type: "incident.fact", data: { name: "halted", at, how: "measured" } }], {
      id: first,
    });
    const { code, stderr } = await run("resolve", "x");
    expect([code, stderr]).toEqual([0, expect.stringContaining("warning: trading is halted, as far as")]);
  });

  test("none is no review", async () => {
    expect((await run("resolve", "x", "--review-on", "none")).stdout).toContain("  review: none\n");
    expect(resolved()).toEqual({ message: "x" });
  });

  test("at a terminal both are asked for; Enter leaves the cause unknown", async () => {
    using screen = new Screen(desk.rig, ["resolve", "x", "--state-dir", desk.state]);
    await screen.shows("Cause? (Enter: not known yet)");
    screen.type(enter);
    await screen.shows("Review on? (Enter: ");
    screen.type(`none${enter}`);
    expect((await screen.ended).code).toBe(0);
    expect(resolved()).toEqual({ message: "x" });
  });
});

describe("reopen", () => {
  test("opens it again, with its clocks; one that is open is refused", async () => {
    expect((await run("reopen", "why")).stderr).toContain(`${first} is open`);
    await run("resolve", "x");
    expect((await run("reopen", "why")).stderr).toContain(
      "no incident is open; --incident selects an ended one",
    );
    const { code, stdout } = await run("reopen", "it", "came", "back", "--incident", first);
    expect([code, stdout]).toEqual([0, expect.stringContaining("  reopened: its clocks run again\n")]);
    expect(lines("incident.reopened")[0]?.data).toEqual({ why: "it came back" });
    expect((await run("status", "--json")).stdout).toContain('"state":"open"');
  });

  test("the rooms that heard of its end hear of it; a pager is to be paged", async () => {
    for (const channel of ["war-room", "on-call"]) {
      const key = `page/${channel}/x`;
      await write(desk.state, [queued({ key, channel }), attempt(key), result(key, "accepted")], {
        id: first,
      });
    }
    await run("resolve", "x");
    const { stdout } = await run("reopen", "it came back", "--incident", first);
    expect(stdout).toContain("  on-call is not notified; page it: lav-ir page on-call\n");
    expect(stdout).toContain("  notices queued: war-room\n");
    expect(lines("message.queued").at(-1)?.data).toMatchObject({
      kind: "notice",
      channel: "war-room",
      body: `REOPENED ${first} P0: it came back`,
    });
  });
});
