import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { checkEndpoint, endpointShown, notAnEndpoint, readEndpoint } from "./endpoint.ts";

interface Args {
  readonly address: string;
}

interface Outputs {
  readonly elapsed: number;
  readonly ip: string;
}

export const tcpConnect: Kind = defineKind<Args, Outputs>({
  name: "tcp.connect",
  summary: "A port takes connections",
  doc: [
    "Opens a TCP connection from this machine and closes it; nothing is sent. A port that refuses, and a host that is silent past the deadline or whose name does not resolve, are a failed finding.",
    "That a port takes connections does not say that what listens there works: where there is a kind for it (`http.get`, `postgres.ping`, `redis.ping`, `kafka.ping`), take that.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      address: required(
        text(),
        "`host:port`, `[::1]:port`, or an http or https URL, of which no more is used",
      ),
    },
    { primary: "address" },
  ),
  outputs: {
    elapsed: { type: "duration", doc: "Time until the connection stood, the name's resolution included" },
    ip: { type: "string", doc: "The address that took it: a name may have several" },
  },
  expects: { that: "the port takes a connection" },
  unreachable: "failed",
  undo: { how: "nothing" },
  check: ({ address }) => checkEndpoint(shown(address)),
  plan: ({ address }) => `tcp.connect: connect to ${endpointShown(address)}`,
  byHand: ({ address }) => {
    const read = readEndpoint(shown(address));
    const parts = read.ok ? [read.value.host, String(read.value.port)] : [shown(address)];
    return shellLine(["nc", "-zvw", "5", ...parts]);
  },
  execute: async ({ address }, { ports, signal }) => {
    const to = readEndpoint(address);
    if (!to.ok) return fail(notAnEndpoint(address, to.failure));
    const connected = await ports.network.connect(to.value, signal);
    if (!connected.ok) return connected;
    const { elapsed, address: ip } = connected.value;
    return ok({ elapsed, ip });
  },
});
