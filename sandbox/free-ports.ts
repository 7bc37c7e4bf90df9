import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { randomInt } from "node:crypto";

/**
 * Ports on loopback that nothing listens on: a run of consecutive ones for each number asked for. They lie
 * below those the kernel hands out, so that no outgoing connection takes one before it is used.
 */
export async function freePorts(runs: readonly number[]): Promise<number[]> {
  const end = ephemeralStart();
  const held: Server[] = [];
  const firsts: number[] = [];
  try {
    for (const length of runs) {
      for (let tries = 0; ; tries += 1) {
        if (tries > 200 || 20_000 + length >= end)
          throw new Error(`no ${length} consecutive free ports on loopback`);
        const first = randomInt(20_000, end - length);
        const servers = await listenAll(first, length);
        if (servers === undefined) continue;
        held.push(...servers);
        firsts.push(first);
        break;
      }
    }
    return firsts;
  } finally {
    await Promise.all(held.map(async (server) => await closed(server)));
  }
}

async function listenAll(first: number, length: number): Promise<Server[] | undefined> {
  const servers: Server[] = [];
  for (let port = first; port < first + length; port += 1) {
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      servers.push(server);
    } catch {
      await Promise.all(servers.map(async (other) => await closed(other)));
      return undefined;
    }
  }
  return servers;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

function ephemeralStart(): number {
  try {
    return Number(/\d+/.exec(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"))?.[0] ?? 32_768);
  } catch {
    return 32_768;
  }
}
