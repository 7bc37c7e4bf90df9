import { expect, test } from "vitest";
import { readParts } from "../../src/drivers/address.ts";
import { readAddress as readDocker } from "../../src/drivers/docker/address.ts";
import { loginOf, readAddress as readRedis, shownAddress } from "../../src/drivers/redis/address.ts";

test("an address in its parts, each as it is meant", () => {
  const read = readParts("rediss://o%40ps:p%2Fw@[::1]:6380/4?a=b");
  expect(read).toMatchObject({
    value: { scheme: "rediss", user: "o@ps", password: "p/w", host: "::1", port: 6380, path: "/4" },
  });
  expect(read.ok && read.value.options.get("a")).toBe("b");
});

test.each([
  ["cache.internal:6380", "has no scheme before its host"],
  ["cache.internal", "has no scheme before its host"],
  ["redis://a:1,b:2/0", "names several hosts"],
  ["redis://a,b:2/0", "names several hosts"],
  ["redis://a%2Cb", "names several hosts"],
  ["redis://:p%00cret@a", "has a NUL (%00) in it"],
  ["redis://a%00.cret", "has a NUL (%00) in it"],
  ["redis://a b/0", "has a blank or a line break in it"],
  ["redis://a/0\n", "has a blank or a line break in it"],
  ["redis://:se/cret@a", "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40"],
  ["redis://:se#cret@a", "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40"],
  ["redis://:se@cret@a", "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40"],
  [
    "redis://ops:6379/cret@a",
    "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40",
  ],
  [
    "redis://ops:6379?cret@a",
    "cannot be parsed; in a login write /, ?, #, : and @ as %2F, %3F, %23, %3A and %40",
  ],
  ["redis://:100%@a", "has a % that is not an escape"],
  ["redis://a:0", "has an invalid port"],
  ["redis://a:65536", "has an invalid port"],
  ["redis://a:6380x", "has an invalid port"],
  ["http://a:6379", "begins with http://"],
  ["redis://a/zero", "has a database that is no number"],
  ["redis://a?tls=1", "has the option tls, and none is taken"],
])("%j is no address of Redis", (url, says) => {
  const read = readRedis(url);
  expect(read.ok ? "read" : read.failure).toContain(says);
  expect(JSON.stringify(read)).not.toContain("cret");
});

test("a user of the ACL has a password, in the address or beside it", () => {
  const login = (url: string, word?: string): unknown => {
    const read = readRedis(url);
    return read.ok ? loginOf(read.value, word) : read;
  };
  expect(login("redis://a")).toEqual({ ok: true, value: undefined });
  expect(login("redis://:word@a")).toEqual({ ok: true, value: ["word"] });
  expect(login("redis://a", "word")).toEqual({ ok: true, value: ["word"] });
  expect(login("redis://ops@a", "word")).toEqual({ ok: true, value: ["ops", "word"] });
  expect(login("redis://ops:own@a", "word")).toEqual({ ok: true, value: ["ops", "own"] });
  expect(login("redis://ops@a")).toEqual({ ok: false, failure: "names a user but no password" });
});

test.each([
  ["redis://localhost", "localhost:6379/0"],
  ["redis://", "127.0.0.1:6379/0"],
  ["rediss://ops:word@[fe80::1]:6380/2", "[fe80::1]:6380/2"],
])("%s is shown as %s", (url, shown) => {
  const read = readRedis(url);
  expect(read.ok && shownAddress(read.value)).toBe(shown);
});

test.each([
  ["unix:///run/user/1000/docker.sock", { type: "socket", path: "/run/user/1000/docker.sock" }],
  ["/var/run/docker.sock", { type: "socket", path: "/var/run/docker.sock" }],
  ["tcp://engine:2376", { type: "tcp", host: "engine", port: 2376 }],
  ["tcp://[::1]", { type: "tcp", host: "::1", port: undefined }],
])("%s is an engine's", (host, value) => {
  expect(readDocker(host)).toEqual({ ok: true, value });
});
