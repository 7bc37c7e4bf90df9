import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Channel, ChannelMessage, Rendered, Sent } from "../../ports/channel.ts";
import { composed, cutNotes, fit } from "../channel/text.ts";
import { verified } from "../verified.ts";

export interface SmtpSettings {
  /** `smtp://user:password@host:port`, or `smtps:` for TLS from the first byte. */
  readonly server: string;
  readonly from: string;
  /** Where it goes to no person: everybody in one message. */
  readonly to?: readonly string[];
  /** False: it may be sent in the clear. */
  readonly encrypted: boolean;
  /** The platform's own authority, as PEM. */
  readonly ca?: string;
}

/** Characters of the text, and of the subject. */
const mostText = 65_536;
const mostSubject = 180;
/** Bytes of one reply, and milliseconds that a server may be silent. */
const longestReply = 65_536;
const silence = 30_000;

/** Whether a mail server can be reached by this; what stands in it is never shown. */
export function isSmtpServer(server: string): boolean {
  if (!URL.canParse(server)) return false;
  const { protocol, hostname } = new URL(server);
  return (protocol === "smtp:" || protocol === "smtps:") && hostname !== "";
}

/**
 * E-mail, handed to the operator's own server: accepted is what that server has taken on, and no more. A repeat has
 * the same Message-ID; whether the reader's program shows it once is not known here.
 */
export function createSmtp(settings: SmtpSettings): Channel {
  return {
    settles: "repeat",
    spacing: 0,
    send: async (message, signal) => {
      const to = settings.to ?? (message.to === undefined ? [] : [message.to]);
      if (to.length === 0) return { outcome: "failed", code: "address", message: "nobody has an address" };
      const mail = await mailOf(message, settings, to);
      return await handOver(mail, { from: settings.from, to }, settings, signal);
    },
  };
}

export function renderMail(message: ChannelMessage): Rendered {
  return {
    texts: [
      { name: "Subject", text: subjectOf(message) },
      { name: "body", text: composed(message, mostText) },
    ],
    notes: cutNotes(message, mostText),
  };
}

function subjectOf({ tag, text }: ChannelMessage): string {
  const [first = ""] = text.split("\n");
  return fit(`${text.includes(tag) ? "" : `${tag} `}${first}`, mostSubject);
}

async function mailOf(
  message: ChannelMessage,
  { from }: SmtpSettings,
  to: readonly string[],
): Promise<Buffer> {
  const { incident, key, queued } = message;
  const id = createHash("sha256").update(`${incident} ${key}`).digest("hex").slice(0, 32);
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const composer = new MailComposer({
    from,
    to: [...to],
    subject: subjectOf(message),
    text: composed(message, mostText),
    date: queued,
    messageId: `<${id}@${
      from
        .split("@")
        .at(-1)
        ?.replace(/[^\w.-]/g, "") ?? "localhost"
    }>`,
    headers: { "Auto-Submitted": "auto-generated", "X-Lav-Ir-Key": key },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await composer.compile().build();
}

/** What the server said: its code where it answered. */
interface Fault extends Error {
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
}

/** One connection for one message. From the first byte of the message on, nobody knows without an answer. */
async function handOver(
  mail: Buffer,
  envelope: { readonly from: string; readonly to: readonly string[] },
  settings: SmtpSettings,
  signal: AbortSignal,
): Promise<Sent> {
  const url = new URL(settings.server);
  const connection = await connectionTo(url, settings);
  let begun = false;
  const body = Readable.from(
    (function* () {
      begun = true;
      yield mail;
    })(),
  );
  const judged = (fault: Fault): Sent => outcomeOf(fault, begun);
  return await new Promise<Sent>((resolve) => {
    const end = (sent: Sent): void => {
      signal.removeEventListener("abort", late);
      resolve(sent);
      connection.close();
    };
    const late = (): void => end(judged(new Error("no answer in time")));
    if (signal.aborted) return late();
    signal.addEventListener("abort", late, { once: true });
    connection.on("error", (error: Fault) => end(judged(error)));
    connection.once("end", () => end(judged(new Error("the server closed the connection"))));
    const send = (): void =>
      connection.send({ from: envelope.from, to: [...envelope.to] }, body, (error, info) => {
        if (error) return end(judged(error));
        const rejected = info?.rejected.length ?? 0;
        if (rejected === 0) return end({ outcome: "accepted" });
        const of = `${rejected} of ${envelope.to.length} addresses`;
        end({ outcome: "failed", code: "address", message: `the server refused ${of}` });
      });
    connection.connect((error) => {
      if (error) return end(judged(error));
      const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
      if (user === "") return send();
      connection.login({ user, pass }, (refused) => (refused ? end(judged(refused)) : send()));
    });
  });
}

async function connectionTo(
  { protocol, hostname, port }: URL,
  { encrypted, ca }: SmtpSettings,
): Promise<SMTPConnection> {
  const secure = protocol === "smtps:";
  const { default: Connection } = await import("nodemailer/lib/smtp-connection");
  return new Connection({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && encrypted,
    ignoreTLS: !secure && !encrypted,
    tls: verified(ca === undefined ? {} : { ca }),
    connectionTimeout: silence,
    greetingTimeout: silence,
    socketTimeout: silence,
    dnsTimeout: silence,
    socketCloseTimeout: 0,
    maxResponseSize: longestReply,
  });
}

/** Named by the code of the reply, never by its text: that may hold an address. */
function outcomeOf({ code = "", responseCode, message }: Fault, begun: boolean): Sent {
  if (code === "EAUTH")
    return {
      outcome: "refused",
      secret: true,
      code: String(responseCode ?? code),
      message: "the server refused the login",
    };
  if (responseCode !== undefined && responseCode >= 500)
    return {
      outcome: "failed",
      code: String(responseCode),
      message: `the server refused the message (${responseCode})`,
    };
  if (responseCode !== undefined && responseCode >= 400)
    return {
      outcome: "refused",
      code: String(responseCode),
      message: `the server takes none now (${responseCode})`,
    };
  if (begun) return { outcome: "unknown", message };
  return { outcome: "refused", ...(code === "" ? {} : { code }), message };
}
