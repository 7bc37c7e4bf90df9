import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { slackStandIn } from "../../../sandbox/channels/slack.ts";
import { smtpStandIn } from "../../../sandbox/channels/smtp.ts";
import { createCommandSecrets } from "../../../src/app/context/command-secrets.ts";
import { createDirectory } from "../../../src/app/wiring/channel-directory.ts";
import type { ChannelProvider } from "../../../src/platform/channels.ts";
import type { IncidentPlan } from "../../../src/platform/incident-plan.ts";
import { message, soon, within } from "../../drivers/channel/message.ts";
import { temporaryFolder } from "../../program.ts";

function planOf(
  provider: ChannelProvider,
  more: { url?: string; private?: boolean; drill?: string } = {},
): Pick<IncidentPlan, "channels" | "people"> {
  const rosa = { id: "rosa", name: "Rosa", logins: ["rosa"], phone: "+44 20 7946 0000" };
  const people = { rosa, eve: { id: "eve", name: "Eve", logins: ["eve"] } };
  return { channels: { it: { name: "it", provider, private: false, answers: true, ...more } }, people };
}

const bot: ChannelProvider = { type: "slack", token: "${secrets.SLACK_TOKEN}", channel: "C042" };

function worldOf(env: Record<string, string>) {
  return { env, commandSecrets: createCommandSecrets({ env, stop: new AbortController().signal }) };
}

async function entryOf(env: Record<string, string>, plan: Pick<IncidentPlan, "channels" | "people">) {
  return (await createDirectory(worldOf(env), plan, undefined).entries()).get("it");
}

test.each([
  [bot, "SLACK_TOKEN is not set"],
  [{ type: "pagerduty", routing_keys: ["${secrets.A}", "${secrets.B}"] } as const, "A is not set"],
  [
    { type: "twilio", account: "AC1", token: "${secrets.TWILIO_AUTH_TOKEN}", from: "+1 555 0100" } as const,
    "TWILIO_AUTH_TOKEN is not set",
  ],
  [{ type: "webhook", address: "http://h/", secret: "${secrets.HOOK}" } as const, "HOOK is not set"],
  [{ type: "email", server: "${secrets.SMTP}", from: "a@example.com" } as const, "SMTP is not set"],
])("%j without its secrets: %s", async (provider, broken) => {
  expect(await entryOf({}, planOf(provider))).toMatchObject({ channel: undefined, broken });
});

test("a channel is made of the secrets that its texts name, at the address that the file says", async () => {
  await using slack = await slackStandIn();
  const entry = await entryOf({ SLACK_TOKEN: "xoxb-stand-in-token" }, planOf(bot, { url: slack.url }));
  expect(await entry?.channel?.send(message(), within(soon))).toMatchObject({ outcome: "accepted" });
  expect([entry?.reach("rosa"), entry?.reach("eve"), entry?.reach("nobody")]).toEqual([
    "+442079460000",
    undefined,
    undefined,
  ]);
});

test("an e-mail goes to the address of a person, with the login of its secret", async () => {
  await using server = await smtpStandIn({ user: "desk", password: "secret-word" });
  const provider = {
    type: "email",
    server: "${secrets.SMTP}",
    from: "desk@example.com",
    tls: "none",
  } as const;
  const people = { rosa: { id: "rosa", name: "Rosa", logins: [], email: "rosa@example.com", phone: "+1" } };
  const env = { SMTP: `smtp://desk:secret-word@${server.host}` };
  const entry = await entryOf(env, { ...planOf(provider), people });
  const to = entry?.reach("rosa");
  expect(to).toBe("rosa@example.com");
  expect(await entry?.channel?.send(message(to === undefined ? {} : { to }), within(soon))).toEqual({
    outcome: "accepted",
  });
  expect(server.mails).toMatchObject([{ from: "desk@example.com", to: ["rosa@example.com"] }]);
});

test.each(["h:25", "http://h", "smtp://", "smtp://h:0x1"])("%s is no mail server", async (server) => {
  const provider = { type: "email", server: "${secrets.SMTP}", from: "a@example.com" } as const;
  const entry = await entryOf({ SMTP: server }, planOf(provider));
  expect(entry).toMatchObject({
    channel: undefined,
    broken: "its server is not smtp://host:port or smtps://host:port",
  });
});

test("a secret in a file is read each time; the same one is the same channel", async () => {
  const file = join(temporaryFolder(), "token");
  const directory = createDirectory(worldOf({ SLACK_TOKEN_FILE: file }), planOf(bot), undefined);
  const now = async () => (await directory.entries()).get("it");
  expect((await now())?.broken).toMatch(/^cannot read SLACK_TOKEN: .*token/);
  writeFileSync(file, "xoxb-first-token\n", { mode: 0o600 });
  const first = await now();
  expect(first?.channel).toBeDefined();
  expect(await now()).toBe(first);
  writeFileSync(file, "xoxb-second-token\n");
  const second = await now();
  expect(second?.secrets).not.toBe(first?.secrets);
  expect(JSON.stringify([first, second])).not.toContain("xoxb");
  expect(directory.redact("said xoxb-first-token and xoxb-second-token")).not.toMatch(
    /first-token|second-token/,
  );
});

test("only a channel that the file calls private is", () => {
  const directory = createDirectory(worldOf({}), planOf(bot, { private: true }), undefined);
  expect([directory.isPrivate("it"), directory.isPrivate("other")]).toEqual([true, false]);
});

test("a channel without an address for drills is none for a drill; one with an address uses no other", async () => {
  await using slack = await slackStandIn({ channels: ["C042", "C099"] });
  const env = { SLACK_TOKEN: "xoxb-stand-in-token" };
  const entriesOf = async (more: { drill?: string }) =>
    await createDirectory(worldOf(env), planOf(bot, { url: slack.url, ...more }), undefined).entries();
  expect([...(await entriesOf({})).keys()]).toEqual(["it"]);
  const drill = (await entriesOf({ drill: "C099" })).get("drill:it");
  await drill?.channel?.send(message(), within(soon));
  expect(slack.posts.map(({ channel }) => channel)).toEqual(["C099"]);
});

test("what a person telephones is no channel of the sender's", async () => {
  expect(await entryOf({}, planOf({ type: "call" }))).toBeUndefined();
});

test("without the token that reads answers the pages go out, and it is named", async () => {
  const pager = { type: "pagerduty", routing_keys: ["${secrets.KEY}"], token: "${secrets.READ}" } as const;
  const deaf = await entryOf({ KEY: "R0" }, planOf(pager));
  expect(deaf).toMatchObject({ channel: {}, deaf: "READ is not set" });
  expect(deaf?.channel).not.toHaveProperty("listen");
  const hearing = await entryOf({ KEY: "R0", READ: "u+token" }, planOf(pager));
  expect(hearing?.channel).toHaveProperty("listen");
  expect(hearing?.deaf).toBeUndefined();
});
