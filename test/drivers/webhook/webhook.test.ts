import { expect, test } from "vitest";
import { webhookStandIn } from "../../../sandbox/channels/webhook.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createWebhook } from "../../../src/drivers/webhook/webhook.ts";
import { message, soon, within } from "../channel/message.ts";

const secret = "shared-secret";

test("a message is posted whole, with a signature of its body", async () => {
  await using receiver = await webhookStandIn(secret);
  const channel = createWebhook(createHttp(), { address: `${receiver.url}/hook`, secret });
  expect(await channel.send(message(), within(soon))).toMatchObject({ outcome: "accepted" });
  const text = "[INC-2026-0042 #1] Orders rejected at all venues\nny1-2 3fa9c1d20b7e";
  expect(receiver.deliveries).toEqual([
    {
      key: "page/war-room/ny1-1",
      incident: "INC-2026-0042",
      severity: "P0",
      kind: "page",
      text,
      head: "ny1-2 3fa9c1d20b7e",
    },
  ]);
});

test("another secret is refused, and none is sent where none is given", async () => {
  await using receiver = await webhookStandIn(secret);
  for (const given of [{ secret: "other-secret" }, {}]) {
    const channel = createWebhook(createHttp(), { address: receiver.url, ...given });
    expect(await channel.send(message(), within(soon))).toMatchObject({ outcome: "refused", secret: true });
  }
});

test.each([
  [{ fault: "rate-limit", seconds: 7 }, { outcome: "refused", retryAfter: 7 }, 0],
  [{ fault: "error", effect: true }, { outcome: "unknown" }, 1],
  [{ fault: "error", status: 404 }, { outcome: "failed", code: "404" }, 0],
  [{ fault: "reset", effect: true }, { outcome: "unknown" }, 1],
  [{ fault: "wrong-json" }, { outcome: "accepted" }, 1],
])("%j: %j, %i delivered", async (fault, outcome, delivered) => {
  await using receiver = await webhookStandIn();
  receiver.faults.add(fault);
  const channel = createWebhook(createHttp(), { address: receiver.url });
  expect(await channel.send(message(), within(soon))).toMatchObject(outcome);
  expect(receiver.deliveries).toHaveLength(delivered);
});
