import type { ScriptedServer } from "../cli/server.ts";

/** What Risk Warden and the executioner answer while nothing is wrong, by route. */
export const quiet = {
  "GET /api/violations": [],
  "GET /api/risk/attribution": {
    gross: 1000.5,
    net: 200,
    value_at_risk: 30,
    unpriced: 0,
    limits: {
      "gross-exposure": 5000,
      "net-exposure": 3000,
      "value-at-risk": 100,
      "position-exposure": 5000,
    },
    positions: [position("POS-1")],
  },
  "GET /api/data/validation": validation(),
  "GET /api/positions/risk-ranked": [position("POS-1")],
  "GET /api/positions": [position("POS-1")],
  "GET /api/fill-rate": {
    orders: 100,
    filled: 99,
    failed: 1,
    timeouts: 0,
    fill_rate: 0.99,
    slippage_bps: 1.5,
    venues: [{ venue: "ATLAS", filled: 99, failed: 1, fill_rate: 0.99 }],
  },
  "GET /api/venues/health": { total: 2, up: 2, down: 0, venues: [venue("ATLAS"), venue("BOREAL")] },
  "GET /api/orders": [],
  "GET /api/routing/diagnostics": { mode: "NORMAL", venues: [] },
} as const;

export type Route = keyof typeof quiet;

/** A desk where nothing is wrong but what is given. A text is answered as it stands, and is no JSON by its type. */
export function desk(server: ScriptedServer, wrong: Partial<Record<Route, unknown>> = {}): void {
  for (const [route, reply] of Object.entries({ ...quiet, ...wrong })) {
    server.on(route, typeof reply === "string" ? { text: reply } : { json: reply });
  }
}

export function venue(name: string, more: object = {}): object {
  return { venue: name, status: "up", market: "open", halted: false, disabled: false, ...more };
}

export function position(id: string, more: object = {}): object {
  return { id, symbol: "BTC-USD", venue: "ATLAS", quantity: 2, exposure: 500.25, ...more };
}

export function validation(more: object = {}): object {
  return {
    ok: true,
    stale: 0,
    missing: 0,
    jump: 0,
    different: 0,
    unknown: 0,
    prices: [],
    positions: [],
    ...more,
  };
}
