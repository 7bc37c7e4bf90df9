import { expect, test } from "vitest";
import { smtpStandIn, type SmtpFault } from "../../../sandbox/channels/smtp.ts";
import { createSmtp, type SmtpSettings } from "../../../src/drivers/smtp/smtp.ts";
import { Authority } from "../authority.ts";
import { message, soon, within } from "../channel/message.ts";

const to = "rosa@example.com";

function channel(server: string, more: Partial<SmtpSettings> = {}) {
  return createSmtp({ server, from: "lav-ir@desk.example", encrypted: false, ...more });
}

test("a page is a mail with its tag, its text and the head of the chain, and is known again", async () => {
  await using server = await smtpStandIn();
  const smtp = channel(`smtp://${server.host}`);
  const text = "Orders rejected at all venues\nMärkte: größer als 5 %";
  for (const repeat of [false, true])
    expect(await smtp.send(message({ to, text, repeat }), within(soon))).toEqual({ outcome: "accepted" });
  const [mail, again] = server.mails;
  expect(mail).toMatchObject({ from: "lav-ir@desk.example", to: [to] });
  expect(mail?.source).toMatch(/^Subject: \[INC-2026-0042 #1\] Orders rejected at all venues\r$/m);
  expect(mail?.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(
    mail?.source.replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
  ).toContain("ny1-2 3fa9c1d20b7e");
  const idOf = (source = ""): string | undefined => /^Message-ID: (.*)\r$/m.exec(source)?.[1];
  expect(idOf(mail?.source)).toMatch(/^<[0-9a-f]{32}@desk\.example>$/);
  expect(idOf(again?.source)).toBe(idOf(mail?.source));
  expect(again?.source).toContain("may be a repeat");
});

test("where it goes to no person, it is one mail to everybody", async () => {
  await using server = await smtpStandIn();
  const everybody = ["a@example.com", "b@example.com"];
  await channel(`smtp://${server.host}`, { to: everybody }).send(message(), within(soon));
  expect(server.mails).toMatchObject([{ to: everybody }]);
});

test("what people typed makes no header", async () => {
  await using server = await smtpStandIn();
  const text = "x\r\nBcc: mallory@example.com\r\n\r\nbody";
  await channel(`smtp://${server.host}`).send(message({ to, text, tag: "[INC #1]" }), within(soon));
  expect(server.mails[0]?.to).toEqual([to]);
  expect(server.mails[0]?.source.split("\r\n\r\n")[0]).not.toMatch(/^Bcc:/m);
});

test.each<[SmtpFault, object, number]>([
  [{ at: "recipient", code: 550 }, { outcome: "failed", code: "550" }, 0],
  [{ at: "recipient", code: 450 }, { outcome: "refused", code: "450" }, 0],
  [{ at: "message", code: 554 }, { outcome: "failed", code: "554" }, 0],
  [{ at: "message", code: 451 }, { outcome: "refused", code: "451" }, 0],
  [{ at: "taken", reset: true }, { outcome: "unknown" }, 1],
])("%j: %j, %i taken on", async (fault, outcome, taken) => {
  await using server = await smtpStandIn();
  server.faults.push(fault);
  expect(await channel(`smtp://${server.host}`).send(message({ to }), within(soon))).toMatchObject(outcome);
  expect(server.mails).toHaveLength(taken);
});

test("of several addresses, one that is refused is told", async () => {
  await using server = await smtpStandIn();
  server.faults.push({ at: "recipient", code: 550, who: "b@example.com" });
  const smtp = channel(`smtp://${server.host}`, { to: ["a@example.com", "b@example.com"] });
  const sent = await smtp.send(message(), within(soon));
  expect(sent).toEqual({
    outcome: "failed",
    code: "address",
    message: "the server refused 1 of 2 addresses",
  });
  expect(server.mails).toMatchObject([{ to: ["a@example.com"] }]);
});

test("a server that says nothing more once it has the message: unknown, and the wait ends", async () => {
  await using server = await smtpStandIn();
  server.faults.push({ at: "taken", hang: true });
  const deadline = new AbortController();
  const sent = channel(`smtp://${server.host}`).send(message({ to }), deadline.signal);
  await expect.poll(() => server.mails).toHaveLength(1);
  deadline.abort();
  expect(await sent).toEqual({ outcome: "unknown", message: "no answer in time" });
});

test("nobody there: refused, and it may be sent again", async () => {
  const gone = await smtpStandIn();
  await gone[Symbol.asyncDispose]();
  expect(await channel(`smtp://${gone.host}`).send(message({ to }), within(soon))).toMatchObject({
    outcome: "refused",
  });
});

test("it is sent encrypted, with a login, to a server that the platform's authority vouches for", async () => {
  using authority = new Authority();
  const { cert, key } = authority.issue();
  await using server = await smtpStandIn({
    user: "desk",
    password: "p@ss:word",
    tls: { cert, key: key.reveal() },
  });
  const login = `desk:${encodeURIComponent("p@ss:word")}`;
  const send = async (url: string, more: Partial<SmtpSettings> = {}) =>
    await channel(url, { encrypted: true, ca: authority.ca, ...more }).send(message({ to }), within(soon));
  expect(await send(`smtp://${login}@${server.host}`)).toEqual({ outcome: "accepted" });
  expect(server.mails).toMatchObject([{ encrypted: true }]);
  expect(await send(`smtp://desk:wrong@${server.host}`)).toMatchObject({ outcome: "refused", secret: true });
  expect(await send(`smtp://${login}@${server.host}`, { ca: undefined as never })).toMatchObject({
    outcome: "refused",
  });
  expect(server.mails).toHaveLength(1);
});

test("TLS from the first byte", async () => {
  using authority = new Authority();
  const { cert, key } = authority.issue();
  await using server = await smtpStandIn({ secure: true, tls: { cert, key: key.reveal() } });
  const smtps = channel(`smtps://${server.host}`, { encrypted: true, ca: authority.ca });
  expect(await smtps.send(message({ to }), within(soon))).toEqual({ outcome: "accepted" });
  expect(server.mails).toMatchObject([{ encrypted: true }]);
});

test("a server without encryption gets nothing, unless the platform file says so", async () => {
  await using server = await smtpStandIn();
  const sent = await channel(`smtp://${server.host}`, { encrypted: true }).send(
    message({ to }),
    within(soon),
  );
  expect([sent.outcome, server.mails]).toEqual(["refused", []]);
});
