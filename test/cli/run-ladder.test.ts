import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, outcome, Rig, step } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("ladder", ladder);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const quick = "{ findings: all, every: 20ms, within: 100ms, hold: 0s }";
const ladder = `
service: market
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200 }
resolve:
  - rung: first
    title: Restart it
    steps: [{ id: restart, title: Restart, "http.post": "\${service.url}/restart" }]
    verify: ${quick}
  - rung: second
    title: Recreate it
    steps: [{ id: recreate, title: Recreate, "http.post": "\${service.url}/recreate" }]
    verify: ${quick}
`;

const run = (...more: string[]) => rig.run(["run", "ladder", "--yes", "--json", ...more]);

describe("how a ladder ends", () => {
  test("healthy: no rung is climbed", async () => {
    rig.server.on("GET /health", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "healthy"]);
    expect(rig.server.changes()).toEqual([]);
    expect(ended.lines.some(({ type }) => type === "rung.started")).toBe(false);
  });

  test("resolved by the first rung; the second is not touched", async () => {
    rig.server.mendedBy("POST /restart").on("POST /recreate", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(only(ended, "run.finished")["rung"]).toBe("first");
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/restart"]);
  });

  test("resolved by the second rung, once the first was not enough", async () => {
    rig.server.mendedBy("POST /recreate").on("POST /restart", 200);
    const ended = await run();
    expect([ended.code, only(ended, "run.finished")["rung"]]).toEqual([0, "second"]);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/restart", "/recreate"]);
    const rungs = ended.lines.filter(({ type }) => type === "rung.finished");
    expect(rungs.map(({ rung, outcome }) => [rung, outcome])).toEqual([
      ["first", "persist"],
      ["second", "held"],
    ]);
  });

  test("exhausted: every rung climbed, the findings persist", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", 200).on("POST /recreate", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "exhausted"]);
    expect(only(ended, "run.finished")["message"]).toBe("no rung was enough: health still not ok");
    expect(rig.server.changes()).toHaveLength(2);
  });

  test("mitigated: a rung's own verification holds while the findings persist", async () => {
    rig.server
      .on("GET /health", 503)
      .on("POST /hold", 200)
      .on("GET /held", { json: { held: true } });
    rig.runbook(
      "ladder",
      `
service: market
diagnose: [{ id: health, "http.get": "\${service.url}/health", expect: status == 200 }]
resolve:
  - rung: hold
    steps: [{ "http.post": "\${service.url}/hold" }]
    verify: [{ id: held, "http.get": "\${service.url}/held", expect: json.held }]
`,
    );
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "mitigated"]);
    expect(only(ended, "run.finished")["rung"]).toBe("hold");
  });

  test("a step that failed without effect ends its rung, and the next one is climbed", async () => {
    rig.server.mendedBy("POST /recreate").on("POST /restart", 409);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(step(ended, "restart")["outcome"]).toBe("failed");
    const first = ended.lines.find(({ type, rung }) => type === "rung.finished" && rung === "first");
    expect(first?.["outcome"]).toBe("failed");
  });

  test("findings that hold although the step failed are no work of the rung, and must hold as often", async () => {
    const strict = ladder.replaceAll("within: 100ms, hold: 0s", "within: 10s, hold: 40ms");
    rig.runbook("ladder", strict);
    // In the diagnosis; once well and ill again after the first rung; well from then on.
    const answers = [503, 200, 503];
    rig.server.on("GET /health", () => answers.shift() ?? 200);
    rig.server.on("POST /restart", 409).on("POST /recreate", 409);
    const ended = await run();
    const rungs = ended.lines.filter(({ type }) => type === "rung.finished");
    expect(rungs.map(({ rung, outcome }) => [rung, outcome])).toEqual([
      ["first", "failed"],
      ["second", "held"],
    ]);
    expect(rungs[1]?.["failed_step"]).toMatch(/^Recreate: .* \(409\)/);
    expect(only(ended, "run.finished")).toMatchObject({
      outcome: "resolved",
      rung: "second",
      message: expect.stringMatching(
        /^resolved at rung second: the findings hold, although a step failed: Recreate: .* \(409\)/,
      ),
    });
  });

  test("a step that may have had an effect stops the climb", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", "reset").on("POST /recreate", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(step(ended, "restart")["outcome"]).toBe("unknown");
    expect(rig.server.count("POST /recreate")).toBe(0);
    // What it did is measured all the same.
    expect(rig.server.count("GET /health")).toBe(2);
  });

  test("a step that may have had an effect, after which the findings hold, has resolved it", async () => {
    rig.server.on("GET /health", 503);
    rig.server.on("POST /restart", () => {
      rig.server.on("GET /health", 200);
      return "reset";
    });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(step(ended, "restart")["outcome"]).toBe("unknown");
  });

  test("with nothing but unknowns it is not climbed", async () => {
    rig.runbook("ladder", ladder.replace("expect: status == 200", "expect: json.well"));
    rig.server.on("GET /health", { text: "not JSON" });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(only(ended, "run.finished")["message"]).toContain("health could not be measured");
    expect(rig.server.changes()).toEqual([]);
  });

  test("a finding that a rung broke again is measured after the next one too", async () => {
    rig.runbook(
      "ladder",
      ladder.replace(
        "resolve:",
        `  - { id: queue, "http.get": "\${service.url}/queue", expect: status == 200 }\nresolve:`,
      ),
    );
    rig.server.on("GET /health", 503).on("GET /queue", 503);
    rig.server.on("POST /restart", () => {
      rig.server.on("GET /queue", 200);
      return 200;
    });
    rig.server.on("POST /recreate", () => {
      rig.server.on("GET /queue", 503).on("GET /health", 200);
      return 200;
    });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "exhausted"]);
  });
});

describe("which rungs are climbed", () => {
  test("one whose `when` is false is skipped, and says so", async () => {
    rig.runbook(
      "ladder",
      ladder.replace("title: Restart it", "title: Restart it\n    when: steps.health.status == 500"),
    );
    rig.server.mendedBy("POST /recreate").on("POST /restart", 200);
    const ended = await run();
    expect([ended.code, only(ended, "run.finished")["rung"]]).toEqual([0, "second"]);
    expect(rig.server.count("POST /restart")).toBe(0);
    const first = ended.lines.find(({ type, rung }) => type === "rung.finished" && rung === "first");
    expect(first).toMatchObject({ outcome: "skipped", message: "steps.health.status == 500 is false" });
  });

  test("--rung begins further up", async () => {
    rig.server.mendedBy("POST /recreate").on("POST /restart", 200);
    const ended = await run("--rung", "second");
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(rig.server.count("POST /restart")).toBe(0);
  });

  test("--rung with a name that is not there is refused with the nearest", async () => {
    const ended = await rig.run(["run", "ladder", "--yes", "--rung", "secnd"]);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      "ladder has no rung secnd (did you mean second?); it has first, second\n",
    ]);
    expect(rig.server.requests).toEqual([]);
  });

  test("a finding must hold at every measurement: one bad look among good ones begins it anew", async () => {
    rig.runbook("ladder", ladder.replace(quick, "{ every: 20ms, within: 1m, hold: 60ms }"));
    const answers = [503, 200, 503];
    rig.server.on("POST /restart", 200).on("GET /health", () => answers.shift() ?? 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(ended.lines.flatMap((line) => (line.type === "verification" ? [line["state"]] : []))).toEqual([
      "holding",
      "broken",
      "holding",
    ]);
  });
});
