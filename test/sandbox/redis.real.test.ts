import { existsSync } from "node:fs";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startRedis } from "../../sandbox/redis.ts";

test("a server with a password and options; gone when stopped", async () => {
  const server = await startRedis({ password: "s3cret-word", config: ["maxclients 12"] });
  const client = new Redis(server.url, { retryStrategy: () => null });
  client.on("error", () => {});
  try {
    expect(await client.config("GET", "maxclients")).toEqual(["maxclients", "12"]);
    expect(await client.config("GET", "save")).toEqual(["save", ""]);
  } finally {
    client.disconnect();
    await server.stop();
  }
  expect(existsSync(server.folder)).toBe(false);
  const late = new Redis(server.url, { retryStrategy: () => null, lazyConnect: true });
  late.on("error", () => {});
  await expect(late.connect()).rejects.toThrow();
});

test("a line it cannot read is in the error", async () => {
  await expect(startRedis({ config: ["maxclients lots"] })).rejects.toThrow(/did not start[\s\S]*maxclients/);
});
