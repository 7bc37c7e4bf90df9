import { describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { Clock, Http, HttpRequest } from "../../src/ports/ports.ts";
import { riskClose } from "../../src/trading/kinds/risk-close.ts";
import { riskReduce } from "../../src/trading/kinds/risk-reduce.ts";
import { routingMode } from "../../src/trading/kinds/routing-mode.ts";
import { venuesDisable } from "../../src/trading/kinds/venues-disable.ts";
import { venuesEnable } from "../../src/trading/kinds/venues-enable.ts";
import type { Kind, KindContext } from "../../src/kinds/kind.ts";
import { args, context } from "./context.ts";

/** What a path answers: JSON, or a text as it stands. */
type Answers = Readonly<Record<string, unknown>>;

/** A service that answers from a list; what it was sent is kept. */
function service(answers: Answers): { readonly world: KindContext; readonly sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  const http: Http = {
    request: async (request) => {
      if (request.method !== "GET") sent.push(request);
      const { pathname } = new URL(request.url);
      const answer = answers[`${request.method} ${pathname}`] ?? answers[pathname];
      const text = typeof answer === "string" ? answer : JSON.stringify(answer ?? {});
      const headers = { "content-type": typeof answer === "string" ? "text/html" : "application/json" };
      const status = answer === undefined ? 404 : 200;
      const body = new TextEncoder().encode(text);
      return await Promise.resolve(ok({ status, headers, body, truncated: false, firstByte: 1, total: 1 }));
    },
  };
  const clock: Clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };
  return { world: context({ http, clock }, { timeout: 3_600_000 }), sent };
}

const api = { url: "http://desk:3003", token: "a-token" };
const venue = (name: string, more: object = {}): object => ({
  venue: name,
  status: "up",
  disabled: false,
  market: "open",
  halted: false,
  open_orders: 0,
  success_rate: 1,
  samples: 40,
  ...more,
});
const valid = { ok: true, stale: 0, missing: 0, jump: 0, different: 0, unknown: 0, positions: [] };
const position = (id: string, quantity: unknown, exposure: unknown = 1000): object => ({
  id,
  symbol: "BTC-USD",
  venue: "ATLAS",
  quantity,
  exposure,
});

describe("venues.disable", () => {
  const three = ["ATLAS", "BÖRSE 東京", "CYGNUS"].map((name) => venue(name));

  it("refuses to leave fewer than half of the open venues, and sends nothing", async () => {
    const { world, sent } = service({ "/api/venues": three });
    const given = args(venuesDisable, { ...api, venues: ["ATLAS", "CYGNUS"] });
    const message = expect.stringContaining("1 of 3 open venues would remain (BÖRSE 東京)") as string;
    const refused = { ok: false, failure: { code: "TOO_FEW_VENUES", effect: "none", message } };
    expect(await venuesDisable.preview?.(given, world)).toMatchObject(refused);
    expect(await venuesDisable.execute(given, world)).toMatchObject(refused);
    expect(sent).toEqual([]);
  });

  it("does not count a venue that is down, halted or disabled as one that remains", async () => {
    for (const lost of [{ status: "down" }, { halted: true }, { disabled: true }]) {
      const venues = [venue("A"), venue("B", lost), venue("C")];
      const { world } = service({ "/api/venues": venues });
      const preview = await venuesDisable.preview?.(args(venuesDisable, { ...api, venues: ["A"] }), world);
      expect(preview).toMatchObject({ ok: false, failure: { code: "TOO_FEW_VENUES" } });
    }
  });

  it("names the venues there are when one is not among them", async () => {
    const { world } = service({ "/api/venues": three });
    const preview = await venuesDisable.preview?.(args(venuesDisable, { ...api, venues: ["ATLSA"] }), world);
    expect(preview).toMatchObject({ ok: false, failure: { code: "NO_SUCH_VENUE" } });
  });

  it("disables nothing while an order still rests", async () => {
    const orders = [{ client_order_id: "ord-1" }];
    const { world, sent } = service({
      "/api/venues": [venue("A", { open_orders: 1 }), venue("B"), venue("C")],
      "/api/venues/A/orders": orders,
      "POST /api/venues/A/cancel-all": { before: 1, cancelled: 0, refused: ["ord-1"] },
    });
    const ran = await venuesDisable.execute(args(venuesDisable, { ...api, venues: ["A"] }), world);
    expect(ran).toMatchObject({ ok: false, failure: { code: "STILL_RESTING", effect: "none" } });
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(["/api/venues/A/cancel-all"]);
  });

  it("gives back only what it took: a venue that was disabled before stays so", () => {
    if (venuesDisable.undo.how !== "steps") throw new Error("it has no undo");
    const given = { ...api, venues: ["A", "B"] };
    expect(venuesDisable.undo.steps(given, { disabled: ["B"] })).toEqual([
      { "venues.enable": { ...api, venues: ["A"] } },
    ]);
    expect(venuesDisable.undo.steps(given, { disabled: ["A", "B"] })).toBeUndefined();
  });

  it("says until when, and its undo knows", async () => {
    const { world } = service({ "/api/venues": three });
    const given = args(venuesDisable, { ...api, venues: ["ATLAS"], for: 3_600_000 });
    const until = "1970-01-01T01:00:00.000Z";
    const preview = await venuesDisable.preview?.(given, world);
    const lines = expect.arrayContaining([
      expect.stringContaining(`until ${until}; then the undo`),
    ]) as unknown;
    expect(preview).toMatchObject({ ok: true, value: { lines } });
    const before = await venuesDisable.capture?.(given, world);
    if (before?.ok !== true || venuesDisable.undo.how !== "steps") throw new Error("it has no undo");
    expect(venuesDisable.undo.steps({ ...given }, before.value)).toEqual([
      { "venues.enable": { ...api, venues: ["ATLAS"], due: until } },
    ]);
  });

  it.each([
    ["<html>", "not JSON"],
    [{ a: 1 }, "no list"],
    [[{ venue: "A" }], "no status"],
  ])("a reply of %j is a failure without effect", async (reply, why) => {
    const { world } = service({ "/api/venues": reply });
    const ran = await venuesDisable.execute(args(venuesDisable, { ...api, venues: ["A"] }), world);
    const message = expect.stringContaining(why) as string;
    expect(ran).toMatchObject({ ok: false, failure: { type: "unreadable", effect: "none", message } });
  });
});

it("venues.enable lets no venue in that does not answer", async () => {
  const { world, sent } = service({ "/api/venues": [venue("A", { status: "down", disabled: true })] });
  const ran = await venuesEnable.execute(args(venuesEnable, { ...api, venues: ["A"] }), world);
  expect(ran).toMatchObject({ ok: false, failure: { code: "UNHEALTHY", effect: "none" } });
  expect(sent).toEqual([]);
});

it("venues.enable lets those in that are healthy, says when they were due, and names the others", async () => {
  const ill = venue("B", { status: "down", disabled: true });
  const { world, sent } = service({
    "/api/venues": [venue("A"), ill],
    "POST /api/venues/enable": [],
  });
  const given = args(venuesEnable, { ...api, venues: ["A", "B"], due: "1970-01-01T01:00:00.000Z" });
  const lines = [
    "enables 1 venue",
    "they were to stay disabled until 1970-01-01T01:00:00.000Z",
    "A is up, 0 resting, did 100 % of its last 40 orders",
    "B does not answer: it is left as it is",
  ];
  const preview = await venuesEnable.preview?.(given, world);
  expect(preview).toMatchObject({ ok: true, value: { lines, confirm: "A" } });
  const ran = await venuesEnable.execute(given, world);
  expect(ran).toMatchObject({ ok: true, value: { left: ["B"] } });
  expect(sent.map(({ body }) => body)).toEqual([JSON.stringify({ venues: ["A"] })]);
});

describe("routing.mode", () => {
  it("says that a mode which was accepted and does not hold is unknown", async () => {
    const { world } = service({ "/api/routing/mode": { mode: "NORMAL", reverts_at: null } });
    const ran = await routingMode.execute(args(routingMode, { ...api, mode: "CONSERVATIVE" }), world);
    expect(ran).toMatchObject({ ok: false, failure: { code: "NOT_APPLIED", effect: "unknown" } });
  });

  it("shows whose orders each venue's rate was counted over, and none where there was no order", async () => {
    const venues = [
      { venue: "ATLAS", samples: 0, success_rate: 1, disabled: false },
      { venue: "BOREAL", samples: 7, success_rate: 0.29, disabled: true },
    ];
    const { world } = service({
      "/api/routing/mode": { mode: "NORMAL", reverts_at: null },
      "/api/routing/diagnostics": { mode: "NORMAL", instance: "executioner-2", venues },
    });
    const given = args(routingMode, { ...api, mode: "CONSERVATIVE" });
    expect(await routingMode.preview?.(given, world)).toMatchObject({
      ok: true,
      value: {
        lines: [
          "routing NORMAL → CONSERVATIVE on every instance; it stays until somebody changes it",
          "each venue by the last orders of executioner-2 only:",
          "ATLAS: no recent orders",
          "BOREAL: 29 % of its last 7 orders, disabled",
        ],
      },
    });
  });

  it("its undo sets the old mode, with what is left of that mode's own time", () => {
    if (routingMode.undo.how !== "steps") throw new Error("it has no undo");
    const given = { ...api, mode: "CONSERVATIVE" };
    const until = "2026-03-01T12:00:00.000Z";
    expect(routingMode.undo.steps(given, { mode: "AGGRESSIVE", reverts_at: until })).toEqual([
      { "routing.mode": { ...api, mode: "AGGRESSIVE", until } },
    ]);
    expect(routingMode.undo.steps(given, { mode: "CONSERVATIVE", reverts_at: null })).toBeUndefined();
  });
});

describe("risk.reduce", () => {
  const given = args(riskReduce, { ...api, part: 0.5, within: 300_000 });

  it.each(["stale", "missing", "jump", "different", "unknown"])(
    "sends nothing while data is %s",
    async (problem) => {
      const { world, sent } = service({
        "/api/data/validation": { ...valid, ok: false, [problem]: 1 },
        "/api/positions": [position("P-1", 4)],
      });
      expect(await riskReduce.preview?.(given, world)).toMatchObject({ ok: false });
      expect(await riskReduce.execute(given, world)).toMatchObject({
        ok: false,
        failure: { code: "INVALID_DATA", effect: "none" },
      });
      expect(sent).toEqual([]);
    },
  );

  it("sends nothing when its own deadline would cut the reduction short", async () => {
    const { world, sent } = service({
      "/api/data/validation": valid,
      "/api/positions": [position("P-1", 4)],
    });
    const ran = await riskReduce.execute(given, { ...world, timeout: 60_000 });
    expect(ran).toMatchObject({ ok: false, failure: { type: "argument", effect: "none" } });
    expect(sent).toEqual([]);
  });

  it("does not call a quantity that is no number a position", async () => {
    const { world } = service({ "/api/data/validation": valid, "/api/positions": [position("P-1", null)] });
    const preview = await riskReduce.preview?.(given, world);
    expect(preview).toMatchObject({ ok: false, failure: { type: "unreadable" } });
  });

  it("shows ten of ten thousand positions, and is confirmed by a word that no order moves", async () => {
    const positions = Array.from({ length: 10_000 }, (_, at) => position(`P-${at}`, at + 1, at + 1));
    const { world } = service({ "/api/data/validation": valid, "/api/positions": positions });
    const preview = await riskReduce.preview?.(given, world);
    if (preview?.ok !== true) throw new Error("no preview");
    expect(preview.value.lines).toHaveLength(12);
    expect(preview.value.lines.at(-1)).toBe("and 9990 more");
    expect(preview.value.confirm).toBe("50%");
    expect(preview.value.moving).toEqual({ gross: 50_005_000 });
    expect(preview.value.counters).toEqual({ gross: 50_005_000 });
  });

  it("does not add up an exposure without a price", async () => {
    const positions = [position("P-1", 4, null), position("P-2", 4)];
    const { world } = service({ "/api/data/validation": valid, "/api/positions": positions });
    const preview = await riskReduce.preview?.(given, world);
    expect(preview?.ok === true && preview.value.lines[0]).toContain("gross exposure unknown → unknown");
  });

  it("says which positions stayed above their target", async () => {
    const { world, sent } = service({
      "/api/data/validation": valid,
      "/api/positions": [position("P-1", 4)],
      "POST /api/emergency/reduce": { reduction_id: "RED-1" },
      "/api/emergency/reduce/RED-1": {
        status: "short",
        exposure_before: 1000,
        exposure_target: 500,
        positions: [{ id: "P-1", before: 4, target: 2 }],
      },
    });
    expect(await riskReduce.execute(given, world)).toMatchObject({
      ok: true,
      value: { status: "short", on_target: false, above: ["P-1 (BTC-USD at ATLAS)"], reconciled: true },
    });
    expect(sent.map(({ body }) => body)).toEqual(['{"reduction_pct":0.5,"timeframe":300}']);
    expect(sent[0]?.headers).toMatchObject({
      // The page's `-d` would send a form.
      "content-type": "application/json",
      authorization: "Bearer a-token",
      "idempotency-key": "run-1-abc",
    });
  });
});

describe("replies that are not what they should be", () => {
  const paths = {
    validation: "/api/data/validation",
    positions: "/api/positions",
    venues: "/api/venues",
    mode: "/api/routing/mode",
  } as const;
  const right = {
    [paths.validation]: valid,
    [paths.positions]: [position("P-1", 4)],
    [paths.venues]: [venue("A"), venue("B")],
    [paths.mode]: { mode: "NORMAL", reverts_at: null },
  };
  const kinds: Readonly<Record<string, readonly [Kind, object]>> = {
    reduce: [riskReduce, { ...api, part: 0.5, within: 300_000 }],
    close: [riskClose, { ...api, position: "P-1" }],
    route: [routingMode, { ...api, mode: "CONSERVATIVE" }],
    enable: [venuesEnable, { ...api, venues: ["A"] }],
    disable: [venuesDisable, { ...api, venues: ["A"] }],
  };

  it.each<[string, string, unknown]>([
    ["reduce", paths.validation, "<html>"],
    ["reduce", paths.validation, { ...valid, ok: undefined }],
    ["reduce", paths.validation, { ...valid, stale: "none" }],
    ["reduce", paths.validation, { ...valid, positions: undefined }],
    ["reduce", paths.positions, '[{"id":"P-1","symbol":"S","venue":"V","quantity":NaN}]'],
    ["reduce", paths.positions, [{ id: "P-1", symbol: "S", venue: "V" }]],
    ["reduce", paths.positions, [position("", 1)]],
    ["reduce", paths.positions, { positions: [] }],
    ["close", paths.validation, []],
    ["close", paths.positions, [position("P-1", "4")]],
    ["route", paths.mode, { mode: 7 }],
    ["route", paths.mode, "CONSERVATIVE"],
    ["enable", paths.venues, [{ venue: "A", status: "up" }]],
    ["enable", paths.venues, "up"],
    ["disable", paths.venues, [venue("A", { disabled: "no" })]],
  ])("%s: %s answers %j, and nothing is sent", async (name, path, reply) => {
    const [kind, given] = kinds[name] ?? [riskReduce, {}];
    const { world, sent } = service({ ...right, [path]: reply });
    const failure = { type: "unreadable", effect: "none" };
    expect(await kind.execute(args(kind, { ...given }), world)).toMatchObject({ ok: false, failure });
    expect(sent).toEqual([]);
  });

  it("orders that rest at less than none are not known, and are not none", async () => {
    const venues = [venue("A", { open_orders: -3 }), venue("B"), venue("C")];
    const { world } = service({ ...right, [paths.venues]: venues });
    const preview = await venuesDisable.preview?.(args(venuesDisable, { ...api, venues: ["A"] }), world);
    expect(preview).toMatchObject({ ok: true, value: { binding: { not_proven: ["A"] } } });
  });
});

it("risk.close refuses a position that is not there, and sends nothing", async () => {
  const { world, sent } = service({ "/api/data/validation": valid, "/api/positions": [position("P-1", 0)] });
  for (const name of ["P-1", "P-2"]) {
    const ran = await riskClose.execute(args(riskClose, { ...api, position: name }), world);
    expect(ran).toMatchObject({ ok: false, failure: { code: "FLAT", effect: "none" } });
  }
  expect(sent).toEqual([]);
});
