import { describe, expect, test } from "vitest";
import { pagerDutyStandIn } from "../../../sandbox/channels/pagerduty.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createPagerDuty } from "../../../src/drivers/pagerduty/pagerduty.ts";
import type { Channel, Sent } from "../../../src/ports/channel.ts";
import { message, soon, within } from "../channel/message.ts";
import { closedPort } from "../loopback.ts";

const first = "R0UTINGKEY0000000000000000000001";
const second = "R0UTINGKEY0000000000000000000002";

function pager(duty: { url: string }, routingKeys: readonly string[] = [first]): Channel {
  return createPagerDuty(createHttp(), { routingKeys, url: duty.url });
}

async function sentBy(channel: Channel, more: Parameters<typeof message>[0] = {}): Promise<Sent> {
  return await channel.send(message({ event: "INC-2026-0042/P0", ...more }), within(soon));
}

test("a page triggers every rotation once, however often it is sent; a notice resolves it", async () => {
  await using duty = await pagerDutyStandIn({ routingKeys: [first, second] });
  const channel = pager(duty, [first, second]);
  expect(await sentBy(channel, { text: "Orders\nrejected" })).toMatchObject({ outcome: "accepted" });
  expect(await sentBy(channel, { repeat: true })).toMatchObject({ outcome: "accepted" });
  const open = { notified: 1, status: "triggered", key: "INC-2026-0042/P0", severity: "critical" };
  const summary = "[INC-2026-0042 #1] Orders rejected ny1-2 3fa9c1d20b7e";
  expect(duty.incidents).toMatchObject([
    { ...open, summary, routing_key: first },
    { ...open, summary, routing_key: second },
  ]);
  expect(await sentBy(channel, { kind: "notice" })).toMatchObject({ outcome: "accepted" });
  expect(duty.incidents.map(({ status }) => status)).toEqual(["resolved", "resolved"]);
});

test("what is too long is cut: the summary with its tag, the key with its level", async () => {
  await using duty = await pagerDutyStandIn();
  const event = `INC-2026-0042-${"d".repeat(300)}/P0.2`;
  expect(await sentBy(pager(duty), { text: "é".repeat(3000), event })).toMatchObject({ outcome: "accepted" });
  const [made] = duty.incidents;
  expect(made?.summary).toMatch(/^\[INC-2026-0042 #1\] é+… ny1-2 3fa9c1d20b7e$/);
  expect(made?.key).toHaveLength(255);
  expect(made?.key).toMatch(/…\/P0\.2$/);
});

test("a routing key that is none is a refused secret; of several, what may still be taken decides", async () => {
  await using duty = await pagerDutyStandIn();
  expect(await sentBy(pager(duty, [second]))).toEqual({
    outcome: "refused",
    secret: true,
    code: "PagerDuty rejected the routing key",
    message: "PagerDuty rejected the event: Event object is invalid: 'routing_key' is invalid",
  });
  expect(await sentBy(pager(duty, [second, second]))).toMatchObject({ outcome: "refused", secret: true });
  expect(await sentBy(pager(duty, [first, second]))).toMatchObject({
    outcome: "failed",
    message: expect.stringMatching(/^1 of 2 rotations accepted; /) as string,
  });
  duty.faults.add({ fault: "rate-limit", seconds: 9, times: 1 });
  expect(await sentBy(pager(duty, [first, second]))).toMatchObject({ outcome: "refused", retryAfter: 9 });
});

describe("a fault at PagerDuty's side", () => {
  test.each([
    [{ fault: "rate-limit", seconds: 7 }, { outcome: "refused", retryAfter: 7 }, 0],
    [{ fault: "error" }, { outcome: "refused", code: "500" }, 0],
    [{ fault: "reset", effect: true }, { outcome: "unknown" }, 1],
    // 202 says all that is to be known.
    [{ fault: "wrong-json" }, { outcome: "accepted" }, 1],
  ])("%j: %j, %i delivered", async (fault, outcome, delivered) => {
    await using duty = await pagerDutyStandIn();
    duty.faults.add(fault);
    expect(await sentBy(pager(duty))).toMatchObject(outcome);
    expect(duty.incidents).toHaveLength(delivered);
  });

  test("nobody listens: not processed", async () => {
    const sent = await sentBy(pager({ url: `http://127.0.0.1:${await closedPort()}` }));
    expect(sent).toEqual({ outcome: "refused", message: "connection refused" });
  });
});

test("people's acknowledgements are read from the log of the key's incident, and no service's", async () => {
  await using duty = await pagerDutyStandIn();
  const channel = createPagerDuty(createHttp(), {
    routingKeys: ["R0UTINGKEY0000000000000000000001"],
    url: duty.url,
    token: "u+stand-in-token",
    api: duty.url,
  });
  const page = { ...message({ event: "INC-2026-0042/P0" }), taken: new Date() };
  await channel.send(page, within(soon));
  await channel.send({ ...page, event: "INC-2026-0042/L1" }, within(soon));
  duty.acknowledge("INC-2026-0042/P0", "events");
  duty.acknowledge("INC-2026-0042/L1", "PBOB");
  expect(await channel.listen?.(page, within(soon))).toEqual({ heard: [] });
  duty.acknowledge("INC-2026-0042/P0", "PROSA");
  expect(await channel.listen?.(page, within(soon))).toMatchObject({
    heard: [{ who: "PROSA", what: { did: "acknowledged" } }],
  });
  duty.faults.add({ fault: "expired-token", path: "/incidents", times: 1 });
  const refused = await channel.listen?.(page, within(soon));
  expect(refused).toEqual({ heard: [], problem: "acknowledgements: it answered 401" });
  // With this token it is asked no more.
  expect(await channel.listen?.(page, within(soon))).toEqual({ heard: [] });
});
