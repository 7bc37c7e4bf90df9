import { describe, expect, test } from "vitest";
import { first, quietDesk } from "./quiet-desk.ts";

const sections = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  eve: { name: Eve, phone: "+44 20 7946 0005" }
teams: { stakeholders: [eve] }
channels:
  war-room: { slack: { webhook: "\${secrets.WAR}" } }
  on-call: { pagerduty: { routing_keys: ["\${secrets.PD}"] } }
  sms: { twilio: { account: AC1, token: "\${secrets.SMS}", from: "+15550100" }, private: true }
severities:
  P0: { name: Critical, page: [war-room, on-call, sms:stakeholders] }
  P1: { name: High, page: [on-call] }
clocks:
  updates: { until: update, every: { P0: 15m } }
`;
const { run, lines, recordedBy } = quietDesk(sections);

describe("update", () => {
  test("goes to the rooms of the severity: no pager takes it for the end, and nobody is woken", async () => {
    await run("declare", "P0", "orders rejected", "-q");
    await run("role", "commander", "ada");
    const { stdout } = await run("update", "gateway", "restarted");
    expect(stdout).toContain("  updates queued: war-room\n");
    const [note, queued] = lines().slice(-2);
    expect(note).toMatchObject({ type: "incident.note", data: { text: "update: gateway restarted" } });
    expect(queued?.data).toMatchObject({
      kind: "update",
      channel: "war-room",
      level: "P0",
      body: `UPDATE ${first} P0 (open)\ngateway restarted\nIncident Commander: ada`,
    });
    expect(queued?.data["key"]).toMatch(/^update\/war-room\/.+-\d+$/);
  });

  test("to an audience is for it: its clock is met when a provider took it", async () => {
    await run("declare", "P0", "orders rejected", "-q");
    const [, queued] = await recordedBy("update", "half of the venues", "--to", "stakeholders");
    expect(queued?.data).toMatchObject({
      kind: "update",
      channel: "sms",
      person: "eve",
      level: "stakeholders",
    });
  });

  test("of a security incident keeps its text on record, and sends none of it", async () => {
    await run("declare", "P0", "the key was stolen", "--security", "-q");
    const refused = await run("update", "keys are rotated");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("no room takes updates")]);
    const [note, queued] = await recordedBy("update", "keys are rotated", "--to", "stakeholders");
    expect(note?.data["text"]).toBe("update to stakeholders: keys are rotated");
    expect(queued?.data["body"]).toBe(`UPDATE ${first} P0 (open)`);
  });

  test.each([
    [["update", "x", "--to", "stakeholder"], "nobody is named stakeholder (did you mean stakeholders?)"],
    [["update", " "], "the update is empty"],
    [["update", "x", "--to", "on-call"], "no channel reaches on-call"],
  ])("%j is refused, and nothing is recorded", async (args, why) => {
    await run("declare", "P0", "orders rejected", "-q");
    const before = lines().length;
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(lines()).toHaveLength(before);
  });
});

describe("correct", () => {
  test("moves a time, changes a value, or hides a record; each is kept, of one that is over too", async () => {
    await run("declare", "P1", "orders rejected", "-q");
    const ref = (await run("fact", "users", "1200")).stdout.match(/\((\S+)\)/)?.[1] ?? "";
    const note = (await run("note", "the password is hunter2")).stdout.match(/\((\S+)\)/)?.[1] ?? "";
    const [value] = await recordedBy("correct", ref, "the", "other", "log", "--value", "900");
    expect(value).toMatchObject({
      type: "incident.correct",
      data: { record: ref, field: "value", value: "900", why: "the other log" },
    });
    expect((await run("correct", ref, "earlier", "--at", "5m ago")).stdout).toMatch(/ {2}at \d{4}-/);
    expect((await run("resolve", "over")).code).toBe(0);
    expect((await run("correct", note, "a secret", "--withdraw", "--incident", first)).code).toBe(0);
    const { stdout } = await run("incident", "timeline", "--incident", first);
    expect(stdout).toContain("users: 1200 (corrected: 900)");
    expect(stdout).toContain("withdrawn: a secret");
    expect(stdout).not.toContain("hunter2");
  });

  test.each([
    [["x-99", "why", "--withdraw"], "has no record x-99"],
    [["REF", "why"], "correct needs one of --at, --value and --withdraw"],
    [["REF", "why", "--at", "5m ago", "--withdraw"], "correct needs one of"],
    [["REF", "why", "--at", "2099-01-01 10:00"], "future"],
    [["MESSAGE", "why", "--at", "5m ago"], "cannot be corrected, only withdrawn"],
    [["MESSAGE", "why", "--value", "x"], "neither a value nor a text"],
  ])("%j is refused, and nothing is recorded", async (args, why) => {
    await run("declare", "P0", "orders rejected", "-q");
    const desk = (await run("note", "x")).stdout.match(/\((\S+)-\d+\)/)?.[1] ?? "";
    const before = lines().length;
    const given = args.map((arg) => arg.replace("REF", `${desk}-1`).replace("MESSAGE", `${desk}-2`));
    const { code, stderr } = await run("correct", ...given);
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(lines()).toHaveLength(before);
  });
});

test("each page behind the severity's own has a level of its own: a pager notifies nobody of an open key", async () => {
  await run("declare", "P0", "orders rejected", "-q");
  await run("page", "on-call", "please join");
  await run("page", "on-call", "again");
  const levels = lines().flatMap(({ type, data }) =>
    type === "message.queued" && data["channel"] === "on-call" ? [data["level"]] : [],
  );
  expect(levels).toEqual(["P0", "P0.2", "P0.3"]);
});
