import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closedPort } from "../drivers/loopback.ts";
import { patience } from "../patience.ts";
import { only, outcome, Rig, step } from "./rig.ts";
import type { Reply } from "./server.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => await rig[Symbol.asyncDispose]());

const run = () => rig.run(["run", "book", "--yes", "--json"]);

/** How long a step waits: for what never comes a second, for what does come longer than a busy machine takes. */
const waits = (reply: Reply): string => (reply === "hang" || reply === "drip" ? "1s" : "5m");

/** What it comes to before a run that hangs would be given up. */
async function timed<T>(work: Promise<T>): Promise<T> {
  const begun = performance.now();
  const value = await work;
  expect(performance.now() - begun).toBeLessThan(patience);
  return value;
}

describe("a read that gets no proper answer", () => {
  const read = (reply: Reply, more = "") => `
service: market
diagnose: [{ id: look, "http.get": "\${service.url}/look", timeout: ${waits(reply)}, expect: status == 200${more} }]
`;

  test.each<[string, Reply, object]>([
    ["resets", "reset", { type: "unreachable", cause: "reset" }],
    ["stays silent", "hang", { type: "timeout", after_ms: 1000 }],
    ["drips", "drip", { type: "timeout", after_ms: 1000 }],
  ])("that %s is a failed finding, with its cause", async (_name, reply, failure) => {
    rig.runbook("book", read(reply));
    rig.server.on("GET /look", reply);
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([1, "findings"]);
    expect(step(ended, "look")).toMatchObject({ outcome: "failed", failure });
  });

  test("that is refused is a failed finding", async () => {
    rig.runbook("book", read("reset").replace("${service.url}", `http://127.0.0.1:${await closedPort()}`));
    const ended = await timed(run());
    expect([ended.code, step(ended, "look")["outcome"]]).toEqual([1, "failed"]);
    expect(step(ended, "look")["failure"]).toMatchObject({ type: "unreachable", cause: "refused" });
  });

  test("that is not HTTP is unknown: the instrument could not be used", async () => {
    rig.runbook("book", read("garbage"));
    rig.server.on("GET /look", "garbage");
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(step(ended, "look")).toMatchObject({ outcome: "unknown", failure: { type: "unreadable" } });
  });

  test("is unknown where the step says so", async () => {
    rig.runbook("book", read("reset", ", unreachable: unknown"));
    rig.server.on("GET /look", "reset");
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
  });
});

describe("a change that gets no proper answer", () => {
  const change = (reply: Reply) => `
service: market
steps: [{ id: act, "http.post": "\${service.url}/act", timeout: ${waits(reply)} }]
`;

  test.each<[string, Reply, string]>([
    ["resets", "reset", "unreachable"],
    ["stays silent", "hang", "timeout"],
    ["drips", "drip", "timeout"],
    ["is not HTTP", "garbage", "unreadable"],
    ["is a server's error", 502, "rejected"],
  ])("that %s is unknown: exit 4", async (_name, reply, type) => {
    rig.runbook("book", change(reply));
    rig.server.on("POST /act", reply);
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(step(ended, "act")).toMatchObject({ outcome: "unknown", failure: { type } });
    expect(rig.server.count("POST /act")).toBe(1);
  });

  test("that nobody listens to has had no effect: exit 1", async () => {
    rig.runbook("book", change("reset").replace("${service.url}", `http://127.0.0.1:${await closedPort()}`));
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(step(ended, "act")["failure"]).toMatchObject({ type: "unreachable", cause: "refused" });
  });
});

describe("deadlines", () => {
  test("the run's own ends what is running, and says so", async () => {
    rig.runbook(
      "book",
      `
service: market
timeout: 5s
diagnose: [{ id: look, "http.get": "\${service.url}/look", expect: status == 200 }]
resolve: [{ rung: act, steps: [{ "http.post": "\${service.url}/act" }] }]
`,
    );
    rig.server.on("GET /look", 503).on("POST /act", "hang");
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    const { message } = only(ended, "run.finished");
    expect(message).toContain("the run exceeded its deadline of 5s");
    expect(message).toContain("outcome unknown, may have taken effect");
  });

  test("without a change in doubt it is a failure", async () => {
    rig.runbook(
      "book",
      `
service: market
timeout: 300ms
diagnose: [{ id: look, "http.get": "\${service.url}/look" }]
`,
    );
    rig.server.on("GET /look", "hang");
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(only(ended, "run.finished")["message"]).toBe("the run exceeded its deadline of 300ms");
  });

  test("a pause between two attempts does not outlast it", async () => {
    rig.runbook(
      "book",
      `
service: market
timeout: 300ms
steps:
  - { id: wait, "http.get": "\${service.url}/state", retry: { until: json.ready, every: 1m, within: 5m } }
`,
    );
    rig.server.on("GET /state", { json: { ready: false } });
    const ended = await timed(run());
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
  });
});
