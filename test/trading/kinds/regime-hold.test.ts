import { describe, expect, it } from "vitest";
import { ok } from "../../../src/base/result.ts";
import type { Clock, Http, HttpRequest } from "../../../src/ports/ports.ts";
import { regimeHold } from "../../../src/trading/kinds/regime-hold.ts";
import type { KindContext } from "../../../src/kinds/kind.ts";
import { args, context, where } from "../../kinds/context.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const inAnHour = "2026-03-01T13:00:00.000Z";
const api = { url: "http://sentinel:3001", token: "a-token" };
const computed = { regime: "CONTRACTION", source: "auto", expires: null };
const held = (regime: string, expires: string): object => ({ regime, source: "manual", expires });

/** A Market Sentinel that answers with these one after the other, the last of them for ever. */
function sentinel(...states: readonly unknown[]): { world: KindContext; sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  let at = 0;
  const http: Http = {
    request: async (request) => {
      if (request.method !== "GET") sent.push(request);
      const state = request.method === "GET" ? states[Math.min(at++, states.length - 1)] : {};
      const text = typeof state === "string" ? state : JSON.stringify(state);
      const headers = { "content-type": typeof state === "string" ? "text/html" : "application/json" };
      const body = new TextEncoder().encode(text);
      return await Promise.resolve(
        ok({ status: 200, headers, body, truncated: false, firstByte: 1, total: 1 }),
      );
    },
  };
  const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {} };
  return { world: context({ http, clock }), sent };
}

const given = args(regimeHold, { ...api, regime: "RISK_OFF", for: 3_600_000 });

describe("regime.hold", () => {
  it("is JSON with its type, a token and a key, and reads the end back", async () => {
    const { world, sent } = sentinel(computed, held("RISK_OFF", inAnHour));
    expect(await regimeHold.execute(given, world)).toEqual(
      ok({ regime: "RISK_OFF", source: "manual", expires: new Date(inAnHour), before: "CONTRACTION" }),
    );
    expect(sent).toMatchObject([
      {
        method: "POST",
        url: "http://sentinel:3001/api/regime/manual",
        body: '{"regime":"RISK_OFF","duration":"3600s"}',
        headers: {
          "content-type": "application/json",
          authorization: "Bearer a-token",
          "idempotency-key": "run-1-abc",
        },
      },
    ]);
  });

  it("shows what it replaces, and when it ends by itself", async () => {
    const { world } = sentinel(held("CRISIS", "2026-03-01T12:20:00.000Z"));
    const preview = await regimeHold.preview?.(given, world);
    expect(preview?.ok === true && preview.value.lines[0]).toBe(
      `regime CRISIS (held until 2026-03-01T12:20:00.000Z) → RISK_OFF, held until ${inAnHour}`,
    );
  });

  it.each<[string, object, RegExp]>([
    ["does not hold", computed, /RISK_OFF was accepted, but reads back as CONTRACTION \(computed\)/],
    ["is another one", held("CRISIS", inAnHour), /reads back as CRISIS/],
    ["ends too early", held("RISK_OFF", "2026-03-01T12:05:00.000Z"), /55m earlier than requested/],
    ["ends too late", held("RISK_OFF", "2026-03-02T12:00:00.000Z"), /23h later than requested/],
  ])("that %s after it was accepted is unknown", async (_name, after, message) => {
    const { world } = sentinel(computed, after);
    expect(await regimeHold.execute(given, world)).toMatchObject({
      ok: false,
      failure: { code: "NOT_APPLIED", effect: "unknown", message: expect.stringMatching(message) as string },
    });
  });

  it("undoes to the computed one, or to what was held before for what is left of its time", async () => {
    if (regimeHold.undo.how !== "steps") throw new Error("it has no undo");
    const undo = regimeHold.undo.steps;
    expect(undo(given, { regime: "CONTRACTION", expires: null })).toEqual([
      { "http.delete": { url: "http://sentinel:3001/api/regime/manual", token: "a-token" } },
    ]);
    const until = "2026-03-01T12:20:00.000Z";
    expect(undo(given, { regime: "CRISIS", expires: until })).toEqual([
      { "regime.hold": { ...api, regime: "CRISIS", until } },
    ]);
    const { world, sent } = sentinel(held("RISK_OFF", inAnHour), held("CRISIS", until));
    await regimeHold.execute(args(regimeHold, { ...api, regime: "CRISIS", until }), world);
    expect(sent.map(({ body }) => body)).toEqual(['{"regime":"CRISIS","duration":"1200s"}']);
  });

  it("ends what is held when the time of what it goes back to has passed", async () => {
    const { world, sent } = sentinel(held("RISK_OFF", inAnHour), computed);
    const past = args(regimeHold, { ...api, regime: "CRISIS", until: "2026-03-01T11:00:00Z" });
    expect(await regimeHold.execute(past, world)).toMatchObject({ ok: true, value: { source: "auto" } });
    expect(sent.map(({ method }) => method)).toEqual(["DELETE"]);
  });

  it("tells after a crash whether it took place", async () => {
    const before = { regime: "CONTRACTION", expires: null };
    const asked = async (state: unknown): Promise<unknown> =>
      await regimeHold.happened?.(given, before, now, sentinel(state).world);
    expect(await asked(held("RISK_OFF", inAnHour))).toBe("yes");
    expect(await asked(computed)).toBe("no");
    expect(await asked(held("CRISIS", inAnHour))).toBe("unknown");
    expect(await asked("<html>")).toBe("unknown");
  });

  it.each([
    ["<html>", "not JSON"],
    [{ regime: "RISK_OFF" }, "lacks the regime or its source"],
    [{ regime: 1, source: "auto" }, "lacks the regime or its source"],
    [held("CRISIS", "soon"), "does not say until when"],
    [[], "lacks the regime or its source"],
  ])("a reply of %j is a failure without effect, and nothing is sent", async (reply, why) => {
    const { world, sent } = sentinel(reply);
    expect(await regimeHold.execute(given, world)).toMatchObject({
      ok: false,
      failure: { type: "unreadable", effect: "none", message: expect.stringContaining(why) as string },
    });
    expect(sent).toEqual([]);
  });

  it.each([{}, { for: 1000, until: inAnHour }, { until: "soon" }])("%j is refused in the plan", (times) => {
    expect(regimeHold.check?.({ ...api, regime: "RISK_OFF", ...times }, where)).toMatch(/until/);
  });
});
