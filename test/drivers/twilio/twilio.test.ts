import { describe, expect, test } from "vitest";
import { twilioStandIn } from "../../../sandbox/channels/twilio.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createTwilio, type TwilioSettings } from "../../../src/drivers/twilio/twilio.ts";
import type { Channel, Sent } from "../../../src/ports/channel.ts";
import { message, soon, within } from "../channel/message.ts";
import { closedPort, http } from "../loopback.ts";

function sms(twilio: { url: string }, more: Partial<TwilioSettings> = {}): Channel {
  return createTwilio(createHttp(), {
    account: "ACstandin00000000000000000000000001",
    token: "stand-in-auth-token",
    from: "+15550100",
    url: twilio.url,
    ...more,
  });
}

const to = "+15550102";

async function sentBy(channel: Channel, more: Parameters<typeof message>[0] = {}): Promise<Sent> {
  return await channel.send(message({ to, ...more }), within(soon));
}

test("a message is queued, found by its number and tag, and later delivered", async () => {
  await using twilio = await twilioStandIn();
  const channel = sms(twilio);
  const sent = await sentBy(channel);
  const sid = twilio.messages[0]?.sid ?? "";
  expect(sent).toMatchObject({ outcome: "accepted", providerId: sid, at: expect.any(Date) as Date });
  expect(twilio.messages).toMatchObject([
    { to, from: "+15550100", body: "[INC-2026-0042 #1] Orders rejected at all venues\nny1-2 3fa9c1d20b7e" },
  ]);
  const look = async (more: Parameters<typeof message>[0]) =>
    await channel.look?.(message(more), within(soon));
  expect(await look({ to })).toMatchObject({ found: "yes", providerId: sid });
  expect(await look({ to: "+15550103" })).toEqual({ found: "no" });
  expect(await look({ to, tag: "[INC-2026-0042 #11]" })).toEqual({ found: "no" });
  expect(await channel.delivery?.(sid, within(soon))).toEqual({ state: "waiting" });
  twilio.settle("delivered");
  expect(await channel.delivery?.(sid, within(soon))).toMatchObject({ state: "delivered" });
});

test("an accepted message may yet not arrive", async () => {
  await using twilio = await twilioStandIn();
  twilio.faults.add({ fault: "undelivered" });
  const sent = await sentBy(sms(twilio));
  expect(sent).toMatchObject({ outcome: "accepted" });
  const sid = twilio.messages[0]?.sid ?? "";
  expect(await sms(twilio).delivery?.(sid, within(soon))).toMatchObject({ state: "failed", code: "30003" });
});

test("it is found on the second page of a person's messages", async () => {
  await using twilio = await twilioStandIn();
  const channel = sms(twilio);
  await sentBy(channel);
  for (let at = 2; at < 62; at++) await sentBy(channel, { tag: `[INC-2026-0042 #${at}]` });
  expect(await channel.look?.(message({ to }), within(soon))).toMatchObject({ found: "yes" });
});

test("the login goes to no page elsewhere", async () => {
  await using other = await http((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"messages":[{"body":"x","date_created":"x"}],"next_page_uri":"@evil.example/x"}');
  });
  expect(await sms(other).look?.(message({ to }), within(soon))).toEqual({
    found: "unknown",
    message: "it names a next page elsewhere",
  });
});

test("a long text is cut to what an SMS may have, its tag and head kept", async () => {
  await using twilio = await twilioStandIn();
  expect(await sentBy(sms(twilio), { text: "x".repeat(5000) })).toMatchObject({ outcome: "accepted" });
  expect(twilio.messages[0]?.body).toHaveLength(1600);
  expect(twilio.messages[0]?.body).toMatch(/^\[INC-2026-0042 #1\] x+…\nny1-2 3fa9c1d20b7e$/);
});

describe("a fault", () => {
  test.each([
    [{ fault: "rate-limit", seconds: 7 }, { outcome: "refused", retryAfter: 7 }, 0],
    [{ fault: "error" }, { outcome: "unknown" }, 0],
    [{ fault: "reset", effect: true }, { outcome: "unknown" }, 1],
    [{ fault: "wrong-json" }, { outcome: "unknown" }, 1],
    [{ fault: "expired-token" }, { outcome: "refused", secret: true, code: "20003" }, 0],
    [{ fault: "unsubscribed", to }, { outcome: "failed", code: "21610" }, 0],
  ])("%j: %j, %i queued", async (fault, outcome, queued) => {
    await using twilio = await twilioStandIn();
    twilio.faults.add(fault);
    const sent = await sentBy(sms(twilio));
    expect(sent).toMatchObject(outcome);
    expect(JSON.stringify(sent)).not.toContain("5550102");
    expect(twilio.messages).toHaveLength(queued);
  });

  test("a number that is none, a person without one, nobody who listens", async () => {
    await using twilio = await twilioStandIn();
    expect(await sentBy(sms(twilio), { to: "0102" })).toMatchObject({ outcome: "failed", code: "21211" });
    expect(await sms(twilio).send(message(), within(soon))).toMatchObject({
      outcome: "failed",
      code: "no-number",
    });
    const gone = sms({ url: `http://127.0.0.1:${await closedPort()}` });
    expect(await sentBy(gone)).toEqual({ outcome: "refused", message: "connection refused" });
  });
});
