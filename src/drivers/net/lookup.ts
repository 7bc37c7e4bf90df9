import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Endpoint } from "../../ports/network.ts";
import { hostText } from "../address.ts";
import { Aborted, errorCode, messageOf, timedOut, untilAborted } from "../network.ts";

/** Milliseconds until a question is asked once more: on the way a datagram may be lost. */
const patience = 2000;

/** Addresses of a name, by what this machine's programs use (its hosts file too), or by one server. */
export async function lookup(
  name: string,
  server: Endpoint | undefined,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const who = server === undefined ? "this machine's resolver" : `${hostText(server.host)}:${server.port}`;
  const started = performance.now();
  try {
    const found = server === undefined ? await bySystem(name, signal) : await byServer(name, server, signal);
    const [first] = found.errors;
    if (found.addresses.length > 0) return ok([...new Set(found.addresses)]);
    return fail(first === undefined ? missing(name, who) : lookupFailure(name, who, first));
  } catch (error) {
    if (error instanceof Aborted) return fail(timedOut(who, `looking up ${name}`, started, signal));
    return fail(lookupFailure(name, who, error));
  }
}

interface Found {
  readonly addresses: readonly string[];
  /** Why a part of it could not be answered, or is not there. */
  readonly errors: readonly unknown[];
}

async function bySystem(name: string, signal: AbortSignal): Promise<Found> {
  const { promises } = await import("node:dns");
  const asked = async (): Promise<readonly { readonly address: string }[]> =>
    await promises.lookup(name, { all: true, verbatim: true });
  const found = await untilAborted(signal, asked, () => {});
  return { addresses: found.map(({ address }) => address), errors: [] };
}

/** Both kinds of address; a name that has one of them resolves, whatever became of the other question. */
async function byServer(name: string, server: Endpoint, signal: AbortSignal): Promise<Found> {
  const { promises } = await import("node:dns");
  const resolver = new promises.Resolver({ timeout: patience, tries: 4 });
  resolver.setServers([`${hostText(await numeric(server.host, signal))}:${server.port}`]);
  const asked = async (): Promise<readonly PromiseSettledResult<string[]>[]> =>
    await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const answers = await untilAborted(signal, asked, () => resolver.cancel());
  const errors = answers.flatMap((answer) =>
    answer.status === "rejected" ? [answer.reason as unknown] : [],
  );
  return {
    addresses: answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : [])),
    // What could not be answered says more than what is not there.
    errors: errors.toSorted((a, b) => Number(isAbsent(a)) - Number(isAbsent(b))),
  };
}

/** A server may be named; the resolver takes addresses alone. */
async function numeric(host: string, signal: AbortSignal): Promise<string> {
  const { isIP } = await import("node:net");
  if (isIP(host) !== 0) return host;
  const [first = host] = (await bySystem(host, signal)).addresses;
  return first;
}

function isAbsent(error: unknown): boolean {
  return ["ENOTFOUND", "ENODATA"].includes(errorCode(error) ?? "");
}

function missing(name: string, who: string): Failure {
  return { type: "missing", target: name, message: `${name} has no address, by ${who}` };
}

/** What an error of a resolver stands for: the name is not there, or the resolver cannot be used. */
export function lookupFailure(name: string, who: string, error: unknown): Failure {
  const code = errorCode(error) ?? "";
  switch (code) {
    case "ENOTFOUND":
      return { type: "missing", target: name, message: `${name} does not exist, by ${who}` };
    case "ENODATA":
      return missing(name, who);
    case "EAI_AGAIN":
    case "ETIMEOUT":
    case "ECONNREFUSED": {
      const message = code === "ECONNREFUSED" ? "connection refused" : `no answer for ${name}`;
      const cause = code === "ECONNREFUSED" ? "refused" : "dns";
      return { type: "unreachable", target: who, cause, message };
    }
    case "EBADNAME":
      return { type: "argument", target: name, message: "is not a name that DNS can have" };
    case "EBADRESP":
    case "EFORMERR":
      return { type: "unreadable", target: who, message: `its answer for ${name} is malformed` };
    default:
      return { type: "rejected", target: who, code, message: messageOf(error) };
  }
}
