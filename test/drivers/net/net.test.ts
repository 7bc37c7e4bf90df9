import { describe, expect, test } from "vitest";
import { createNetwork } from "../../../src/drivers/net/net.ts";
import { lookupFailure } from "../../../src/drivers/net/lookup.ts";
import { closedPort, everyClosed, tcp } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { dnsServer } from "./dns-server.ts";

const network = createNetwork();
const forEver = new AbortController().signal;
const local = (port: number) => ({ host: "127.0.0.1", port });

describe("a connection", () => {
  test("is made, and closed at once", async () => {
    await using server = await tcp(() => {});
    const made = value(await network.connect({ host: "localhost", port: server.port }, forEver));
    expect(made).toEqual({ address: "127.0.0.1", elapsed: expect.any(Number) as number });
    await everyClosed(server);
  });

  test("that is refused says so", async () => {
    const port = await closedPort();
    expect(failure(await network.connect(local(port), forEver))).toEqual({
      type: "unreachable",
      target: `127.0.0.1:${port}`,
      cause: "refused",
      message: "connection refused",
    });
  });

  test("ends with its signal, whose reason tells an interruption from a deadline", async () => {
    const over = new AbortController();
    over.abort();
    expect(failure(await network.connect(local(1), over.signal))).toMatchObject({
      type: "timeout",
      doing: "connecting",
    });
    const asked = new AbortController();
    // Nobody answers in a network that is kept for documentation; without any network it fails at once.
    const pending = network.connect({ host: "192.0.2.1", port: 9 }, asked.signal);
    asked.abort("interrupted by the operator");
    expect(["interrupted", "unreachable"]).toContain(failure(await pending).type);
  });
});

describe("a name", () => {
  test("of this machine has its addresses, each once", async () => {
    const found = value(await network.lookup("localhost", undefined, forEver));
    expect(found).toContain("127.0.0.1");
    expect(new Set(found).size).toBe(found.length);
  });

  test("has those of both kinds at a server of its own", async () => {
    await using server = await dnsServer({
      "db.example": ["10.0.0.5", "10.0.0.6", "2001:db8::5"],
      "v4.example": ["10.0.0.7"],
      "v6.example": ["2001:db8::7"],
    });
    const at = async (name: string) => value(await network.lookup(name, local(server.port), forEver));
    expect(await at("db.example")).toEqual(["10.0.0.5", "10.0.0.6", "2001:db8::5"]);
    expect(await at("v4.example")).toEqual(["10.0.0.7"]);
    expect(await at("v6.example")).toEqual(["2001:db8::7"]);
    expect(new Set(server.asked)).toContain("v6.example A");
    // The server, too, may have a name.
    expect(
      value(await network.lookup("v4.example", { host: "localhost", port: server.port }, forEver)),
    ).toEqual(["10.0.0.7"]);
  });

  test("that does not exist, or has no address, is missing; a server that cannot answer is not", async () => {
    await using server = await dnsServer({
      "empty.example": [],
      "broken.example": "SERVFAIL",
      "closed.example": "REFUSED",
    });
    const who = `127.0.0.1:${server.port}`;
    const at = async (name: string) => failure(await network.lookup(name, local(server.port), forEver));
    expect(await at("none.example")).toEqual({
      type: "missing",
      target: "none.example",
      message: `none.example does not exist, by ${who}`,
    });
    expect(await at("empty.example")).toMatchObject({
      type: "missing",
      message: `empty.example has no address, by ${who}`,
    });
    expect(await at("broken.example")).toMatchObject({ type: "rejected", target: who, code: "ESERVFAIL" });
    expect(await at("closed.example")).toMatchObject({ type: "rejected", target: who, code: "EREFUSED" });
  });

  test("ends with its signal when the server is silent", async () => {
    await using server = await dnsServer({ "slow.example": "silent" });
    const over = new AbortController();
    const pending = network.lookup("slow.example", local(server.port), over.signal);
    over.abort();
    expect(failure(await pending)).toMatchObject({
      type: "timeout",
      target: `127.0.0.1:${server.port}`,
      doing: "looking up slow.example",
    });
    expect(failure(await network.lookup("a", local(server.port), over.signal)).type).toBe("timeout");
  });

  test.each([
    ["ENOTFOUND", { type: "missing", message: "a does not exist, by R" }],
    ["ENODATA", { type: "missing", message: "a has no address, by R" }],
    ["EAI_AGAIN", { type: "unreachable", target: "R", cause: "dns", message: "no answer for a" }],
    ["ETIMEOUT", { type: "unreachable", target: "R", cause: "dns", message: "no answer for a" }],
    ["ECONNREFUSED", { type: "unreachable", target: "R", cause: "refused" }],
    ["EBADNAME", { type: "argument", target: "a" }],
    ["EBADRESP", { type: "unreadable", target: "R" }],
    ["ESERVFAIL", { type: "rejected", target: "R", code: "ESERVFAIL", message: "it said ESERVFAIL" }],
  ])("%s of a resolver is %j", (code, wanted) => {
    const error = Object.assign(new Error(`it said ${code}`), { code });
    expect(lookupFailure("a", "R", error)).toMatchObject(wanted);
  });
});
