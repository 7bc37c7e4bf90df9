import { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";

/** Empties Redis, and puts out whoever else is connected. Waits until it answers. */
export async function seedRedis(port: number, password: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const client = new Redis({
      host: "127.0.0.1",
      port,
      password,
      lazyConnect: true,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.flushall();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    } finally {
      client.disconnect();
    }
  }
}
