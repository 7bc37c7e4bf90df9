import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { checkEndpoint, endpointShown, notAnEndpoint, readEndpoint } from "./endpoint.ts";

interface Args {
  readonly name: string;
  readonly server?: string;
}

interface Outputs {
  readonly addresses: readonly string[];
  readonly elapsed: number;
}

export const dnsLookup: Kind = defineKind<Args, Outputs>({
  name: "dns.lookup",
  summary: "A name has addresses",
  doc: [
    "Looks a name up as this machine's programs do, its hosts file and search domains included; with `server` that server alone is asked, for the name as it is written. A name that does not exist, or has no address, is a failed finding.",
    "A resolver that is silent, refuses or answers with an error has not said whether the name exists: the finding is unknown.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      name: required(text(), "A host name"),
      server: optional(text(), "Whom to ask: a DNS server as `host` or `host:port`, by UDP"),
    },
    { primary: "name" },
  ),
  outputs: {
    addresses: {
      type: "list<string>",
      doc: "IPv4 and IPv6 addresses, each once, in the order of the answer",
    },
    elapsed: { type: "duration", doc: "Time until the answer" },
  },
  expects: { that: "the name has an address" },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  check: ({ name, server }) =>
    checkName(shown(name)) ?? (server === undefined ? undefined : checkEndpoint(withPort(shown(server)))),
  plan: ({ name, server }) =>
    `dns.lookup: look up ${shown(name)}${server === undefined ? "" : ` at ${endpointShown(withPort(shown(server)))}`}`,
  byHand: ({ name, server }) => {
    if (server === undefined) return shellLine(["getent", "ahosts", shown(name)]);
    const read = readEndpoint(withPort(shown(server)));
    const at = read.ok ? [`@${read.value.host}`, "-p", String(read.value.port)] : [`@${shown(server)}`];
    return shellLine(["dig", "+short", ...at, shown(name), "A", shown(name), "AAAA"]);
  },
  execute: async ({ name, server }, { ports, signal }) => {
    const wrong = checkName(name);
    if (wrong !== undefined) return fail(notAnEndpoint(`dns.lookup ${name}`, wrong));
    const at = server === undefined ? undefined : readEndpoint(withPort(server));
    if (at?.ok === false) return fail(notAnEndpoint(server ?? "", at.failure));
    const started = ports.clock.monotonic();
    const found = await ports.network.lookup(name, at?.value, signal);
    if (!found.ok) return found;
    return ok({ addresses: found.value, elapsed: ports.clock.monotonic() - started });
  },
});

/** A name alone; an address has nothing to be looked up, and would always hold. */
function checkName(name: string): string | undefined {
  if (name.includes("‹")) return undefined;
  if (/^\d+(?:\.\d+){3}$/.test(name) || isBareV6(name)) return `${name} is an address; give the name alone`;
  if (name.includes(":")) return `${name} is not a host name; give the name alone`;
  return /^(?=.{1,254}$)[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})*\.?$/u.test(name)
    ? undefined
    : `${name} is not a host name`;
}

/** The port of DNS where none is written. */
function withPort(server: string): string {
  if (server.includes("‹")) return server;
  if (isBareV6(server)) return `[${server}]:53`;
  return /:\d+$/.test(server) ? server : `${server}:53`;
}

function isBareV6(text: string): boolean {
  return /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i.test(text);
}
