import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, outcome, Rig, step } from "./rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => await rig[Symbol.asyncDispose]());

const change = `
service: market
steps:
  - { id: look, "http.get": "\${service.url}/state" }
  - { id: act, title: Act on it, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;
const destructive = change.replace("id: act,", "id: act, effect: destructive,");

describe("without a terminal", () => {
  test("a change without a flag does not run: exit 3, and the server saw none", async () => {
    rig.runbook("book", change).server.on("GET /state", { text: "calm" });
    const ended = await rig.run(["run", "book", "--json"]);
    expect([ended.code, outcome(ended)]).toEqual([3, "approval-needed"]);
    expect(rig.server.changes()).toEqual([]);
    expect(only(ended, "approval")).toMatchObject({ decision: "needed", how: "no-terminal" });
    expect(only(ended, "run.finished")["message"]).toBe(
      "Act on it: needs consent, and there is no terminal to ask at; pass --yes",
    );
    expect(only(ended, "preview")["lines"]).toEqual([
      `sends POST /act to ${new URL(rig.server.url).host}`,
      `now: ${rig.server.url}/state answers 200 "calm"`,
    ]);
  });

  test("--yes consents to a change", async () => {
    rig.runbook("book", change).server.on("GET /state", 200).on("POST /act", 200);
    const ended = await rig.run(["run", "book", "--json", "--yes"]);
    expect([ended.code, rig.server.changes().length]).toEqual([0, 1]);
    expect(only(ended, "approval")).toMatchObject({ decision: "granted", how: "--yes" });
  });

  test("but not to a destructive step", async () => {
    rig.runbook("book", destructive).server.on("GET /state", 200).on("POST /act", 200);
    const ended = await rig.run(["run", "book", "--yes"]);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/^approval-needed after \S+: .*pass --approve [0-9a-f]{64}$/m);
    expect(rig.server.changes()).toEqual([]);
  });

  test("in a ladder, it ends there: no later rung is tried", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ id: health, "http.get": "\${service.url}/health", expect: status == 200 }]
resolve:
  - { rung: one, steps: [{ "http.post": "\${service.url}/one" }] }
  - { rung: two, steps: [{ "http.post": "\${service.url}/two" }] }
`,
    );
    rig.server.on("GET /health", 503);
    const ended = await rig.run(["run", "book", "--json"]);
    expect([ended.code, outcome(ended)]).toEqual([3, "approval-needed"]);
    expect(ended.lines.filter(({ type }) => type === "approval")).toHaveLength(1);
    expect(rig.server.changes()).toEqual([]);
  });

  test("resume with the flag goes on where consent was missing", async () => {
    rig.runbook("book", change).server.on("GET /state", 200).on("POST /act", 200);
    const first = await rig.run(["run", "book", "--json"]);
    expect(first.code).toBe(3);
    const run = String(only(first, "run.finished")["run"]);
    const second = await rig.run(["resume", run, "--yes", "--json"]);
    expect([second.code, outcome(second), rig.server.changes().length]).toEqual([0, "completed", 1]);
  });
});

describe("--approve", () => {
  async function rehearsed(
    ...more: string[]
  ): Promise<{ readonly digest: unknown; readonly approve: string }> {
    const rehearsal = await rig.run(["run", "book", "--dry-run", "--live", "--json", ...more]);
    const { digest, approve } = only(rehearsal, "preview");
    return { digest, approve: String(approve) };
  }

  test("with the code of the rehearsal consents to a destructive step", async () => {
    rig.runbook("book", destructive).server.on("GET /state", 200).on("POST /act", 200);
    const { digest, approve } = await rehearsed();
    expect(rig.server.changes()).toEqual([]);
    const ended = await rig.run(["run", "book", "--json", "--approve", approve]);
    expect([ended.code, rig.server.changes().length]).toEqual([0, 1]);
    expect(only(ended, "approval")).toMatchObject({ decision: "granted", how: "--approve", digest });
  });

  test("the code stands on stderr of a plain rehearsal too", async () => {
    rig.runbook("book", destructive).server.on("GET /state", 200).on("POST /act", 200);
    const { stderr } = await rig.run(["run", "book", "--dry-run", "--live"]);
    const code = /within 24h: --approve (\w+)$/m.exec(stderr)?.[1] ?? "";
    expect((await rig.run(["run", "book", "--approve", code])).code).toBe(0);
  });

  test("takes no digest, which would stand for the change for ever", async () => {
    rig.runbook("book", destructive).server.on("GET /state", 200).on("POST /act", 200);
    const { digest } = await rehearsed();
    expect((await rig.run(["run", "book", "--approve", String(digest)])).code).toBe(3);
  });

  test("is void once what it would do has moved", async () => {
    const sized = destructive.replace(
      'url: "${service.url}/act"',
      'url: "${service.url}/act", json: { size: "${steps.look.json.size}" }',
    );
    rig
      .runbook("book", sized)
      .server.on("GET /state", { json: { size: 7 } })
      .on("POST /act", 200);
    const { digest, approve } = await rehearsed();
    rig.server.on("GET /state", { json: { size: 8 } });
    const ended = await rig.run(["run", "book", "--json", "--approve", approve]);
    expect([ended.code, outcome(ended)]).toEqual([3, "approval-needed"]);
    expect(rig.server.changes()).toEqual([]);
    expect(only(ended, "approval")["digest"]).not.toBe(digest);
  });

  test("is void for another runbook text, platform or environment", async () => {
    rig.platform("environments: { live: { production: true } }");
    rig.runbook("book", destructive).server.on("GET /state", 200).on("POST /act", 200);
    const { digest, approve } = await rehearsed();
    expect((await rehearsed("--env", "live")).digest).not.toBe(digest);
    rig.runbook("book", `${destructive}# one remark more\n`);
    const ended = await rig.run(["run", "book", "--approve", approve]);
    expect([ended.code, rig.server.changes()]).toEqual([3, []]);
  });
});

describe("a rehearsal", () => {
  test("runs the reads, previews the changes, makes none, and keeps no record", async () => {
    rig.runbook(
      "book",
      `
service: market
diagnose: [{ id: health, "http.get": "\${service.url}/health", expect: status == 200 }]
resolve:
  - rung: one
    steps:
      - { id: act, "http.post": "\${service.url}/act" }
      - { id: after, "http.get": "\${service.url}/after" }
  - { rung: two, steps: [{ id: other, "http.post": "\${service.url}/other" }] }
`,
    );
    rig.server.on("GET /health", 503).on("GET /after", 200);
    const ended = await rig.run(["run", "book", "--dry-run", "--live", "--json", "--yes"]);
    expect([ended.code, outcome(ended)]).toEqual([1, "findings"]);
    expect(rig.server.requests.map(({ path }) => path)).toEqual(["/health"]);
    expect(ended.lines.filter(({ type }) => type === "preview").map((line) => line["step"])).toEqual([
      "act",
      "other",
    ]);
    expect(step(ended, "after")).toMatchObject({ outcome: "skipped" });
    expect(String(step(ended, "after")["message"])).toContain("cannot be previewed");
    expect(() => rig.runs()).toThrow();
  });

  test("--dry-run alone touches nothing, and needs no secret", async () => {
    rig.runbook("book", `secrets: [EMERGENCY_TOKEN]\n${change}`);
    const ended = await rig.run(["run", "book", "--dry-run"]);
    expect([ended.code, rig.server.requests]).toEqual([0, []]);
    expect(ended.stdout).toContain(`CHANGE http.post: POST ${rig.server.url}/act`);
    expect(ended.stdout).toContain("secrets $EMERGENCY_TOKEN");
  });

  test("--dry-run --json is one line a step, each with its type and time", async () => {
    rig.runbook("book", change);
    const ended = await rig.run(["run", "book", "--dry-run", "--json"]);
    const [header, ...rows] = ended.lines;
    expect(header).toMatchObject({ type: "header", format: 2, tool: "lav-ir" });
    expect(rows.map((row) => [row.type, row["step"], row["effect"]])).toEqual([
      ["plan.step", "look", "read"],
      ["plan.step", "act", "change"],
    ]);
    for (const row of rows) expect(row["time"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test("--live alone is refused", async () => {
    rig.runbook("book", change);
    const ended = await rig.run(["run", "book", "--live"]);
    expect([ended.code, ended.stderr]).toEqual([2, "--live needs --dry-run\n"]);
  });
});
