import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { channelFaultProblem, channelFaults, type ProviderName } from "../../../sandbox/channels/faults.ts";
import { pagerDutyStandIn } from "../../../sandbox/channels/pagerduty.ts";
import { slackStandIn } from "../../../sandbox/channels/slack.ts";
import { twilioStandIn } from "../../../sandbox/channels/twilio.ts";
import { webhookStandIn } from "../../../sandbox/channels/webhook.ts";

interface Said {
  readonly status: number;
  readonly body: string;
  readonly json: Record<string, unknown>;
  readonly headers: Headers;
}

async function said(url: string, init: RequestInit = {}): Promise<Said> {
  const reply = await fetch(url, init);
  const body = await reply.text();
  const json = body.startsWith("{") ? (JSON.parse(body) as Record<string, unknown>) : {};
  return { status: reply.status, body, json, headers: reply.headers };
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Said> {
  return await said(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const hook = "/services/T000/B000/stand-in-secret";
const bearer = { authorization: "Bearer xoxb-stand-in-token" };

describe("Slack's webhook", () => {
  test("takes a text and says ok", async () => {
    await using slack = await slackStandIn();
    expect(await post(slack.url + hook, { text: "a <!channel>" })).toMatchObject({ status: 200, body: "ok" });
    expect(slack.posts).toMatchObject([{ channel: "C042", text: "a <!channel>", broadcast: true }]);
  });

  test.each([
    ["another path", "/services/T000/B000/other", { text: "a" }, {}, 404, "no_service"],
    ["another type", hook, { text: "a" }, { "content-type": "text/plain" }, 400, "invalid_payload"],
    ["what is not JSON", hook, "{", {}, 400, "invalid_payload"],
    ["no text", hook, { blocks: [] }, {}, 400, "invalid_payload"],
    [
      "a channel, which a webhook cannot choose",
      hook,
      { text: "a", channel: "C1" },
      {},
      400,
      "invalid_payload",
    ],
  ])("refuses %s", async (_what, path, body, headers, status, answer) => {
    await using slack = await slackStandIn();
    expect(await post(slack.url + path, body, headers)).toMatchObject({ status, body: answer });
    expect(slack.posts).toEqual([]);
  });
});

describe("Slack's bot", () => {
  test("posts, and what it posted is read back with its metadata, newest first, in pages", async () => {
    await using slack = await slackStandIn();
    const metadata = { event_type: "lav_ir", event_payload: { key: "k1" } };
    const first = await post(
      `${slack.url}/api/chat.postMessage`,
      { channel: "C042", text: "1", metadata },
      bearer,
    );
    await post(`${slack.url}/api/chat.postMessage`, { channel: "C042", text: "2" }, bearer);
    expect(first.json).toMatchObject({ ok: true, channel: "C042", ts: slack.posts[0]?.ts });
    const history = `${slack.url}/api/conversations.history?channel=C042&limit=1`;
    const newest = await said(history, { headers: bearer });
    expect(newest.json).toMatchObject({ has_more: true, messages: [{ text: "2" }] });
    const rest = await said(`${history}&cursor=1&include_all_metadata=true`, { headers: bearer });
    expect(rest.json).toMatchObject({ has_more: false, messages: [{ text: "1", metadata }] });
  });

  test("reads answers in a thread, and reactions", async () => {
    await using slack = await slackStandIn();
    await post(`${slack.url}/api/chat.postMessage`, { channel: "C042", text: "1" }, bearer);
    const [made] = slack.posts;
    if (made === undefined) throw new Error("nothing was posted");
    slack.reply(made, "U01", "ack");
    slack.react(made, "U02", "white_check_mark");
    const replies = `${slack.url}/api/conversations.replies?channel=C042&ts=${made.ts}`;
    const thread = await said(replies, { headers: bearer });
    expect(thread.json).toMatchObject({ messages: [{ text: "1" }, { user: "U01", text: "ack" }] });
    const reactions = `${slack.url}/api/reactions.get?channel=C042&timestamp=${made.ts}`;
    const seen = await said(reactions, { headers: bearer });
    expect(seen.json).toMatchObject({
      message: { reactions: [{ name: "white_check_mark", users: ["U02"], count: 1 }] },
    });
  });

  test.each([
    ["no token", {}, { channel: "C042", text: "a" }, "not_authed"],
    ["another token", { authorization: "Bearer x" }, { channel: "C042", text: "a" }, "invalid_auth"],
    ["another channel", bearer, { channel: "C1", text: "a" }, "channel_not_found"],
    ["no text", bearer, { channel: "C042" }, "no_text"],
    ["a text that is too long", bearer, { channel: "C042", text: "a".repeat(40_001) }, "msg_too_long"],
    ["a field that there is none of", bearer, { channel: "C042", text: "a", key: 1 }, "invalid_arguments"],
  ])("refuses %s with 200 and ok:false", async (_what, headers, body, error) => {
    await using slack = await slackStandIn();
    const reply = await post(`${slack.url}/api/chat.postMessage`, body, headers as Record<string, string>);
    expect(reply).toMatchObject({ status: 200, json: { ok: false, error } });
  });
});

describe("PagerDuty", () => {
  const routing = "R0UTINGKEY0000000000000000000001";
  const payload = { summary: "s", source: "lav-ir", severity: "critical" };
  const trigger = { routing_key: routing, event_action: "trigger", dedup_key: "INC-2026-0042/P0", payload };

  test("notifies once for a key that is open, and again after a resolve", async () => {
    await using duty = await pagerDutyStandIn();
    for (const event of [trigger, trigger, { ...trigger, event_action: "resolve" }, trigger]) {
      expect(await post(`${duty.url}/v2/enqueue`, event)).toMatchObject({
        status: 202,
        json: { status: "success", dedup_key: "INC-2026-0042/P0" },
      });
    }
    expect(duty.incidents.map(({ notified, status }) => [notified, status])).toEqual([
      [1, "resolved"],
      [1, "triggered"],
    ]);
  });

  test("tells who acknowledged in the log entries", async () => {
    await using duty = await pagerDutyStandIn();
    await post(`${duty.url}/v2/enqueue`, trigger);
    duty.acknowledge("INC-2026-0042/P0", "PAB1");
    const headers = {
      authorization: "Token token=u+stand-in-token",
      accept: "application/vnd.pagerduty+json;version=2",
    };
    const list = `${duty.url}/incidents?incident_key=${encodeURIComponent("INC-2026-0042/P0")}`;
    const found = await said(list, { headers });
    expect(found.json).toMatchObject({ incidents: [{ status: "acknowledged" }] });
    const id = (found.json["incidents"] as { id: string }[])[0]?.id;
    const entries = await said(`${duty.url}/incidents/${id}/log_entries`, { headers });
    expect(entries.json).toMatchObject({
      log_entries: [{ type: "acknowledge_log_entry", agent: { id: "PAB1" } }, { type: "trigger_log_entry" }],
    });
    expect(await said(list, { headers: { ...headers, authorization: "x" } })).toMatchObject({ status: 401 });
    expect(await said(list, { headers: { authorization: headers.authorization } })).toMatchObject({
      status: 406,
    });
  });

  test.each([
    ["another routing key", { ...trigger, routing_key: "x" }],
    ["a key that is too long", { ...trigger, dedup_key: "k".repeat(256) }],
    ["a summary that is too long", { ...trigger, payload: { ...payload, summary: "s".repeat(1025) } }],
    ["a severity that there is none of", { ...trigger, payload: { ...payload, severity: "P0" } }],
    ["a field that there is none of", { ...trigger, text: "x" }],
    ["a resolve without its key", { routing_key: routing, event_action: "resolve" }],
  ])("refuses %s", async (_what, event) => {
    await using duty = await pagerDutyStandIn();
    expect(await post(`${duty.url}/v2/enqueue`, event)).toMatchObject({
      status: 400,
      json: { status: "invalid event" },
    });
    expect(duty.incidents).toEqual([]);
  });
});

describe("Twilio", () => {
  const folder = "/2010-04-01/Accounts/ACstandin00000000000000000000000001/Messages";
  const login = Buffer.from("ACstandin00000000000000000000000001:stand-in-auth-token").toString("base64");
  const headers = { authorization: `Basic ${login}`, "content-type": "application/x-www-form-urlencoded" };
  const form = (fields: Record<string, string>): string =>
    new URLSearchParams({ To: "+15550102", From: "+15550100", Body: "b", ...fields }).toString();

  test("queues, says later what became of it, and lists by To", async () => {
    await using twilio = await twilioStandIn();
    const made = await post(`${twilio.url}${folder}.json`, form({}), headers);
    expect(made).toMatchObject({ status: 201, json: { status: "queued", date_sent: null } });
    twilio.settle("delivered");
    const sid = String(made.json["sid"]);
    const one = await said(`${twilio.url}${folder}/${sid}.json`, { headers });
    expect(one.json).toMatchObject({ sid, status: "delivered" });
    const list = await said(`${twilio.url}${folder}.json?To=%2B15550102`, { headers });
    expect(list.json).toMatchObject({ messages: [{ sid }], next_page_uri: null });
    const none = await said(`${twilio.url}${folder}.json?To=%2B15550103`, { headers });
    expect(none.json).toMatchObject({ messages: [] });
  });

  test("sends nothing more to who answered STOP", async () => {
    await using twilio = await twilioStandIn();
    twilio.answer("+15550102", "Stop ");
    const refused = await post(`${twilio.url}${folder}.json`, form({}), headers);
    expect(refused).toMatchObject({ status: 400, json: { code: 21610 } });
    const inbound = await said(`${twilio.url}${folder}.json?From=%2B15550102`, { headers });
    expect(inbound.json).toMatchObject({ messages: [{ body: "Stop ", direction: "inbound" }] });
  });

  test.each([
    ["another login", form({}), { authorization: "Basic x" }, 401, 20003],
    ["JSON", "{}", { "content-type": "application/json" }, 415, 20415],
    ["a number that is none", form({ To: "0102" }), {}, 400, 21211],
    ["no text", form({ Body: "" }), {}, 400, 21602],
    ["a text that is too long", form({ Body: "b".repeat(1601) }), {}, 400, 21617],
  ])("refuses %s", async (_what, body, more, status, code) => {
    await using twilio = await twilioStandIn();
    const reply = await post(`${twilio.url}${folder}.json`, body, { ...headers, ...more });
    expect(reply).toMatchObject({ status, json: { code, status } });
    expect(twilio.messages).toEqual([]);
  });
});

test("the webhook's receiver checks the signature and the fields", async () => {
  await using receiver = await webhookStandIn("shared-secret");
  const body = JSON.stringify({
    key: "k",
    incident: "i",
    severity: "P0",
    kind: "page",
    text: "t",
    head: "h",
  });
  const signature = `sha256=${createHmac("sha256", "shared-secret").update(body).digest("hex")}`;
  expect((await post(receiver.url, body, { "x-lav-ir-signature": signature })).status).toBe(202);
  expect((await post(receiver.url, body)).status).toBe(401);
  expect(receiver.deliveries).toMatchObject([{ key: "k", kind: "page" }]);
});

describe("a fault", () => {
  test("that there is none of is refused with those there are", async () => {
    await using slack = await slackStandIn();
    const refused = await post(`${slack.url}/_control/faults`, { fault: "unsubscribed" });
    expect(refused.json["error"]).toBe(
      "slack has no fault unsubscribed; there are rate-limit, error, hang, reset, drip, wrong-json, expired-token, missing-scope",
    );
    expect(() => slack.faults.add({ fault: "hang", second: 3 })).toThrow(
      "the fault hang has no option second; there are times, path, effect",
    );
    expect(() => slack.faults.add({ fault: "hang", times: -3 })).toThrow(
      "times of the fault hang is a number, not -3",
    );
  });

  test("is known to every provider that it is listed for, and to no other", () => {
    for (const [fault, { of }] of Object.entries(channelFaults)) {
      for (const name of ["slack", "pagerduty", "twilio", "webhook"] satisfies ProviderName[]) {
        expect(channelFaultProblem(name, { fault }) === undefined).toBe(of.includes(name));
      }
    }
  });

  test("meets as many requests as it says, on the path that it says", async () => {
    await using slack = await slackStandIn();
    await post(`${slack.url}/_control/faults`, {
      fault: "rate-limit",
      seconds: 7,
      times: 1,
      path: "/services",
    });
    const api = `${slack.url}/api/chat.postMessage`;
    expect((await post(api, { channel: "C042", text: "a" }, bearer)).status).toBe(200);
    const limited = await post(slack.url + hook, { text: "a" });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await post(slack.url + hook, { text: "a" })).status).toBe(200);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])("with effect: %s resets the connection after %i deliveries", async (effect, deliveries) => {
    await using slack = await slackStandIn();
    slack.faults.add({ fault: "reset", effect });
    await expect(post(slack.url + hook, { text: "a" })).rejects.toThrow("fetch failed");
    expect(slack.posts).toHaveLength(deliveries);
    expect(slack.requests).toHaveLength(1);
  });

  test.each([
    [{ fault: "error", status: 503 }, 503, "something went wrong", 0],
    [{ fault: "error", effect: true }, 500, "something went wrong", 1],
    [{ fault: "wrong-json" }, 200, "<html>Gateway</html>", 1],
    [{ fault: "expired-token" }, 403, "invalid_token", 0],
    [{ fault: "drip", every_ms: 1 }, 200, "ok", 1],
  ])("%j: %i, %s, %i delivered", async (fault, status, body, deliveries) => {
    await using slack = await slackStandIn();
    slack.faults.add(fault);
    expect(await post(slack.url + hook, { text: "a" })).toMatchObject({ status, body });
    expect(slack.posts).toHaveLength(deliveries);
    slack.faults.clear();
    expect((await post(slack.url + hook, { text: "a" })).status).toBe(200);
  });

  test("hang: no answer comes, and the close of the server ends it", async () => {
    await using slack = await slackStandIn();
    slack.faults.add({ fault: "hang", effect: true });
    const asked = post(slack.url + hook, { text: "a" });
    const ended = expect(asked).rejects.toThrow();
    await expect.poll(() => slack.posts).toHaveLength(1);
    await slack[Symbol.asyncDispose]();
    await ended;
  });
});
