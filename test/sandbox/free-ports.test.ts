import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePorts } from "../../sandbox/free-ports.ts";

it("finds runs of ports that can be listened on, none twice", async () => {
  const lengths = [1, 3, 2];
  const firsts = await freePorts(lengths);
  const ports = firsts.flatMap((first, index) =>
    Array.from({ length: lengths[index] ?? 0 }, (_, offset) => first + offset),
  );
  expect(new Set(ports).size).toBe(6);
  for (const port of ports) {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  }
});

it("says so when there is no run that long", async () => {
  await expect(freePorts([50_000])).rejects.toThrow("no 50000 consecutive free ports on loopback");
});
