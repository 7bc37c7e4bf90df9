import { describe, expect, test } from "vitest";
import { slackStandIn, type SlackStandIn } from "../../../sandbox/channels/slack.ts";
import type { ChannelFault } from "../../../sandbox/channels/faults.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createSlackBot, type SlackBotSettings } from "../../../src/drivers/slack/bot.ts";
import { renderSlack } from "../../../src/drivers/slack/text.ts";
import { createSlackWebhook } from "../../../src/drivers/slack/webhook.ts";
import type { Channel, Sent } from "../../../src/ports/channel.ts";
import { message, soon, within } from "../channel/message.ts";
import { closedPort } from "../loopback.ts";

const secretPath = "/services/T000/B000/stand-in-secret";

function hook(slack: { url: string }, path = secretPath): Channel {
  return createSlackWebhook(createHttp(), { webhook: `https://hooks.slack.com${path}`, url: slack.url });
}

function bot(slack: { url: string }, more: Partial<SlackBotSettings> = {}): Channel {
  return createSlackBot(createHttp(), {
    token: "xoxb-stand-in-token",
    channel: "C042",
    url: slack.url,
    ...more,
  });
}

async function sentBy(channel: Channel, more: Parameters<typeof message>[0] = {}, ms = soon): Promise<Sent> {
  return await channel.send(message(more), within(ms));
}

describe("the webhook", () => {
  test("posts a page that calls the channel", async () => {
    await using slack = await slackStandIn();
    const sent = await sentBy(hook(slack));
    expect(sent).toMatchObject({ outcome: "accepted", at: expect.any(Date) as Date });
    expect(slack.posts).toMatchObject([
      {
        text: "<!channel> [INC-2026-0042 #1] Orders rejected at all venues\nny1-2 3fa9c1d20b7e",
        broadcast: true,
      },
    ]);
  });

  test("of no address is refused before anything is sent", async () => {
    const none = createSlackWebhook(createHttp(), { webhook: "hooks.slack.com/secret" });
    expect(await sentBy(none)).toEqual({
      outcome: "refused",
      secret: true,
      message: "the webhook is no https address",
    });
  });

  test("that was taken back holds its messages: another address would do", async () => {
    await using slack = await slackStandIn();
    expect(await sentBy(hook(slack, "/services/T000/B000/old"))).toMatchObject({
      outcome: "refused",
      secret: true,
      code: "no_service",
    });
  });
});

describe("the bot", () => {
  test("posts with its key, and finds the message by it", async () => {
    await using slack = await slackStandIn();
    const sent = await sentBy(bot(slack));
    expect(sent).toMatchObject({ outcome: "accepted", providerId: slack.posts[0]?.ts });
    expect(slack.posts).toMatchObject([
      { metadata: { event_type: "lav_ir", event_payload: { key: "INC-2026-0042 page/war-room/ny1-1" } } },
    ]);
    const look = async (more: Parameters<typeof message>[0] = {}) =>
      await bot(slack).look?.(message(more), within(soon));
    expect(await look()).toMatchObject({ found: "yes", providerId: slack.posts[0]?.ts });
    expect(await look({ key: "page/war-room/ny1-9" })).toEqual({ found: "no" });
    expect(await look({ incident: "INC-2026-0043" })).toEqual({ found: "no" });
  });

  test("finds it behind two hundred others, and says so where it did not look through all", async () => {
    await using slack = await slackStandIn();
    await sentBy(bot(slack));
    const others = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) await sentBy(bot(slack), { key: `other ${at}` });
    };
    await others(120);
    expect(await bot(slack).look?.(message(), within(soon))).toMatchObject({ found: "yes" });
    await others(400);
    expect(await bot(slack).look?.(message(), within(soon))).toMatchObject({ found: "unknown" });
  });

  test("cannot look without the scope, and says that", async () => {
    await using slack = await slackStandIn();
    slack.faults.add({ fault: "missing-scope", path: "history" });
    expect(await sentBy(bot(slack))).toMatchObject({ outcome: "accepted" });
    expect(await bot(slack).look?.(message(), within(soon))).toEqual({
      found: "unknown",
      message: "Slack lets nobody look: missing_scope",
    });
  });

  test.each([
    [{ token: "xoxb-other-token" }, { outcome: "refused", secret: true, code: "invalid_auth" }],
    [{ channel: "C999" }, { outcome: "failed", code: "channel_not_found" }],
  ])("with %j: %j", async (settings, outcome) => {
    await using slack = await slackStandIn();
    expect(await sentBy(bot(slack, settings))).toMatchObject(outcome);
  });

  test("a text longer than Slack takes is cut, its tag kept", async () => {
    await using slack = await slackStandIn();
    expect(await sentBy(bot(slack), { text: "<&>".repeat(16_000) })).toMatchObject({ outcome: "accepted" });
    expect(slack.posts[0]?.text.length).toBeLessThanOrEqual(40_000);
    expect(slack.posts[0]?.text).toContain("[INC-2026-0042 #1]");
  });
});

describe.each([
  ["webhook", hook],
  ["bot", bot],
])("a fault at the %s's side", (_name, channel) => {
  const cases: readonly (readonly [ChannelFault, object, number])[] = [
    [{ fault: "rate-limit", seconds: 7 }, { outcome: "refused", retryAfter: 7 }, 0],
    [{ fault: "error" }, { outcome: "unknown" }, 0],
    [{ fault: "error", status: 503, effect: true }, { outcome: "unknown" }, 1],
    [{ fault: "reset", effect: true }, { outcome: "unknown" }, 1],
    [{ fault: "wrong-json" }, { outcome: "unknown" }, 1],
    [{ fault: "expired-token" }, { outcome: "refused", secret: true }, 0],
    [{ fault: "drip", every_ms: 1 }, { outcome: "accepted" }, 1],
  ];
  test.each(cases)("%j: %j, %i delivered", async (fault, outcome, delivered) => {
    await using slack = await slackStandIn();
    slack.faults.add(fault);
    expect(await sentBy(channel(slack))).toMatchObject(outcome);
    expect(slack.posts).toHaveLength(delivered);
  });

  test.each<readonly [ChannelFault]>([
    [{ fault: "hang", effect: true }],
    [{ fault: "drip", every_ms: 60_000 }],
  ])("%j ends at the deadline, and is unknown", async (fault) => {
    await using slack: SlackStandIn = await slackStandIn();
    slack.faults.add(fault);
    const stop = new AbortController();
    const sending = channel(slack).send(message(), stop.signal);
    await expect.poll(() => slack.posts).toHaveLength(1);
    stop.abort();
    expect(await sending).toMatchObject({
      outcome: "unknown",
      message: expect.stringContaining("timed out") as string,
    });
  });

  test("nobody listens: not processed, and no word of the address", async () => {
    const sent = await sentBy(channel({ url: `http://127.0.0.1:${await closedPort()}` }));
    expect(sent).toEqual({ outcome: "refused", message: "connection refused" });
  });
});

test("no outcome has the webhook's secret in it", async () => {
  await using slack = await slackStandIn();
  const said: Sent[] = [await sentBy(hook({ url: `http://127.0.0.1:${await closedPort()}` }))];
  for (const fault of ["error", "reset", "wrong-json", "expired-token"]) {
    slack.faults.add({ fault, times: 1 });
    said.push(await sentBy(hook(slack)));
  }
  expect(JSON.stringify(said)).not.toMatch(/stand-in-secret|services/);
});

test("a page of a security incident mentions nobody", () => {
  const texts = [false, true].map((security) => renderSlack(message({ security }), "channel").texts[0]?.text);
  expect(texts).toEqual([expect.stringMatching(/^<!channel> \[INC/), expect.stringMatching(/^\[INC/)]);
});
