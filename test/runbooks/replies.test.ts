import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig, type Ended } from "../cli/rig.ts";
import { desk, position, validation, venue, type Route } from "./desk.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => await rig[Symbol.asyncDispose]());

type Book = "executioner-fill-rate-drop" | "risk-warden-alert-storm";

/** The shipped runbook's diagnosis, without the pause between its looks. */
async function diagnosis(book: Book, wrong: Partial<Record<Route, unknown>> = {}): Promise<Ended> {
  desk(rig.server, wrong);
  return await diagnosed(book);
}

async function diagnosed(book: Book): Promise<Ended> {
  const text = readFileSync(new URL(`../../runbooks/${book}.yaml`, import.meta.url), "utf8");
  const [diagnose = ""] = text.replace("wait: 2s", "wait: 10ms").split("\nresolve:\n");
  rig.file(`runbooks/${book}.yaml`, diagnose);
  platform();
  return await rig.run(["run", book, "--json"], { env: { EMERGENCY_TOKEN: "an-emergency-token" } });
}

function platform(): void {
  const names = ["gateway", "market-sentinel", "risk-warden", "executioner", "postgres"];
  const services = names.map((name) => `  ${name}: ${rig.server.url}\n`).join("");
  const compose = "compose: { project: test, files: [compose.yaml] }";
  rig.file("runbooks/platform.yaml", `platform: rig\n${compose}\nservices:\n${services}`);
}

/** `ok`, or the status with what it says. */
function findings(ended: Ended): Readonly<Record<string, string>> {
  const found = ended.lines.filter(({ type }) => type === "finding");
  return Object.fromEntries(
    found.map((line) => [
      line["step"],
      line["outcome"] === "ok" ? "ok" : `${String(line["outcome"])}: ${String(line["sentence"])}`,
    ]),
  );
}

const sentence = (ended: Ended, id: string): string =>
  String(ended.lines.find((line) => line.type === "finding" && line["step"] === id)?.["sentence"]);
const unknown = expect.stringMatching(/^unknown: /) as unknown;
const failed = (says: RegExp): unknown => expect.stringMatching(new RegExp(`^failed: .*${says.source}`));

describe("what is asked", () => {
  // The page's `?status=failed&limit=20` without quotes: the shell loses the limit.
  test("each query arrives whole, and nothing but reads is sent", async () => {
    const executioner = await diagnosis("executioner-fill-rate-drop");
    expect([executioner.code, executioner.stderr]).toEqual([0, ""]);
    expect(rig.server.requests.map(({ path }) => path)).toContain("/api/orders?status=failed&limit=20");
    expect(rig.server.requests.map(({ path }) => path)).toContain("/api/fill-rate?window=10m");
    const warden = await diagnosis("risk-warden-alert-storm");
    expect([warden.code, warden.stderr]).toEqual([0, ""]);
    const [violations] = rig.server.requests.filter(({ path }) => path.startsWith("/api/violations"));
    const { searchParams } = new URL(violations?.path ?? "", rig.server.url);
    const fiveMinutes = Date.now() - Date.parse(searchParams.get("since") ?? "");
    expect(searchParams.get("limit")).toBe("1000");
    expect(Math.abs(fiveMinutes - 300_000)).toBeLessThan(20_000);
    expect(rig.server.changes()).toEqual([]);
  });

  test.each(["", "   "])("with the token %j nothing is sent at all", async (token) => {
    platform();
    for (const book of ["executioner-fill-rate-drop", "risk-warden-alert-storm", "market-sentinel-down"]) {
      const ended = await rig.run(["run", book, "--yes"], { env: { EMERGENCY_TOKEN: token } });
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining("EMERGENCY_TOKEN")]);
    }
    expect(rig.server.requests).toEqual([]);
  });
});

describe("replies that are wrong make no number", () => {
  test("no JSON: everything is unknown, exit 4", async () => {
    const page = "<html>busy</html>";
    const fills = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/fill-rate": page,
      "GET /api/venues/health": page,
    });
    expect([fills.code, findings(fills)]).toMatchObject([
      4,
      { fill_rate: unknown, timeouts: unknown, slippage: unknown, venues: unknown, enough_venues: unknown },
    ]);
    const storm = await diagnosis("risk-warden-alert-storm", {
      "GET /api/violations": page,
      "GET /api/risk/attribution": page,
      "GET /api/data/validation": page,
    });
    expect([storm.code, findings(storm)]).toMatchObject([
      4,
      { alerts: unknown, oscillating: unknown, limits: unknown, data: unknown },
    ]);
  });

  test("fields that are missing, or of another type, are unknown and never ok", async () => {
    const fills = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/fill-rate": { fill_rate: "NaN", timeouts: null },
      "GET /api/venues/health": { venues: [{ venue: "ATLAS" }] },
    });
    expect([fills.code, findings(fills)]).toMatchObject([
      4,
      { fill_rate: unknown, timeouts: unknown, slippage: unknown, venues: unknown, enough_venues: unknown },
    ]);
    const storm = await diagnosis("risk-warden-alert-storm", {
      "GET /api/violations": [{ severity: "high" }],
      "GET /api/risk/attribution": { gross: 1, net: 1, value_at_risk: 1, unpriced: 0 },
      "GET /api/data/validation": { stale: 0 },
    });
    expect(findings(storm)).toMatchObject({ oscillating: unknown, limits: unknown, data: unknown });
  });

  test("without an order there is no rate, and no rate is not a good one", async () => {
    const none = {
      orders: 0,
      filled: 0,
      failed: 0,
      timeouts: 0,
      fill_rate: null,
      slippage_bps: null,
      venues: [],
    };
    const ended = await diagnosis("executioner-fill-rate-drop", { "GET /api/fill-rate": none });
    expect(findings(ended)).toMatchObject({ fill_rate: unknown, slippage: "ok" });
  });

  test("a venue without an order has no rate, whatever its instance takes it for, and a rate is not cut off", async () => {
    const venues = [
      { venue: "ATLAS", samples: 0, success_rate: 1 },
      { venue: "BOREAL", samples: 7, success_rate: 0.29 },
      { venue: "CYGNUS", samples: 40, success_rate: 1 },
    ];
    const ended = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/routing/diagnostics": { mode: "NORMAL", instance: "executioner-2", venues },
    });
    expect(sentence(ended, "routing")).toBe(
      "mode NORMAL; the last orders of executioner-2: ATLAS none, BOREAL 29 % of 7, CYGNUS 100 % of 40",
    );
  });

  test("NaN and numbers beyond any are no JSON and no number", async () => {
    const nan = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/fill-rate": '{"fill_rate": NaN, "timeouts": 0, "slippage_bps": NaN}',
    });
    expect(findings(nan)).toMatchObject({ fill_rate: unknown, timeouts: unknown, slippage: unknown });
    const beyond = await diagnosis("risk-warden-alert-storm", {
      "GET /api/risk/attribution":
        '{"gross": 1e999, "net": 0, "value_at_risk": 0, "unpriced": 0, "limits": {}}',
    });
    expect(findings(beyond)).toMatchObject({ limits: unknown });
  });

  test("values that cannot be are not ok: below nothing, above all", async () => {
    const fills = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/fill-rate": {
        orders: 1,
        filled: 7,
        failed: 0,
        timeouts: -4,
        fill_rate: 7.0,
        slippage_bps: 0,
        venues: [],
      },
    });
    expect(findings(fills)).toMatchObject({ fill_rate: failed(/7 of 1/), timeouts: failed(/-4 timeouts/) });
    const limits = {
      "gross-exposure": 5000,
      "net-exposure": 3000,
      "value-at-risk": 100,
      "position-exposure": 5000,
    };
    const positions: unknown = [];
    for (const one of [{ gross: -5 }, { value_at_risk: -1 }, { net: -4000 }, { unpriced: 1 }]) {
      const storm = await diagnosis("risk-warden-alert-storm", {
        "GET /api/risk/attribution": {
          gross: 1000,
          net: 0,
          value_at_risk: 0,
          unpriced: 0,
          limits,
          positions,
          ...one,
        },
      });
      expect(findings(storm)).toMatchObject({ limits: failed(/gross .* of 5000/) });
    }
  });

  test("what moved between the two looks is said beside exposure and validity", async () => {
    let look = 0;
    const gross = (): number => [1000, 1700][Math.min(look++, 1)] ?? 0;
    const limits = {
      "gross-exposure": 1500,
      "net-exposure": 3000,
      "value-at-risk": 100,
      "position-exposure": 5000,
    };
    let stale = 0;
    desk(rig.server);
    rig.server.on("GET /api/risk/attribution", () => ({
      json: { gross: gross(), net: 0, value_at_risk: 5, unpriced: 0, limits, positions: [] },
    }));
    rig.server.on("GET /api/data/validation", () => ({
      json: validation({ ok: stale === 0, stale: stale++ }),
    }));
    const ended = await diagnosed("risk-warden-alert-storm");
    expect(sentence(ended, "limits")).toContain("gross 1700 of 1500 (+700 since the first look)");
    expect(sentence(ended, "data")).toMatch(/^1 prices stale.*; at the first look 0, 0, 0; 0, 0$/);
  });
});

describe("much, and strange", () => {
  test("ten thousand positions are counted, and shown as far as a person reads", async () => {
    const positions = Array.from({ length: 10_000 }, (_, at) => position(`POS-${at}`, { venue: `V${at}` }));
    const checks = positions.map(() => ({ venue: "ATLAS", symbol: "BTC-USD", ours: 1, theirs: 1, ok: true }));
    const ended = await diagnosis("risk-warden-alert-storm", {
      "GET /api/positions/risk-ranked": positions,
      "GET /api/data/validation": validation({ positions: checks }),
    });
    expect([ended.code, findings(ended)["data"]]).toEqual([0, "ok"]);
    expect(sentence(ended, "ranked")).toMatch(/^10000 positions, the most risk first: .*POS-0 BTC-USD at V0/);
    expect(sentence(ended, "ranked").length).toBeLessThan(10_000);
    expect(ended.stdout.length).toBeLessThan(200_000);
  });

  test("venues are named as they name themselves", async () => {
    const names = ["BÖRSE 東京 🏦", 'a "b" \\ c', "x, y & z?"];
    const ended = await diagnosis("executioner-fill-rate-drop", {
      "GET /api/venues/health": { venues: names.map((name) => venue(name, { status: "down" })) },
    });
    expect(findings(ended)["venues"]).toContain(names[0]);
    for (const name of names) expect(sentence(ended, "venues")).toContain(name);
  });
});
