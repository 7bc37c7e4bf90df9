// One connection of pg's client, and what of its inside is used, because its published interface is not enough:
//
//   connection.stream       guarded before the first byte is parsed, destroyed at a deadline. After `sslconnect` it
//                           is another object (TLS) and is guarded anew; the first guard sees the answer to the
//                           request for TLS alone.
//   processID, secretKey    for a cancel request, which is sixteen bytes on a connection of its own.
//   connectionParameters    where PGOPTIONS and PGREPLICATION are taken out again: they cannot be given as empty.
//   query({ submit() })     statements and COPY are run by our own objects (run.ts, copy.ts), which read the replies.
//
// What must not be broken:
// - `client.on("error")` stays: a terminated backend says so twice, the second time with nobody waiting.
// - The guard stands before `connect()`. pg's parser takes any letter and length: it allocates what a strange
//   server claims, and looks for the end of an error's text past all that came, for ever; no deadline would end
//   that.
// - The password is a function: pg otherwise looks into PGPASSWORD and ~/.pgpass by itself.
// - `close` waits for the server's own goodbye, or its slot is still taken when the next login asks for it;
//   `destroy` does not wait, and may be called at any moment, also before `open` has come back.
//
// test/drivers/garbage.test.ts and test/drivers/postgres/postgres.test.ts fail when a version of pg moves these.

import { connect, type Socket } from "node:net";
import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import type { Client, ClientConfig } from "pg";
import { frames, guard, Unreadable, type ChunkCheck } from "../guard.ts";
import { FailureError } from "../network.ts";
import type { Address, Tls } from "./address.ts";
import type { CopyRun } from "./copy.ts";
import type { StatementRun } from "./run.ts";

/** What of pg's client is used beyond its published types. */
interface Inside {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly connectionParameters: { options: string | undefined; replication: string | undefined };
  readonly connection: { stream: Socket; once(event: "sslconnect", listener: () => void): void };
}

/** Milliseconds a server has to close a connection that was ended, before it is closed from here. */
const goodbye = 250;

/** One connection to the server, from its opening to its end. */
export class Link {
  private readonly address: Address;
  private readonly named: string;
  private client: Client | undefined;
  private destroyed = false;

  constructor(address: Address, named: string) {
    this.address = address;
    this.named = named;
  }

  /** @param encrypted undefined: not at all. Rejects with what pg or the network said. */
  async open(encrypted: ConnectionOptions | undefined): Promise<void> {
    const { Client: PgClient } = await import("pg");
    const { host, port, user, database, password } = this.address;
    if (this.destroyed) throw new Error("closed");
    const client = new PgClient({
      host,
      port,
      user,
      database,
      // A function: pg then looks nowhere else for one, and asks only when the server does.
      password: () => password ?? this.noPassword(),
      ssl: encrypted ?? false,
      application_name: "lav-ir",
      // What is left out here pg takes from PG* of this process: what a statement means is not the shell's to say.
      client_encoding: "UTF8",
      sslnegotiation: "postgres",
    } as ClientConfig);
    const parameters = (client as unknown as Inside).connectionParameters;
    parameters.options = undefined;
    parameters.replication = undefined;
    this.client = client;
    // A terminated backend says so twice, the second time with nobody waiting.
    client.on("error", () => {});
    const inside = client as unknown as Inside;
    guard(inside.connection.stream, expecting(encrypted === undefined ? startup : negotiation));
    inside.connection.once("sslconnect", () => guard(inside.connection.stream, expecting(startup)));
    await client.connect();
  }

  /** Several statements without parameters, in one round trip. @returns the last one's command word. */
  async simple(text: string): Promise<{ readonly command: string; readonly count: number | null }> {
    const reply: unknown = await this.client?.query(text);
    const last: unknown = Array.isArray(reply) ? reply.at(-1) : reply;
    const { command, rowCount } = last as { command: string; rowCount: number | null };
    return { command, count: rowCount };
  }

  async run(statement: StatementRun): Promise<void> {
    this.client?.query(statement as unknown as { submit(): void });
    await statement.done;
  }

  async copy(copy: CopyRun): Promise<void> {
    this.client?.query(copy as unknown as { submit(): void });
    await copy.done;
  }

  /** Asks the server to cancel what runs here; resolves when it has taken note, or after `within` milliseconds. */
  async cancel(within: number): Promise<void> {
    const { processID, secretKey } = (this.client ?? {}) as Partial<Inside>;
    if (typeof processID !== "number" || typeof secretKey !== "number") return;
    const { host, port } = this.address;
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(80_877_102, 4);
    request.writeInt32BE(processID, 8);
    request.writeInt32BE(secretKey, 12);
    const socket = connect(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, within);
      socket.on("error", () => {});
      socket.once("connect", () => socket.end(request));
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.resume();
    });
    socket.destroy();
  }

  /** Says goodbye and waits a moment for the server's own, so that its slot is free again. */
  async close(): Promise<void> {
    const { client } = this;
    if (client === undefined || this.destroyed) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, goodbye)));
    await Promise.race([client.end().catch(() => {}), late]);
    clearTimeout(timer);
    this.destroy();
  }

  destroy(): void {
    this.destroyed = true;
    (this.client as unknown as Inside | undefined)?.connection.stream.destroy();
  }

  private noPassword(): never {
    throw new FailureError({
      type: "denied",
      target: this.named,
      message: "it requires a password; give one in its address or in PGPASSWORD",
    });
  }
}

/** The first byte of what a server may say: after the request for TLS, and after the startup message. */
const negotiation = "SNE";
const startup = "RENv";

/** A message is a letter and its length, which counts itself. A row is never longer here. */
const message = { before: 1, counted: 4, least: 4, longest: 64 * 1_048_576 };
/** Every letter that a server says anything with. */
const letters = "RKSZT12CDEIAsnNtGHdcvVW3";

function expecting(first: string): ChunkCheck {
  let looked = false;
  const strange = (head: Buffer): Error | undefined =>
    letters.includes(String.fromCharCode(head[0] ?? 0)) ? undefined : notPostgres(head);
  const follow = frames(message, strange, closed);
  return (chunk) => {
    const letter = String.fromCharCode(chunk[0] ?? 0);
    if (!looked && !first.includes(letter)) return notPostgres(chunk);
    // The answer to the request for TLS is a letter alone; with an S the rest is TLS's own.
    const answer = !looked && first === negotiation && letter !== "E";
    looked = true;
    return answer ? undefined : follow(chunk);
  };
}

/**
 * An error or a notice is a row of texts with two zeros at its end. pg looks for them for ever, past all that came:
 * no deadline would end it.
 */
function closed(head: Buffer, last: readonly number[]): Error | undefined {
  const letter = String.fromCharCode(head[0] ?? 0);
  if (letter !== "E" && letter !== "N") return undefined;
  const whole = last.at(-1) === 0 && (last.length === 1 || last.at(-2) === 0);
  return whole ? undefined : new Unreadable("its error cannot be read");
}

function notPostgres(chunk: Uint8Array): Error {
  return new Unreadable("this is not the PostgreSQL protocol", chunk);
}

/** What Node's TLS needs for an `sslmode`; undefined where nothing is encrypted. */
export async function tlsOptions(host: string, tls: Tls): Promise<ConnectionOptions | undefined> {
  if (tls.mode === "disable" || host.startsWith("/")) return undefined;
  const file = async (path: string | undefined): Promise<Buffer | undefined> =>
    path === undefined ? undefined : await readFile(path);
  const ca = (await file(tls.rootCertificate)) ?? tls.authority;
  const cert = await file(tls.certificate);
  const key = await file(tls.key);
  // As libpq has it: `require` checks the certificate only when it was given one to check it by.
  const checked = tls.mode.startsWith("verify") || (tls.mode === "require" && ca !== undefined);
  return {
    rejectUnauthorized: checked,
    ...(tls.mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
