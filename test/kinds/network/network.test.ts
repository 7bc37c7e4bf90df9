import { describe, expect, test } from "vitest";
import { dnsLookup } from "../../../src/kinds/network/dns-lookup.ts";
import { checkEndpoint, readEndpoint } from "../../../src/kinds/network/endpoint.ts";
import { tcpConnect } from "../../../src/kinds/network/tcp-connect.ts";
import { createNetwork } from "../../../src/drivers/net/net.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { closedPort, tcp } from "../../drivers/loopback.ts";
import { dnsServer } from "../../drivers/net/dns-server.ts";
import { context } from "../context.ts";
import { findingsOf } from "./findings.ts";

const network = createNetwork();

/** How a diagnosis of these steps ends, by the real network of this machine. */
async function findings(kinds: readonly Kind[], ...steps: readonly string[]) {
  return await findingsOf(kinds, { network }, steps);
}

test.each([
  ["db1:5432", "db1", 5432],
  ["10.0.0.1:80", "10.0.0.1", 80],
  ["[::1]:443", "::1", 443],
  ["https://a.example/x?y=1", "a.example", 443],
  ["http://a.example", "a.example", 80],
  ["https://[::1]:8443/", "::1", 8443],
])("%s is %s at %d", (written, host, port) => {
  expect(readEndpoint(written)).toEqual({ ok: true, value: { host, port } });
});

test.each([
  ["db1", "db1 has no port; write host:port"],
  ["db1:0", "db1:0 is neither host:port nor an http or https URL"],
  ["db1:70000", "db1:70000 is neither host:port nor an http or https URL"],
  ["::1:443", "::1:443 is neither host:port nor an http or https URL"],
  ["a b:1", "a b:1 is neither host:port nor an http or https URL"],
  ["", " is neither host:port nor an http or https URL"],
  ["postgres://db1:5432/x", "postgres://db1:5432/x is neither host:port nor an http or https URL"],
  [
    "https://ada:pw@a.example",
    "https://ada:pw@a.example contains a login, which every plan and journal would show; write host:port",
  ],
  ["‹steps.a.host›:1", undefined],
])("%j as an address: %s", (written, says) => {
  expect(checkEndpoint(written)).toBe(says);
});

describe("tcp.connect", () => {
  test("a port that takes connections holds by itself; one that refuses does not", async () => {
    await using server = await tcp(() => {});
    const port = await closedPort();
    expect(
      await findings(
        [tcpConnect],
        `tcp.connect: '127.0.0.1:${server.port}', finding: 'by \${ip}'`,
        `tcp.connect: '${server.url}/api', expect: ip == "127.0.0.1" && elapsed < duration("5m")`,
        `tcp.connect: '127.0.0.1:${port}'`,
        `tcp.connect: '127.0.0.1:${port}', unreachable: unknown`,
      ),
    ).toEqual([
      ["ok", "by 127.0.0.1"],
      ["ok", "T"],
      ["failed", `127.0.0.1:${port} does not answer: connection refused`],
      ["unknown", `127.0.0.1:${port} does not answer: connection refused`],
    ]);
  });

  test("an address that only shows to be none when the step runs is refused then", async () => {
    expect(await tcpConnect.execute({ address: "db1" }, context({ network }))).toEqual({
      ok: false,
      failure: { type: "argument", target: "db1", message: "has no port; write host:port", effect: "none" },
    });
  });
});

describe("dns.lookup", () => {
  test("a name with addresses holds; one that is not there fails, and no answer is unknown", async () => {
    await using server = await dnsServer({ "db.example": ["10.0.0.5"], "bad.example": "SERVFAIL" });
    const at = `127.0.0.1:${server.port}`;
    expect(
      await findings(
        [dnsLookup],
        `dns.lookup: localhost, expect: '"127.0.0.1" in addresses'`,
        `dns.lookup: { name: db.example, server: '${at}' }, finding: 'it is \${addresses}'`,
        `dns.lookup: { name: db.example, server: '${at}' }, expect: 'addresses == ["10.0.0.6"]'`,
        `dns.lookup: { name: none.example, server: '${at}' }`,
        `dns.lookup: { name: bad.example, server: '${at}' }`,
      ),
    ).toEqual([
      ["ok", "T"],
      ["ok", "it is 10.0.0.5"],
      ["failed", 'expected addresses == ["10.0.0.6"]; addresses is ["10.0.0.5"]'],
      ["failed", `none.example does not exist, by ${at}`],
      ["unknown", expect.stringContaining(`${at} rejected the request (ESERVFAIL)`) as string],
    ]);
  });

  test.each([
    ["10.0.0.1", "10.0.0.1 is an address; give the name alone"],
    ["::1", "::1 is an address; give the name alone"],
    ["db1:5432", "db1:5432 is not a host name; give the name alone"],
    ["https://a.example", "https://a.example is not a host name; give the name alone"],
    ["a b", "a b is not a host name"],
    ["", " is not a host name"],
    ["a..b", "a..b is not a host name"],
    ["münchen.example", undefined],
    ["_dmarc.a.example.", undefined],
    ["‹params.name›", undefined],
  ])("%j as a name: %s", (name, says) => {
    expect(dnsLookup.check?.({ name }, undefined as never)).toBe(says);
  });

  test("a server is host or host:port, and its port is 53", () => {
    const plan = (server: string) => dnsLookup.plan({ name: "a", server }, undefined as never);
    expect(["10.0.0.2", "ns1:5353", "::1", "[::1]", "[::1]:5353"].map(plan)).toEqual([
      "dns.lookup: look up a at 10.0.0.2:53",
      "dns.lookup: look up a at ns1:5353",
      "dns.lookup: look up a at [::1]:53",
      "dns.lookup: look up a at [::1]:53",
      "dns.lookup: look up a at [::1]:5353",
    ]);
    expect(dnsLookup.check?.({ name: "a", server: "ns 1" }, undefined as never)).toMatch(
      /^ns 1:53 is neither/,
    );
  });
});
