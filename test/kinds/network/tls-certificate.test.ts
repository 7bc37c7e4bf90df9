import { createServer, type TlsOptions } from "node:tls";
import { resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ok } from "../../../src/base/result.ts";
import type { CertificateSettings } from "../../../src/drivers/net/certificate.ts";
import { createNetwork } from "../../../src/drivers/net/net.ts";
import { tlsCertificate } from "../../../src/kinds/network/tls-certificate.ts";
import { Authority, type Issued, type Wanted } from "../../drivers/authority.ts";
import { selfSigned } from "../../drivers/certificate.ts";
import { closedPort, everyClosed, http, listening, tcp, type Loopback } from "../../drivers/loopback.ts";
import { failure, value } from "../../drivers/results.ts";
import { findingsOf } from "./findings.ts";

const authority = new Authority("net authority");
const other = new Authority("other authority");
afterAll(() => {
  authority[Symbol.dispose]();
  other[Symbol.dispose]();
});

/** A TLS server with a certificate of its own from an authority, and nothing behind it. */
async function server(wanted: Wanted = {}, more: TlsOptions = {}, by = authority): Promise<Loopback> {
  const { cert, key } = by.issue(wanted);
  return await tlsServer({ cert, key: key.reveal(), ...more });
}

async function tlsServer(options: TlsOptions): Promise<Loopback> {
  const made = createServer(options);
  made.on("tlsClientError", () => {});
  made.on("secureConnection", (socket) => socket.on("error", () => {}));
  return await listening(made, "https");
}

/** How a diagnosis of these steps ends, by certificates that a platform file says to trust. */
async function findings(settings: CertificateSettings, ...steps: readonly string[]) {
  return await findingsOf([tlsCertificate], { network: createNetwork(settings) }, steps);
}

const trusted: CertificateSettings = { ca: authority.ca };
const untrusted = "its authority is unknown, or a certificate between them is missing";

describe("what is expected without being written", () => {
  test("holds for a certificate of the private authority, for this name and now", async () => {
    await using fine = await server();
    expect(
      await findings(
        trusted,
        `tls.certificate: '${fine.url}/health'`,
        `tls.certificate: '127.0.0.1:${fine.port}', expect: 'left > duration("1h") && expires > now && problems == []'`,
        `tls.certificate: 'localhost:${fine.port}', finding: 'by \${issuer} for \${names}'`,
        `tls.certificate: 'localhost:${fine.port}', expect: left > duration("336h"), finding: 'not for two weeks'`,
      ),
    ).toEqual([
      ["ok", "T"],
      ["ok", "T"],
      ["ok", "by CN=net authority for 127.0.0.1, localhost"],
      ["failed", "not for two weeks"],
    ]);
    await everyClosed(fine);
  });

  test("is broken by an expired one, one that is not valid yet, another name, and an unknown authority", async () => {
    await using expired = await server({ expired: true });
    await using future = await server({ future: true });
    await using misnamed = await server({ for: "DNS:a.example,DNS:b.example,DNS:c.example,DNS:d.example" });
    await using strange = await server({}, {}, other);
    const alone = await tlsServer(selfSigned());
    await using _alone = alone;
    const seen = await findings(
      trusted,
      ...[expired, future, misnamed, strange, alone].map(({ url }) => `tls.certificate: '${url}'`),
    );
    const says = "the certificate does not fit: ";
    expect(seen).toEqual([
      ["failed", expect.stringMatching(`^${says}it expired \\d+d\\d*h? ago, at 2020-01-02T00:00:00.000Z$`)],
      ["failed", expect.stringMatching(`^${says}it is not valid before 2100-01-01T00:00:00.000Z, in \\d+d`)],
      ["failed", `${says}it is for a.example, b.example, c.example and 1 more, not for 127.0.0.1`],
      ["failed", `${says}${untrusted}`],
      ["failed", `${says}it is self-signed`],
    ]);
  });

  test("names all that does not fit, and every output is there to be looked at", async () => {
    await using bad = await server({ expired: true, for: "DNS:a.example" });
    expect(
      await findings(
        {},
        `tls.certificate: '${bad.url}', finding: '\${problems.size()}: \${names} by \${issuer}, \${left < duration("0s")}'`,
      ),
    ).toEqual([["failed", "2: a.example by CN=net authority, yes"]]);
  });
});

describe("whom to trust", () => {
  const network = (settings: CertificateSettings) => createNetwork(settings);
  const forEver = new AbortController().signal;
  const at = ({ port }: Loopback, more: object = {}) => ({
    to: { host: "127.0.0.1", port },
    name: "127.0.0.1",
    ...more,
  });

  test("is what the platform says of this port, before what it says of all", async () => {
    await using fine = await server();
    const own = { ca: other.ca, ports: new Map([[`127.0.0.1:${fine.port}`, { ca: authority.ca }]]) };
    expect(value(await network(own).certificate(at(fine), forEver)).untrusted).toBeUndefined();
    const elsewhere = { ca: other.ca, ports: new Map([["127.0.0.1:1", { ca: authority.ca }]]) };
    expect(value(await network(elsewhere).certificate(at(fine), forEver)).untrusted).toBe(untrusted);
  });

  test("is the authority in a file where one is named, which may be unreadable", async () => {
    await using fine = await server();
    const asked: string[] = [];
    const settings: CertificateSettings = {
      authority: async (file) => {
        asked.push(file);
        return await Promise.resolve(
          file === "mine.pem" ? ok(authority.ca) : { ok: false, failure: `no certificate in ${file}` },
        );
      },
    };
    const step = (ca: string) => `tls.certificate: { address: '${fine.url}', ca: ${ca} }`;
    expect(await findings(settings, step("mine.pem"), step(resolve("/x.pem")))).toEqual([
      ["ok", "T"],
      ["unknown", "ca: no certificate in /x.pem"],
    ]);
    expect(asked.toSorted()).toEqual(["/x.pem", "mine.pem"]);
  });

  test("the name may be another than the host's: it is sent, and looked for", async () => {
    const names: string[] = [];
    const { cert, key }: Issued = authority.issue({ for: "DNS:api.example" });
    await using fine = await tlsServer({
      cert,
      key: key.reveal(),
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    const step = (name: string) => `tls.certificate: { address: '127.0.0.1:${fine.port}', name: ${name} }`;
    const seen = await findings(trusted, step("api.example"), step("b.example"));
    expect(seen).toEqual([
      ["ok", "T"],
      ["failed", "the certificate does not fit: it is for api.example, not for b.example"],
    ]);
    expect(names.toSorted()).toEqual(["api.example", "b.example"]);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "a server that asks for a client's certificate is shown the service's (%s)",
    async (version) => {
      const asks = { ca: authority.ca, requestCert: true, rejectUnauthorized: true, maxVersion: version };
      await using strict = await server({}, asks);
      const { cert, key } = authority.issue({ name: "ops" });
      const ports = new Map([[`127.0.0.1:${strict.port}`, { ca: authority.ca, cert, key }]]);
      expect(value(await network({ ports }).certificate(at(strict), forEver)).untrusted).toBeUndefined();
      const without = await network(trusted).certificate(at(strict), forEver);
      // From 1.3 on the server says no when the handshake is over on this side, and its certificate was seen.
      if (version === "TLSv1.3") expect(value(without).untrusted).toBeUndefined();
      else expect(failure(without)).toMatchObject({ type: "denied", target: `127.0.0.1:${strict.port}` });
    },
  );
});

describe("a server that shows none", () => {
  test("is unknown where it speaks something else, failed where it does not answer", async () => {
    await using plain = await http((_request, response) => response.end());
    await using ssh = await tcp((socket) => socket.write("SSH-2.0-x\r\n"));
    await using closing = await tcp((socket) => socket.destroy());
    const port = await closedPort();
    const at = (to: number) => `127.0.0.1:${to}`;
    const seen = await findings(
      trusted,
      ...[plain.port, ssh.port, closing.port, port].map((to) => `tls.certificate: '${at(to)}'`),
    );
    const strange = "sent an unreadable reply: it does not speak TLS, or no safe version of it";
    expect(seen).toEqual([
      ["unknown", `${at(plain.port)} ${strange}`],
      ["unknown", `${at(ssh.port)} ${strange}`],
      ["failed", expect.stringMatching(`^${at(closing.port)} does not answer: `) as string],
      ["failed", `${at(port)} does not answer: connection refused`],
    ]);
  });

  test("ends with its signal when it is silent, and leaves no connection", async () => {
    await using silent = await tcp(() => {});
    const over = new AbortController();
    const request = { to: { host: "127.0.0.1", port: silent.port }, name: "a" };
    const pending = createNetwork().certificate(request, over.signal);
    setImmediate(() => over.abort());
    expect(failure(await pending)).toMatchObject({ type: "timeout", doing: "TLS handshake" });
    await everyClosed(silent);
  });

  test("is refused before anything runs where its address is plain", () => {
    expect(tlsCertificate.check?.({ address: "http://a.example" }, undefined as never)).toBe(
      "http://a.example is not encrypted and has no certificate; write https://",
    );
    expect(tlsCertificate.check?.({ address: "a.example" }, undefined as never)).toBe(
      "a.example has no port; write host:port",
    );
    expect(tlsCertificate.check?.({ address: "‹platform.x.url›" }, undefined as never)).toBeUndefined();
  });
});
