import { expect } from "vitest";
import { engineJson } from "../../sandbox/docker.ts";
import type { Stack } from "../../sandbox/stack.ts";

/**
 * Resolves when Market Sentinel's container has ended because the kernel killed it for its memory, by the engine's
 * own word. The engine hears of the kill and of the end apart, and a busy one may take the end alone: then once more.
 * @returns what the engine says of its state
 */
export async function killedForMemory(stack: Stack): Promise<Readonly<Record<string, unknown>>> {
  const { dockerHost } = stack.state;
  const service = "market-sentinel";
  const { id = "" } = (await stack.containers()).find((one) => one.service === service) ?? {};
  const state = async (): Promise<Readonly<Record<string, unknown>>> =>
    ((await engineJson(dockerHost, { path: `/containers/${id}/json` })) as { State: Record<string, unknown> })
      .State;
  for (;;) {
    await stack.fault(service, { fault: "oom", until: "restart" });
    await expect.poll(async () => (await state())["Status"]).toBe("exited");
    const ended = await state();
    if (ended["OOMKilled"] === true) return ended;
    await engineJson(dockerHost, { method: "POST", path: `/containers/${id}/start` });
    await stack.healthy();
  }
}
