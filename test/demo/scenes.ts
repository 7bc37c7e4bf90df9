import type { Stack } from "../../sandbox/stack.ts";

/** A playbook with its fault, as the screens are taken of it. */
export interface Scene {
  readonly runbook: string;
  /** Short times, so that nobody sits there for half an hour. */
  readonly params: readonly string[];
  fault(stack: Stack): Promise<void>;
  /** What has to happen on the platform once this has been done. */
  readonly next?: { readonly step: string; readonly happens: (stack: Stack) => Promise<void> };
  /** The change that a kill interrupts. */
  readonly kill: string;
}

const settle = "settle=2s";

async function order(stack: Stack, json: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(json) };
  await fetch(`${stack.url("gateway")}/api/orders`, request);
  await stack.settled();
}

/** Ten minutes later, with so many orders that were filled. */
async function filled(stack: Stack, n: number): Promise<void> {
  await stack.age(601);
  await stack.settled();
  await stack.admin("gateway", "/admin/orders", { n, outcome: "filled" });
}

export const scenes: readonly Scene[] = [
  {
    runbook: "market-sentinel-down",
    params: [settle],
    fault: async (stack) => await stack.fault("market-sentinel", { fault: "corrupt", until: "recreate" }),
    kill: "recreate",
  },
  {
    runbook: "risk-warden-alert-storm",
    params: [settle, "most=0", "window=20s", "timeframe=3s"],
    fault: async (stack) => {
      await order(stack, { symbol: "BTC-USD", side: "buy", quantity: 25, type: "market", venue: "ATLAS" });
      await stack.admin("risk-warden", "/admin/alerts", { n: 3 });
    },
    kill: "reduce",
  },
  {
    runbook: "executioner-fill-rate-drop",
    params: [settle],
    fault: async (stack) => {
      await filled(stack, 20);
      await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues: ["BOREAL"] });
      await stack.admin("gateway", "/admin/orders", { n: 6, outcome: "failed", venue: "BOREAL" });
    },
    next: { step: "disable", happens: async (stack) => await filled(stack, 20) },
    kill: "disable",
  },
  {
    runbook: "database-pool-exhaustion",
    params: [settle, "warn=3s", "kill=3s"],
    fault: async (stack) => {
      const leak = { fault: "leak", until: "restart", every_ms: 10, most: 43, transaction: true } as const;
      await stack.fault("market-sentinel", leak);
    },
    kill: "restart",
  },
  {
    runbook: "kafka-message-backlog",
    params: [settle],
    fault: async (stack) => {
      await stack.fault("market-sentinel", { fault: "backlog", until: "cleared", produce: 0, consume: 0 });
      await stack.admin("market-sentinel", "/admin/backlog", { lag: 3000 });
    },
    next: {
      step: "scale",
      happens: async (stack) =>
        await stack.fault("market-sentinel", {
          fault: "backlog",
          until: "cleared",
          produce: 0,
          consume: 200,
        }),
    },
    kill: "scale",
  },
];
