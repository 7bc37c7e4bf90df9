import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail that was taken on. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly source: string;
  /** Whether the connection was encrypted. */
  readonly encrypted: boolean;
}

/** What it does wrong, once each, in the order in which they were added. */
export type SmtpFault =
  /** Answers a recipient, or the message itself, with this code. */
  | { readonly at: "recipient" | "message"; readonly code: number; readonly who?: string }
  /** Takes the message on, and closes the connection instead of saying so. */
  | { readonly at: "taken"; readonly reset: true }
  /** Says nothing more once the message has come. */
  | { readonly at: "taken"; readonly hang: true };

export interface SmtpSettings {
  readonly user?: string;
  readonly password?: string;
  /** Of a certificate; without one it offers no STARTTLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte. */
  readonly secure?: boolean;
}

export interface SmtpStandIn extends AsyncDisposable {
  readonly host: string;
  readonly mails: readonly Mail[];
  readonly faults: SmtpFault[];
}

/** A mail server of the operator's own: it wants a login where one is given, and takes what it is handed. */
export async function smtpStandIn({
  user,
  password,
  tls,
  secure = false,
}: SmtpSettings = {}): Promise<SmtpStandIn> {
  const mails: Mail[] = [];
  const faults: SmtpFault[] = [];
  const sockets = new Set<Socket>();
  const next = (at: SmtpFault["at"], who?: string): SmtpFault | undefined => {
    const index = faults.findIndex(
      (one) => one.at === at && (!("who" in one) || one.who === undefined || one.who === who),
    );
    return index === -1 ? undefined : faults.splice(index, 1)[0];
  };
  const server = new SMTPServer({
    secure,
    ...(tls === undefined ? { hideSTARTTLS: true } : tls),
    ...(user === undefined ? { authOptional: true, disabledCommands: ["AUTH"] } : {}),
    allowInsecureAuth: tls === undefined,
    onAuth: (given, _session, done) => {
      if (given.username === user && given.password === password) done(null, { user });
      else done(replied(535, "not known"));
    },
    onRcptTo: ({ address }, _session, done) => {
      const fault = next("recipient", address);
      done(fault !== undefined && "code" in fault ? replied(fault.code, `no ${address} here`) : null);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const refused = next("message");
        if (refused !== undefined && "code" in refused) return done(replied(refused.code, "no"));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString("utf8"),
          encrypted: session.secure,
        });
        const fault = next("taken");
        if (fault === undefined) return done(null);
        if ("reset" in fault) for (const socket of sockets) socket.destroy();
      });
    },
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    mails,
    faults,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function replied(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
