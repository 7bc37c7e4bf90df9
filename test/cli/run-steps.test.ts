import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, outcome, Rig, step } from "./rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => await rig[Symbol.asyncDispose]());

const run = (...more: string[]) => rig.run(["run", "book", "--yes", "--json", ...more]);
const paths = () => rig.server.requests.map(({ method, path }) => `${method} ${path}`);

describe("a procedure", () => {
  const three = `
service: market
steps:
  - { id: one, "http.post": "\${service.url}/one" }
  - { id: two, "http.post": "\${service.url}/two" }
  - { id: three, "http.post": "\${service.url}/three" }
`;

  test("runs in order to its end", async () => {
    rig.runbook("book", three);
    rig.server.on("POST /one", 200).on("POST /two", 200).on("POST /three", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    expect(paths()).toEqual(["POST /one", "POST /two", "POST /three"]);
  });

  test("ends at the first step that failed", async () => {
    rig.runbook("book", three);
    rig.server.on("POST /one", 200).on("POST /two", 422).on("POST /three", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(only(ended, "run.finished")["message"]).toContain("/two");
    expect(paths()).toEqual(["POST /one", "POST /two"]);
  });

  test("ends at a step of which nobody can say whether it took effect", async () => {
    rig.runbook("book", three);
    rig.server.on("POST /one", 500);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(paths()).toEqual(["POST /one"]);
  });

  test("--from begins at a later step", async () => {
    rig.runbook("book", three);
    rig.server.on("POST /two", 200).on("POST /three", 200);
    const ended = await run("--from", "two");
    expect([ended.code, paths()]).toEqual([0, ["POST /two", "POST /three"]]);
  });

  test("a read whose expectation is false fails it", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: look, "http.get": "\${service.url}/open", expect: json.orders == 0 }
  - { id: act, "http.post": "\${service.url}/act" }
`,
    );
    rig.server.on("GET /open", { json: { orders: 3 } });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(step(ended, "look")).toMatchObject({
      outcome: "failed",
      message: "expected json.orders == 0; json.orders is 3",
      failure: { type: "expectation" },
    });
    expect(rig.server.changes()).toEqual([]);
  });
});

describe("what steps hand on", () => {
  test("`save` and outputs reach later steps, with their types", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: look, "http.get": "\${service.url}/size", save: { half: json.size / 2 } }
  - { id: act, "http.post": { url: "\${service.url}/act/\${steps.look.status}", json: { size: "\${vars.half}" } } }
`,
    );
    rig.server.on("GET /size", { json: { size: 14 } }).on("POST /act/200", 200);
    const ended = await run();
    expect(ended.code).toBe(0);
    expect(rig.server.changes().map(({ body }) => body)).toEqual(['{"size":7}']);
  });

  test("a step whose `when` is false is skipped, and what follows runs", async () => {
    rig.runbook(
      "book",
      `
service: market
params: { careful: { type: boolean, default: false } }
steps:
  - { id: check, when: params.careful, "http.get": "\${service.url}/check" }
  - { id: act, "http.post": "\${service.url}/act" }
`,
    );
    rig.server.on("POST /act", 200).on("GET /check", 200);
    const ended = await run();
    expect(ended.code).toBe(0);
    expect(step(ended, "check")).toMatchObject({ outcome: "skipped", message: "params.careful is false" });
    expect(paths()).toEqual(["POST /act"]);
    await run("--param", "careful=true");
    expect(rig.server.count("GET /check")).toBe(1);
  });

  test("a condition that cannot be said fails a change: it is not run", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: look, "http.get": "\${service.url}/state" }
  - { id: act, when: steps.look.json.open, "http.post": "\${service.url}/act" }
`,
    );
    rig.server.on("GET /state", { json: {} }).on("POST /act", 200);
    const ended = await run();
    expect([ended.code, step(ended, "act")["outcome"]]).toEqual([1, "failed"]);
    expect(rig.server.changes()).toEqual([]);
  });
});

describe("diagnosis", () => {
  test("runs side by side, and in the order that `needs` says", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - { id: last, needs: [slow], "http.get": "\${service.url}/last" }
  - { id: slow, "http.get": "\${service.url}/slow" }
  - { id: quick, "http.get": "\${service.url}/quick" }
`,
    );
    rig.server.on("GET /last", 200).on("GET /quick", 200);
    // Answered only once the other one has arrived: in a row they would wait for ever.
    const quick = rig.server.arrives("GET /quick");
    rig.server.on("GET /slow", async () => {
      await quick;
      return 200;
    });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "healthy"]);
    expect(paths().at(-1)).toBe("GET /last");
  });

  test("findings without a ladder: exit 1 names them, with their sentence and why", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - id: lag
    title: Lag is low
    http.get: \${service.url}/lag
    expect: json.lag < 1000
    finding: "\${json.lag} messages behind"
    why: Orders wait in it
`,
    );
    rig.server.on("GET /lag", { json: { lag: 4521 } });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "findings"]);
    expect(only(ended, "finding")).toMatchObject({
      step: "lag",
      outcome: "failed",
      sentence: "4521 messages behind",
      why: "Orders wait in it",
    });
  });

  test("one that is skipped is not a finding", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - { id: look, when: 1 == 2, "http.get": "\${service.url}/look" }
  - { id: health, "http.get": "\${service.url}/health" }
`,
    );
    rig.server.on("GET /health", 200);
    const ended = await run();
    expect([ended.code, only(ended, "finding")["step"]]).toEqual([0, "health"]);
  });
});

describe("retry", () => {
  test("a read is polled until what it waits for holds", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: wait, "http.get": "\${service.url}/state", retry: { until: json.ready, every: 20ms, within: 1m } }
`,
    );
    let asked = 0;
    rig.server.on("GET /state", () => ({ json: { ready: ++asked === 3 } }));
    const ended = await run();
    expect([ended.code, step(ended, "wait")["attempts"]]).toEqual([0, 3]);
  });

  test("and fails when the time is over", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: wait, "http.get": "\${service.url}/state", retry: { until: json.ready, every: 20ms, within: 100ms } }
`,
    );
    rig.server.on("GET /state", { json: { ready: false } });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(step(ended, "wait")["message"]).toBe("expected json.ready; json.ready is false");
  });

  test("a change is tried again with the same Idempotency-Key, and asked for once", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: act, "http.post": "\${service.url}/act", retry: { every: 20ms, within: 1m } }
`,
    );
    let asked = 0;
    rig.server.on("POST /act", () => (++asked < 3 ? "reset" : 200));
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    expect(rig.server.count("POST /act")).toBe(3);
    expect(new Set(rig.server.changes().map(({ key }) => key)).size).toBe(1);
    expect(ended.lines.filter(({ type }) => type === "approval")).toHaveLength(1);
  });

  test("a change that the server refused is tried again as well", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: act, "http.post": "\${service.url}/act", retry: { every: 20ms, within: 1m } }
`,
    );
    let asked = 0;
    rig.server.on("POST /act", () => (++asked < 2 ? 429 : 200));
    const ended = await run();
    expect([ended.code, step(ended, "act")["attempts"]]).toEqual([0, 2]);
  });
});

describe("foreach", () => {
  test("reads run side by side, and their outputs are a list", async () => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: venues, "http.get": "\${service.url}/venues" }
  - { id: each, foreach: steps.venues.json, "http.get": "\${service.url}/venue/\${item.name}/\${index}" }
  - id: act
    http.post: { url: "\${service.url}/act", json: { codes: "\${steps.each.items.map(e, e.status)}" } }
`,
    );
    rig.server.on("GET /venues", { json: [{ name: "a b" }, { name: "c" }] }).on("POST /act", 200);
    const second = rig.server.arrives("GET /venue/c/1");
    rig.server.on("GET /venue/c/1", 204).on("GET /venue/a%20b/0", async () => {
      await second;
      return 200;
    });
    const ended = await run();
    expect(ended.code).toBe(0);
    expect(rig.server.changes()[0]?.body).toBe('{"codes":[200,204]}');
  });

  const changes = `
service: market
steps:
  - id: cancel
    foreach: "['a', 'b', 'c']"
    http.post: { url: "\${service.url}/cancel", json: { venue: "\${item}" } }
`;
  const venues = () => rig.server.changes().map(({ body }) => (JSON.parse(body) as { venue: string }).venue);

  test("changes run in order under one consent, each with a key of its own", async () => {
    rig.runbook("book", changes);
    rig.server.on("POST /cancel", 200);
    const ended = await run();
    expect([ended.code, venues()]).toEqual([0, ["a", "b", "c"]]);
    expect(only(ended, "approval")["decision"]).toBe("granted");
    expect(only(ended, "preview")["lines"]).toHaveLength(6);
    expect(new Set(rig.server.changes().map(({ key }) => key)).size).toBe(3);
  });

  test("and stop at the first that did not end well", async () => {
    rig.runbook("book", changes);
    rig.server.on("POST /cancel", ({ body }) => (body.includes('"b"') ? 409 : 200));
    const ended = await run();
    expect([ended.code, outcome(ended), venues()]).toEqual([1, "failed", ["a", "b"]]);
    expect(step(ended, "cancel")["failure"]).toMatchObject({ type: "rejected", code: "409" });
  });

  test("over something that is not a list, nothing runs", async () => {
    rig.runbook("book", changes.replace("\"['a', 'b', 'c']\"", "platform.name"));
    const ended = await run();
    expect([ended.code, step(ended, "cancel")["outcome"]]).toEqual([1, "failed"]);
    expect(rig.server.changes()).toEqual([]);
  });

  test("over an empty list it is done, and nobody is asked", async () => {
    rig.runbook("book", changes.replace("['a', 'b', 'c']", "[]"));
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    expect(ended.lines.some(({ type }) => type === "approval")).toBe(false);
  });
});

describe("many at once", () => {
  test("say nothing of themselves on stderr", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ id: each, foreach: "${JSON.stringify([...Array(30).keys()])}", "http.get": "\${service.url}/\${item}" }]
`,
    );
    for (let index = 0; index < 30; index++) rig.server.on(`GET /${index}`, 200);
    const ended = await run();
    expect([ended.code, ended.stderr, rig.server.requests.length]).toEqual([0, "", 30]);
  });
});

describe("include", () => {
  test("brings a section in with parameters; its outputs are reached through the group", async () => {
    rig.runbook(
      "probe",
      `
service: market
params: { path: { type: string }, want: { type: integer, default: 200 } }
diagnose: [{ id: answer, "http.get": "\${service.url}/\${params.path}", expect: status == params.want }]
`,
    );
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ include: probe, id: inner, with: { path: deep, want: 204 } }]
resolve:
  - rung: act
    steps: [{ "http.post": { url: "\${service.url}/act", json: { was: "\${steps.inner.answer.status}" } } }]
    verify: { every: 20ms, within: 40ms, hold: 0s }
`,
    );
    rig.server.on("GET /deep", 500).on("POST /act", () => {
      rig.server.on("GET /deep", 204);
      return 200;
    });
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    expect(step(ended, "inner.answer")["outcome"]).toBe("ok");
    expect(rig.server.changes()[0]?.body).toBe('{"was":500}');
  });

  test("a failed step of an included procedure ends the procedure", async () => {
    rig.runbook("part", `\nservice: market\nsteps: [{ id: act, "http.post": "\${service.url}/part" }]\n`);
    rig.runbook(
      "book",
      `
service: market
steps:
  - { include: part, section: steps }
  - { id: after, "http.post": "\${service.url}/after" }
`,
    );
    rig.server.on("POST /part", 409).on("POST /after", 200);
    const ended = await run();
    expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
    expect(paths()).toEqual(["POST /part"]);
  });

  test("a group whose `when` is false is left out, and what needs it goes on", async () => {
    rig.runbook(
      "probe",
      `\nservice: market\ndiagnose: [{ id: answer, "http.get": "\${service.url}/probe" }]\n`,
    );
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - { include: probe, id: inner, when: 1 == 2 }
  - { id: health, needs: [inner], "http.get": "\${service.url}/health" }
`,
    );
    rig.server.on("GET /health", 200);
    const ended = await run();
    expect([ended.code, outcome(ended), paths()]).toEqual([0, "healthy", ["GET /health"]]);
  });

  test("faults 2: a group whose `when` cannot be evaluated is not one that is left out", async () => {
    rig.runbook(
      "probe",
      `\nservice: market\ndiagnose: [{ id: answer, "http.get": "\${service.url}/probe", expect: status == 200 }]\n`,
    );
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - { id: health, "http.get": "\${service.url}/health" }
  - { include: probe, id: inner, needs: [health], when: steps.health.json.deep }
`,
    );
    rig.server.on("GET /health", { json: {} });
    const ended = await run();
    expect([ended.code, outcome(ended), paths()]).toEqual([4, "unknown", ["GET /health"]]);
    expect(only(ended, "run.finished")["message"]).toBe("could not be measured: inner.answer");
  });

  test("faults 2: a group of changes whose `when` cannot be evaluated changes nothing, and ends the run", async () => {
    rig.runbook("part", `\nservice: market\nsteps: [{ id: post, "http.post": "\${service.url}/part" }]\n`);
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: health, "http.get": "\${service.url}/health" }
  - { include: part, section: steps, when: steps.health.json.deep }
  - { id: after, "http.post": "\${service.url}/after" }
`,
    );
    rig.server.on("GET /health", { json: {} }).on("POST /part", 200).on("POST /after", 200);
    const ended = await run();
    expect([ended.code, outcome(ended), paths()]).toEqual([1, "failed", ["GET /health"]]);
  });
});
