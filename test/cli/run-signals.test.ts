import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outcome, only, Rig, step } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("book", book);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
service: market
steps:
  - { id: one, title: One, "http.post": "\${service.url}/one" }
  - { id: two, title: Two, "http.post": "\${service.url}/two" }
`;

/** Holds the first change until the test lets it go. */
function held(): { readonly let: () => void; readonly begun: Promise<void> } {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  rig.server.on("POST /two", 200).on("POST /one", async () => {
    await gate;
    return 200;
  });
  return { let: release, begun: rig.server.arrives("POST /one") };
}

describe("an interruption", () => {
  test.each<[NodeJS.Signals, number]>([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ])("%s stops after the running step, is journalled, and can be resumed", async (signal, code) => {
    const hold = held();
    const started = rig.start(["run", "book", "--yes", "--json"]);
    await hold.begun;
    started.kill(signal);
    await started.says("stopping after the running step");
    hold.let();
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([code, "interrupted"]);
    expect(step(ended, "one")["outcome"]).toBe("ok");
    expect(rig.server.count("POST /two")).toBe(0);
    expect(only(ended, "run.finished")["message"]).toMatch(/^interrupted; next: lav-ir resume RUN-\S+$/);
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, outcome(resumed)]).toEqual([0, "completed"]);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/one", "/two"]);
  });

  test("a wait ends at once: nothing is in doubt that lets time pass", async () => {
    const reads = "diagnose:\n  - { id: pause, title: Pause, wait: 10m }\n";
    rig.runbook("pause", `service: market\n${reads}  - { id: look, "http.get": "\${service.url}/two" }\n`);
    rig.server.on("GET /two", 200);
    const started = rig.start(["run", "pause", "--json"]);
    await rig.server.arrives("GET /two");
    started.kill("SIGINT");
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
    expect(step(ended, "look")).toMatchObject({ outcome: "ok" });
    expect(step(ended, "pause")).toMatchObject({ message: "interrupted while Pause" });
  });

  test("the command that goes on names the state folder where the command line did", async () => {
    const hold = held();
    const state = join(rig.folder, "my state");
    const started = rig.start(["run", "book", "--yes", "--json", "--state-dir", state]);
    await hold.begun;
    started.kill("SIGINT");
    await started.says("stopping after the running step");
    hold.let();
    const message = String(only(await started.ended, "run.finished")["message"]);
    expect(message).toMatch(/^interrupted; next: lav-ir resume RUN-\S+ --state-dir '.*\/my state'$/);
  });

  test("a second one ends the step now: it is unknown, and not run again", async () => {
    const hold = held();
    const started = rig.start(["run", "book", "--yes", "--json"]);
    await hold.begun;
    started.kill("SIGINT");
    await started.says("stopping after the running step");
    started.kill("SIGINT");
    const ended = await started.ended;
    hold.let();
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
    expect(step(ended, "one")).toMatchObject({ outcome: "unknown", failure: { type: "interrupted" } });
    expect(only(ended, "run.finished")["message"]).toContain("outcome unknown, may have taken effect: One");
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, outcome(resumed)]).toEqual([4, "unknown"]);
    expect(rig.server.changes()).toHaveLength(1);
  });

  test("SIGHUP said twice is one terminal that went away: the step comes to its end", async () => {
    const hold = held();
    const started = rig.start(["run", "book", "--yes", "--json"]);
    await hold.begun;
    started.kill("SIGHUP");
    await started.says("stopping after the running step");
    started.kill("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 50));
    hold.let();
    const ended = await started.ended;
    expect([ended.code, step(ended, "one")["outcome"]]).toEqual([143, "ok"]);
  });

  test("between the attempts of a poll does not wait for the next one", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: wait, "http.get": "\${service.url}/state", retry: { until: json.ready, every: 10m, within: 1h } }
`,
    );
    rig.server.on("GET /state", { json: { ready: false } });
    const asked = rig.server.arrives("GET /state");
    const started = rig.start(["run", "book", "--json"]);
    await asked;
    started.kill("SIGINT");
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
  });

  test("while a rung's findings are measured leaves the rung to the resumption", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ id: health, "http.get": "\${service.url}/health", expect: status == 200 }]
resolve:
  - rung: restart
    steps: [{ id: restart, "http.post": "\${service.url}/restart" }]
    verify: { every: 10m, within: 1h, hold: 100ms }
`,
    );
    let asked = 0;
    let again = (): void => {};
    const measured = new Promise<void>((resolve) => (again = resolve));
    rig.server.on("POST /restart", 200).on("GET /health", () => {
      if (++asked === 2) again();
      return 503;
    });
    const started = rig.start(["run", "book", "--yes", "--json"]);
    await measured;
    started.kill("SIGINT");
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
    rig.server.on("GET /health", 200);
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect([resumed.code, outcome(resumed)]).toEqual([0, "resolved"]);
    expect(only(resumed, "run.finished")["rung"]).toBe("restart");
    expect(rig.server.count("POST /restart")).toBe(1);
  });

  test("in a list of changes stops before the next of them, and the resumption does the rest", async () => {
    rig.runbook(
      "book",
      `
service: market
steps: [{ id: each, foreach: "['one', 'two', 'three']", "http.post": "\${service.url}/\${item}" }]
`,
    );
    const hold = held();
    rig.server.on("POST /three", 200);
    const started = rig.start(["run", "book", "--yes", "--json"]);
    await hold.begun;
    started.kill("SIGTERM");
    await started.says("stopping");
    hold.let();
    const ended = await started.ended;
    expect([ended.code, rig.server.changes().length]).toEqual([143, 1]);
    expect(String(step(ended, "each")["message"])).toContain("the run is ending");
    const resumed = await rig.run(["resume", "--yes", "--json"]);
    expect(resumed.code).toBe(0);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/one", "/two", "/three"]);
  });

  test("in a long list of reads begins no further one", async () => {
    const items = JSON.stringify([...Array(60).keys()]);
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ id: each, foreach: "${items}", timeout: 1m, "http.get": "\${service.url}/look?\${item}" }]
`,
    );
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    rig.server.on("GET /look", async () => {
      await gate;
      return 200;
    });
    const asked = rig.server.arrives("GET /look");
    const started = rig.start(["run", "book", "--json"]);
    await asked;
    started.kill("SIGINT");
    await started.says("stopping after the running step");
    release();
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
    expect(rig.server.count("GET /look")).toBeLessThanOrEqual(16);
  });

  test("before anything began ends it at once", async () => {
    rig.runbook("book", `\nservice: market\ndiagnose: [{ id: look, "http.get": "\${service.url}/look" }]\n`);
    rig.server.on("GET /look", "hang");
    const asked = rig.server.arrives("GET /look");
    const started = rig.start(["run", "book", "--json"]);
    await asked;
    started.kill("SIGINT");
    await started.says("stopping");
    started.kill("SIGTERM");
    const ended = await started.ended;
    expect([ended.code, outcome(ended)]).toEqual([130, "interrupted"]);
  });
});
