import { formatDuration } from "../../base/duration.ts";
import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { object, optional, required, text } from "../../language/shape.ts";
import type { CertificateShown } from "../../ports/network.ts";
import { shown } from "../format.ts";
import { defineKind, type DisplayArgs, type Kind } from "../kind.ts";
import { checkEndpoint, endpointShown, notAnEndpoint, readEndpoint } from "./endpoint.ts";

interface Args {
  readonly address: string;
  readonly name?: string;
  readonly ca?: string;
}

interface Outputs {
  readonly left: number;
  readonly expires: Date;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly problems: readonly string[];
}

export const tlsCertificate: Kind = defineKind<Args, Outputs>({
  name: "tls.certificate",
  summary: "A server's certificate is trusted, for its name and in its dates",
  doc: [
    'Shakes hands and looks at the certificate that is shown; nothing is sent after it. That its chain, name and dates fit is expected without being written; how long it must still be good is for the author to say: `expect: left > duration("336h")`.',
    "Whom to trust is what the platform file says of that port: `tls` of the service, of Kafka or of Redis that is there, else `tls.ca`, else what Node trusts. `ca` goes before all of it. A server that asks for a client's certificate is shown that of the service.",
    "A server that does not answer is a failed finding. One that answers and speaks no TLS is unknown; PostgreSQL does not begin with it, and is one of them. Revocation is not looked up.",
  ].join("\n\n"),
  effect: "read",
  reaches: "address",
  args: object(
    {
      address: required(text(), "`host:port`, or an https URL, of which no more is used"),
      name: optional(text(), "The name that it must be for; the host by default"),
      ca: optional(text(), "PEM file of the authority to trust instead, relative to the platform file"),
    },
    { primary: "address" },
  ),
  outputs: {
    left: { type: "duration", doc: "Until it expires; negative when it has" },
    expires: { type: "timestamp", doc: "When it expires" },
    names: { type: "list<string>", doc: "Host names and addresses that it is for" },
    issuer: { type: "string", doc: "Who issued it: `CN=…, O=…`" },
    problems: {
      type: "list<string>",
      doc: "What of chain, name and dates does not fit; empty when all does",
    },
  },
  expects: {
    that: "its chain, name and dates fit",
    unmet: ({ problems }) =>
      problems.length === 0 ? undefined : `the certificate does not fit: ${problems.join("; ")}`,
  },
  unreachable: "failed",
  undo: { how: "nothing" },
  check: ({ address }) => checkEndpoint(shown(address)) ?? plainHttp(shown(address)),
  plan: ({ address, name, ca }) => {
    const wanted = name === undefined ? "" : ` for ${shown(name)}`;
    const by = ca === undefined ? "" : `, by the authority in ${shown(ca)}`;
    return `tls.certificate: look at the certificate of ${endpointShown(address)}${wanted}${by}`;
  },
  byHand: openssl,
  execute: async ({ address, name, ca }, { ports, signal }) => {
    const to = readEndpoint(address);
    if (!to.ok) return fail(notAnEndpoint(address, to.failure));
    const plain = plainHttp(address);
    if (plain !== undefined) return fail(notAnEndpoint("tls.certificate", plain));
    const wanted = name ?? to.value.host;
    const request = { to: to.value, name: wanted, ...(ca === undefined ? {} : { ca }) };
    const seen = await ports.network.certificate(request, signal);
    if (!seen.ok) return seen;
    const now = ports.clock.now();
    const { until, names, issuer } = seen.value;
    return ok({
      left: until.getTime() - now.getTime(),
      expires: until,
      names,
      issuer,
      problems: problemsOf(seen.value, wanted, now),
    });
  },
});

function problemsOf(
  { from, until, untrusted, named, names }: CertificateShown,
  wanted: string,
  now: Date,
): readonly string[] {
  const problems: string[] = [];
  const [begins, ends] = [from.getTime() - now.getTime(), until.getTime() - now.getTime()];
  if (ends < 0) problems.push(`it expired ${formatDuration(-ends)} ago, at ${until.toISOString()}`);
  if (begins > 0) problems.push(`it is not valid before ${from.toISOString()}, in ${formatDuration(begins)}`);
  if (!named) problems.push(`it is for ${names.length === 0 ? "no name" : some(names)}, not for ${wanted}`);
  if (untrusted !== undefined) problems.push(untrusted);
  return problems;
}

/** Names in a sentence: some certificates have hundreds. */
function some(names: readonly string[]): string {
  const first = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${first} and ${names.length - 3} more` : first;
}

function plainHttp(address: string): string | undefined {
  if (!/^http:/i.test(address)) return undefined;
  return `${address} is not encrypted and has no certificate; write https://`;
}

function openssl({ address, name, ca }: DisplayArgs): string {
  const read = readEndpoint(shown(address));
  const host = name === undefined ? (read.ok ? read.value.host : shown(address)) : shown(name);
  const numeric = host.includes(":") || /^[\d.]+$/.test(host);
  const names = numeric ? ["-verify_ip", host] : ["-servername", host, "-verify_hostname", host];
  const trusted = ca === undefined ? [] : ["-CAfile", shown(ca)];
  const asked = shellLine(["openssl", "s_client", "-connect", endpointShown(address), ...names, ...trusted]);
  return `true | ${asked} | openssl x509 -noout -issuer -dates -ext subjectAltName`;
}
