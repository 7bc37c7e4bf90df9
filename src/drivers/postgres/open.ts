import { FailureError, messageOf } from "../network.ts";
import type { Address } from "./address.ts";
import { Link, tlsOptions } from "./link.ts";

export interface Opening {
  readonly address: Address;
  /** `PostgreSQL at host:port/database`. */
  readonly named: string;
  /** Set once the server said that it does not encrypt, so that it is not asked each time. */
  readonly known: { plain: boolean };
  readonly signal: AbortSignal;
  /** Told of every connection before it is opened: whoever gives up destroys the last one. */
  readonly hold: (link: Link) => void;
}

export const addressName = "PostgreSQL's address";

/** Connects as `sslmode` says. Rejects with a FailureError, or with what pg or the network said. */
export async function openConnection(opening: Opening): Promise<Link> {
  const { address, named, known, signal, hold } = opening;
  const options = known.plain ? undefined : await tlsFiles(address);
  const first = new Link(address, named);
  hold(first);
  try {
    await first.open(options);
    return first;
  } catch (error) {
    if (address.tls.mode !== "prefer" || !/does not support SSL/.test(messageOf(error))) throw error;
    known.plain = true;
    first.destroy();
    signal.throwIfAborted();
    const second = new Link(address, named);
    hold(second);
    await second.open(undefined);
    return second;
  }
}

async function tlsFiles({ host, tls }: Address): Promise<Awaited<ReturnType<typeof tlsOptions>>> {
  try {
    return await tlsOptions(host, tls);
  } catch (error) {
    const message = `names a file that cannot be read: ${messageOf(error)}`;
    throw new FailureError({ type: "argument", target: addressName, message, effect: "none" });
  }
}
