import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureSender, startWaiting } from "../../src/app/incident/ensure-sender.ts";
import type { World } from "../../src/app/context/world.ts";
import { lockHolder } from "../../src/store/lock.ts";
import { senderCardFile, senderLock } from "../../src/store/layout.ts";
import { smtpStandIn } from "../../sandbox/channels/smtp.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { messageRecords, opened, outboxIn, write } from "../app/incident/queue.ts";
import { queued } from "../incident/records.ts";
import { program, Rig } from "./rig.ts";

let rig: Rig;
let slack: SlackStandIn;
const env = { SLACK_TOKEN: "xoxb-stand-in-token" };

beforeEach(async () => {
  [rig, slack] = [await Rig.create(), await slackStandIn()];
  const bot = 'slack: { token: "${secrets.SLACK_TOKEN}", channel: C042 }';
  rig.platform(`channels: { war-room: { ${bot}, url: "${slack.url}" } }\n`);
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await slack[Symbol.asyncDispose]();
});

const states = (): readonly string[] => outboxIn(rig.state).messages.map(({ state }) => state.state);

test("sender --once sends what is queued, and ends", async () => {
  await write(rig.state, [opened, queued({ key: "a", channel: "war-room" })]);
  const ended = await rig.run(["sender", "--once"], { env });
  expect([ended.code, ended.stdout]).toEqual([0, ""]);
  expect(messageRecords(rig.state)).toEqual(["queued a", "attempt a", "result a accepted"]);
  expect(slack.posts).toHaveLength(1);
});

test("a channel whose secret is not set holds its messages, and that is said", async () => {
  await write(rig.state, [opened, queued({ key: "a", channel: "war-room" })]);
  const ended = await rig.run(["sender", "--once"]);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toContain(
    "channel war-room is broken: SLACK_TOKEN is not set; its messages are held\n",
  );
  expect(outboxIn(rig.state).messages).toMatchObject([{ state: { held: "secret: SLACK_TOKEN is not set" } }]);
});

test("without a platform file it is refused", async () => {
  const ended = await rig.run(["sender", "--config", "none.yaml"]);
  expect(ended).toMatchObject({ code: 2 });
});

test("started in the background it is of a session of its own, hears of what is queued, and ends with the incident", async () => {
  await write(rig.state, [opened]);
  const world = {
    env: rig.env(env),
    cwd: rig.folder,
    again: { program: process.execPath, args: [program] },
  } as unknown as World;
  const sending = ensureSender(world, {});
  const pid = "pid" in sending ? sending.pid : 0;
  await expect.poll(() => lockHolder(senderLock(rig.state))?.pid).toBe(pid);
  // The session's leader: no terminal's end is for it.
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]).toBe(String(pid));
  expect(ensureSender(world, {})).toEqual({ pid });

  await write(rig.state, [queued({ key: "a", channel: "war-room" })]);
  await expect.poll(() => states()).toEqual(["accepted"]);
  const second = await rig.run(["sender", "--once"], { env });
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`a sender is already running: process ${pid} holds `);

  await write(rig.state, [{ type: "incident.resolved", data: { message: "over" } }]);
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  expect(readFileSync(join(rig.state, "sender.log"), "utf8")).toContain("platform rig");
});

describe("one that is started before there is anything to send", () => {
  const world = () =>
    ({
      env: rig.env(env),
      cwd: rig.folder,
      again: { program: process.execPath, args: [program] },
    }) as unknown as World;
  const isGone = (pid: number): boolean => {
    const stat = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : ") Z";
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  };
  beforeEach(async () => {
    await write(rig.state, [opened, queued({ key: "a", channel: "war-room" })]);
  });

  test("sends what it is told of, and ends with the incident", async () => {
    const waiting = startWaiting(world(), {});
    expect(ensureSender(world(), {}, undefined, waiting)).toEqual({ pid: waiting?.pid });
    waiting?.dismiss();
    await expect.poll(() => states()).toEqual(["accepted"]);
    expect(lockHolder(senderLock(rig.state))?.pid).toBe(waiting?.pid);
    // Where one lives, none is started.
    expect(startWaiting(world(), {})).toBeUndefined();
    await write(rig.state, [{ type: "incident.resolved", data: { message: "over" } }]);
    await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  });

  test("not told, it sends nothing and ends without a trace", async () => {
    const before = readdirSync(rig.state);
    const waiting = startWaiting(world(), {});
    waiting?.dismiss();
    await expect.poll(() => isGone(waiting?.pid ?? 0)).toBe(true);
    expect([states(), slack.posts]).toEqual([["queued"], []]);
    expect(readdirSync(rig.state).filter((name) => !before.includes(name))).toEqual(["sender.log"]);
    expect(readFileSync(join(rig.state, "sender.log"), "utf8")).toBe("");
  });

  test("killed before it is told, another one is started", async () => {
    const waiting = startWaiting(world(), {});
    process.kill(waiting?.pid ?? 0, "SIGKILL");
    await expect.poll(() => isGone(waiting?.pid ?? 0)).toBe(true);
    // This process may not have heard of its end yet.
    ensureSender(world(), {}, undefined, waiting);
    await expect.poll(() => states()).toEqual(["accepted"]);
    await write(rig.state, [{ type: "incident.resolved", data: { message: "over" } }]);
    await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  });
});

test("declare starts it, and the page is out", async () => {
  rig.platform(
    `channels: { war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" } }\n` +
      "severities: { P0: { name: Critical, means: everything, page: [war-room] } }\n",
  );
  const declared = await rig.run(["declare", "P0", "orders rejected"], { env });
  expect(declared.code).toBe(0);
  await expect.poll(() => slack.posts).toHaveLength(1);
  expect(slack.posts[0]?.text).toContain("Impact: orders rejected");
  const resolved = await rig.run(["resolve", "the venue is back"], { env });
  expect(resolved.code).toBe(0);
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
});

test("a status says when the sender was killed behind its last message", async () => {
  rig.platform(
    `channels: { war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" } }\n` +
      "severities: { P0: { name: Critical, means: everything, page: [war-room] } }\n",
  );
  const declared = await rig.run(["declare", "P0", "orders rejected", "--wait", "300s", "-q"], { env });
  const number = declared.stdout.trim();
  expect(declared.code).toBe(0);
  const missing = "NO SENDER RUNS ON THIS DESK: no clock pages, no answer is read; lav-ir sender\n";
  expect((await rig.run(["status"])).stdout).not.toContain("NO SENDER");
  process.kill(lockHolder(senderLock(rig.state))?.pid ?? 0, "SIGKILL");
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  expect((await rig.run(["status"])).stdout).toContain(missing);
  expect((await rig.run(["resolve", "over", "--cause", "a test"], { env })).code).toBe(0);
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  expect((await rig.run(["status", "--incident", number])).stdout).not.toContain("NO SENDER");
});

test("declare pages a person by e-mail, and the end is told the same way", async () => {
  await using mail = await smtpStandIn({ user: "desk", password: "secret-word" });
  rig.platform(
    "people: { rosa: { name: Rosa, email: rosa@example.com } }\n" +
      'channels: { mail: { email: { server: "${secrets.SMTP_URL}", from: desk@example.com, tls: none } } }\n' +
      "severities: { P0: { name: Critical, means: everything, page: [mail:rosa] } }\n",
  );
  const own = { env: { SMTP_URL: `smtp://desk:secret-word@${mail.host}` } };
  const declared = await rig.run(["declare", "P0", "orders rejected"], own);
  expect([declared.code, declared.stdout]).toEqual([0, expect.stringContaining("pages queued: mail (rosa)")]);
  await expect.poll(() => mail.mails).toHaveLength(1);
  expect(mail.mails[0]).toMatchObject({ from: "desk@example.com", to: ["rosa@example.com"] });
  expect((await rig.run(["resolve", "the venue is back"], own)).code).toBe(0);
  await expect.poll(() => mail.mails).toHaveLength(2);
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  expect(mail.mails.map(({ source }) => /^Subject: (.*)\r$/m.exec(source)?.[1])).toEqual([
    expect.stringMatching(/INC-\d+-0001.*P0/),
    // "✅ INCIDENT RESOLVED", as a header has it, on its first line.
    expect.stringContaining("=E2=9C=85_INCID"),
  ]);
});

describe("declare --wait", () => {
  const waits = async (wait: string, own: Readonly<Record<string, string>>) =>
    await rig.run(["declare", "P0", "orders rejected", "--wait", wait], { env: own });
  beforeEach(() => {
    const slackBot = `slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}"`;
    const page = "severities: { P0: { name: Critical, means: everything, page: [war-room] } }";
    rig.platform(`channels: { war-room: { ${slackBot} } }\n${page}\n`);
  });
  afterEach(async () => {
    await rig.run(["resolve", "over", "--cause", "a test"], { env });
    await expect.poll(() => lockHolder(senderLock(rig.state))).toBeUndefined();
  });

  test("ends with 0 once every channel has accepted its page", async () => {
    const declared = await waits("300s", env);
    expect([declared.code, declared.stderr]).toEqual([0, expect.stringContaining("\nwar-room: accepted\n")]);
    expect(slack.posts).toHaveLength(1);
  });

  test("ends with 1 at once where a channel cannot, and says why", async () => {
    const declared = await waits("300s", {});
    expect(declared.code).toBe(1);
    expect(declared.stderr).toContain("NOT ACCEPTED war-room: held: SLACK_TOKEN is not set\n");
    expect(declared.stdout).toContain("on record");
  });

  test("ends with 1 when the time is over; the page goes out all the same", async () => {
    slack.faults.add({ fault: "rate-limit", seconds: 1, times: 1 });
    const declared = await waits("1ms", env);
    expect([declared.code, declared.stderr]).toEqual([1, expect.stringContaining("NOT ACCEPTED war-room: ")]);
    await expect.poll(() => slack.posts).toHaveLength(1);
  });

  test("that is no duration is refused before anything is declared", async () => {
    expect((await waits("soon", env)).code).toBe(2);
    expect((await rig.run(["incident", "list"])).stdout).toBe("");
  });
});

describe("a living one is replaced", () => {
  const page = ["page", "war-room", "please join"];
  const living = (): number => lockHolder(senderLock(rig.state))?.pid ?? 0;
  const card = (): string => readFileSync(senderCardFile(rig.state), "utf8");
  let number: string;
  /** Or waits for its parent to take note of its end. */
  const isGone = (pid: number): boolean => {
    const stat = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : ") Z";
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  };

  /** A sender that was started with this environment. */
  async function started(own: Readonly<Record<string, string>>): Promise<number> {
    const declared = await rig.run(["declare", "P0", "orders rejected", "--quiet"], { env: own });
    number = declared.stdout.trim();
    expect((await rig.run(page, { env: own })).code).toBe(0);
    await expect.poll(() => living() !== 0 && existsSync(senderCardFile(rig.state))).toBe(true);
    return living();
  }
  const ended = async (): Promise<void> => {
    expect((await rig.run(["resolve", "over"], { env })).code).toBe(0);
    await expect.poll(living).toBe(0);
  };

  test("by a command that has another secret; what was held goes out, and nobody is left", async () => {
    const old = { SLACK_TOKEN: "xoxb-an-old-token" };
    const first = await started(old);
    await expect
      .poll(() => outboxIn(rig.state, number).messages)
      .toMatchObject([{ state: { held: "secret: invalid_auth" } }]);
    expect(card()).not.toContain("xoxb");
    // The same secret, and none: nobody is replaced for that.
    expect((await rig.run(page, { env: old })).code).toBe(0);
    expect((await rig.run(page)).code).toBe(0);
    expect(living()).toBe(first);

    expect((await rig.run(page, { env })).code).toBe(0);
    await expect.poll(() => isGone(first) && living() !== 0).toBe(true);
    expect(living()).not.toBe(first);
    await expect.poll(() => slack.posts).toHaveLength(4);
    await ended();
  });

  test("by a newer version, and not by an older one", async () => {
    const first = await started(env);
    const pid = { pid: first };
    writeFileSync(
      senderCardFile(rig.state),
      JSON.stringify({ ...JSON.parse(card()), ...pid, version: "9.0.0" }),
    );
    expect((await rig.run(page, { env: { SLACK_TOKEN: "xoxb-another" } })).code).toBe(0);
    expect(living()).toBe(first);
    writeFileSync(senderCardFile(rig.state), JSON.stringify({ ...JSON.parse(card()), version: "0.0.9" }));
    expect((await rig.run(page, { env })).code).toBe(0);
    await expect.poll(() => isGone(first) && living() !== 0).toBe(true);
    await ended();
  });

  test("by a command that reads another platform file than it began with", async () => {
    const first = await started(env);
    rig.platform(
      `channels: { war-room: { slack: { token: "\${secrets.SLACK_TOKEN}", channel: C042 }, url: "${slack.url}" } }\n` +
        "people: { rosa: { name: Rosa } }\n",
    );
    expect((await rig.run(page, { env })).code).toBe(0);
    await expect.poll(() => isGone(first) && living() !== 0).toBe(true);
    await ended();
  });
});

test("an interruption ends it with the signal's code", async () => {
  await write(rig.state, [opened]);
  const started = rig.start(["sender"], { env });
  await started.says("rig");
  await expect.poll(() => lockHolder(senderLock(rig.state))).toBeDefined();
  started.kill("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 143 });
  expect(lockHolder(senderLock(rig.state))).toBeUndefined();
});
