/** Parameters that hold a list or a map: in plan, by hand, run, record and resume. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook(
    "book",
    `service: market
params:
  queues: { type: list, default: [orders, mail] }
  limits: { type: map, default: { orders: 100, mail: 5 } }
diagnose:
  - id: depth
    foreach: params.queues
    http.get: \${service.url}/queues/\${item}
    expect: json.depth < params.limits[item]
    finding: "\${json.depth} waiting"
steps:
  - id: drain
    foreach: params.queues
    http.post: \${service.url}/drain/\${item}
`,
  );
});
afterEach(async () => await rig[Symbol.asyncDispose]());

test("plan and commands by hand have each item", async () => {
  const { stdout } = await rig.run(["run", "book", "--dry-run", "--param", "queues=audit,mail"]);
  expect(stdout).toContain('params queues=audit,mail limits=\'{"orders":100,"mail":5}\'\n');
  expect(stdout).toContain("/queues/audit");
  const shown = await rig.run(["show", "book", "--by-hand", "--param", 'queues=["a b"]']);
  expect(shown.stdout).toContain("/drain/a%20b");
  expect(shown.stdout).not.toContain("orders\n");
});

test("a run takes each, keeps them on record, and resumes with the same", async () => {
  for (const [queue, depth] of [
    ["audit", 7],
    ["mail", 9],
  ] as const) {
    rig.server.on(`GET /queues/${queue}`, { json: { depth } });
    rig.server.on(`POST /drain/${queue}`, { json: {} });
  }
  const given = ["--param", "queues=audit,mail", "--param", 'limits={"audit": 10, "mail": 5}'];
  const first = await rig.run(["run", "book", "--json", ...given]);
  const started = first.lines.find(({ type }) => type === "run.started");
  expect(started?.["params"]).toEqual({ queues: ["audit", "mail"], limits: { audit: 10, mail: 5 } });
  const finding = first.lines.find(({ type, step }) => type === "finding" && step === "depth");
  expect(JSON.stringify(finding)).toContain("1 of 2: mail");
  expect(first.code).toBe(3);
  const resumed = await rig.run(["resume", "--yes", "--json"]);
  expect(rig.server.requests.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual([
    "/drain/audit",
    "/drain/mail",
  ]);
  expect(resumed.lines.find(({ type }) => type === "run.finished")).toMatchObject({
    exit_code: resumed.code,
  });
});

test("what is no list is refused before anything runs, and lint knows the type", async () => {
  const { code, stderr } = await rig.run(["run", "book", "--param", "limits=5"]);
  expect([code, stderr]).toEqual([2, '--param limits must be a map, and is "5"\n']);
  rig.runbook(
    "typed",
    "params: { q: { type: list } }\ndiagnose: [{ redis.ping: {}, expect: params.q == 3 }]\n",
  );
  expect((await rig.run(["lint", "runbooks/typed.yaml"])).code).toBe(2);
  rig.runbook(
    "kept",
    "params: { q: { type: list, default: [1.10] } }\nsteps: [{ foreach: params.q, wait: 1s }]\n",
  );
  expect((await rig.run(["lint", "runbooks/kept.yaml"])).stderr).toContain("would lose its spelling");
});

test("an include is given a list of its own", async () => {
  rig.runbook(
    "all",
    "params: { mine: { type: list, default: [x] } }\ndiagnose:\n  - include: book\n    with: { queues: '${params.mine}' }\n  - include: book\n    id: second\n    with: { queues: [\"${params.mine[0]}-2\"] }\nsecrets: []\n",
  );
  const { stdout, stderr } = await rig.run(["run", "all", "--dry-run"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/\/queues\/x\b/);
  expect(stdout).toContain("/queues/x-2");
});
