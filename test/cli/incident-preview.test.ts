import { afterAll, beforeAll, expect, test } from "vitest";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { smtpStandIn, type SmtpStandIn } from "../../sandbox/channels/smtp.ts";
import { twilioStandIn, type TwilioStandIn } from "../../sandbox/channels/twilio.ts";
import { webhookStandIn, type WebhookStandIn } from "../../sandbox/channels/webhook.ts";
import { QuietDesk } from "./quiet-desk.ts";
import { Rig, type Ended } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

// What is shown before sending is what the strict servers then get, to the byte.

const env = {
  SLACK: "xoxb-stand-in-token",
  PD: "R0UTINGKEY0000000000000000000001",
  SMS: "stand-in-auth-token",
};
let rig: Rig;
let slack: SlackStandIn;
let duty: PagerDutyStandIn;
let sms: TwilioStandIn;
let mail: SmtpStandIn;
let hook: WebhookStandIn;
const desk = new QuietDesk();

beforeAll(async () => {
  [rig, slack, duty, sms] = [
    await Rig.inside(),
    await slackStandIn(),
    await pagerDutyStandIn(),
    await twilioStandIn(),
  ];
  [mail, hook] = [await smtpStandIn(), await webhookStandIn()];
  rig.platform(`people: { eve: { name: Eve, phone: "+44 20 7946 0005", email: eve@example.com } }
channels:
  war-room: { slack: { token: "\${secrets.SLACK}", channel: C042, mention: here }, url: "${slack.url}" }
  on-call: { pagerduty: { routing_keys: ["\${secrets.PD}"] }, url: "${duty.url}" }
  sms: { twilio: { account: ACstandin00000000000000000000000001, token: "\${secrets.SMS}", from: "+15550100" }, url: "${sms.url}" }
  mail: { email: { server: "smtp://${mail.host}", from: lav-ir@desk.example, tls: none } }
  hook: { webhook: { address: "${hook.url}/hook" } }
severities: { P0: { name: Critical, page: [war-room, on-call, sms:eve, mail:eve, hook] } }
incident: { bridge: "https://meet.example/war?a=1&b=2" }
`);
});
afterAll(async () => {
  await Promise.all([rig, slack, duty, sms, mail, hook].map(async (one) => await one[Symbol.asyncDispose]()));
});

const run = async (...args: readonly string[]): Promise<Ended> =>
  await rig.run([...args, "--state-dir", desk.state], { env });

interface Shown {
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  readonly notes: readonly string[];
}

/** What `--dry-run` shows, by channel; and nothing is on record. */
async function shownBy(...args: readonly string[]): Promise<Readonly<Record<string, Shown>>> {
  const before = desk.lines().length;
  const { code, lines } = await run(...args, "--dry-run", "--json");
  expect([code, desk.lines().length]).toEqual([0, before]);
  const rows = lines.filter(({ type }) => type === "message.preview");
  return Object.fromEntries(rows.map((row) => [String(row["channel"]), row as unknown as Shown]));
}

async function sendAll(): Promise<void> {
  await desk.leave();
  expect((await run("sender", "--once")).code).toBe(0);
}

/** A quoted-printable body as its reader has it. */
function bodyOf(source: string): string {
  const [, ...parts] = source.split("\r\n\r\n");
  const bytes = parts
    .join("\r\n\r\n")
    .replaceAll("=\r\n", "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n").trimEnd();
}

test("page --dry-run shows what each of five channels then gets, cut and escaped", async () => {
  await desk.next(rig);
  await run("declare", "P3", "<b>orders</b> & fills: größer", "-q");
  const long = `${"a venue answers, another does not ".repeat(60)}<!channel>`;
  const shown = await shownBy("page", "P0", long);
  expect((await run("page", "P0", long)).code).toBe(0);
  await sendAll();
  const text = (channel: string, name: string): string | undefined =>
    shown[channel]?.texts.find((one) => one.name === name)?.text;
  expect(slack.posts.at(-1)?.text).toBe(text("war-room", "text"));
  expect(text("war-room", "text")).toMatch(/^<!here> \[INC-\d+-0001 #1\] /);
  expect(text("war-room", "text")).toContain("&lt;!channel&gt;");
  expect(duty.incidents.at(-1)?.summary).toBe(text("on-call", "summary"));
  expect(text("on-call", "summary")).toHaveLength(1024);
  expect(shown["on-call"]?.notes).toEqual([
    expect.stringMatching(/^cut: \d+ characters, and it takes 1024$/),
  ]);
  expect(sms.messages.at(-1)?.body).toBe(text("sms", "Body"));
  expect(text("sms", "Body")).toHaveLength(1600);
  expect(shown["sms"]?.notes).toEqual(["24 SMS segments (UCS-2)", expect.stringContaining("takes 1600")]);
  expect(bodyOf(mail.mails.at(-1)?.source ?? "")).toBe(text("mail", "body"));
  expect(hook.deliveries.at(-1)?.text).toBe(text("hook", "text"));
});

test("update and the notice of resolve are shown as they are sent; a pager is resolved without a text", async () => {
  await desk.next(rig);
  await run("declare", "P0", "orders rejected", "-q");
  await sendAll();
  await desk.resume();
  const update = await shownBy("update", "half are back", "--to", "sms:eve");
  expect((await run("update", "half are back", "--to", "sms:eve")).code).toBe(0);
  await sendAll();
  expect(sms.messages.at(-1)?.body).toBe(update["sms"]?.texts[0]?.text);
  await desk.resume();
  const shown = await shownBy("resolve", "the venue is back");
  expect(shown["on-call"]).toMatchObject({ texts: [], notes: [expect.stringContaining("resolves INC-")] });
  expect((await run("resolve", "the venue is back")).code).toBe(0);
  await sendAll();
  // It ends a little later than it was shown to end.
  const untimed = (text = ""): string => text.replace(/(?<=Resolution Time: ).*/, "…");
  expect(untimed(slack.posts.at(-1)?.text)).toBe(untimed(shown["war-room"]?.texts[0]?.text));
  expect(duty.incidents.map(({ status }) => status).at(-1)).toBe("resolved");
});

test("at a terminal a template's text is shown first, and a no sends nothing", async () => {
  await desk.next(rig);
  await run("declare", "P0", "orders rejected", "--mine", "-q");
  const before = desk.lines().length;
  const args = ["update", "--nothing-new", "--next", "10:15", "--state-dir", desk.state];
  using no = new Screen(rig, args);
  await no.shows("Send these 2 messages?");
  no.type(`n${enter}`);
  expect([(await no.ended).code, desk.lines().length]).toEqual([3, before]);
  using yes = new Screen(rig, args);
  await yes.shows("Send these 2 messages?");
  yes.type(`y${enter}`);
  expect((await yes.ended).code).toBe(0);
  expect(desk.lines().length).toBeGreaterThan(before);
});
