/** What commands write with `--json`; the rig holds every line against its schema. */
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linesSchema } from "../../src/events/lines-schema.ts";
import { HaltWorld } from "./halt-world.ts";
import { approvers, person } from "./people.ts";
import { only, Rig, type Ended } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `title: Market is down
severity: P1
service: market
symptoms: [No updates]
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200, why: Orders need it }
resolve:
  - rung: restart
    title: Restart it
    steps: [{ id: restart, "http.post": { url: "\${service.url}/restart" } }]
    verify: { findings: all, within: 5s, every: 20ms, hold: 20ms }
prevent: [Look at it]
`;

/** Times, spans, ids, digests, lengths and addresses, and where the test stands: another in every run. */
function plainOf(text: string, folder: string): string {
  const known: Record<string, string[]> = {};
  const named = (kind: string, id: string): string => {
    const all = (known[kind] ??= []);
    if (!all.includes(id)) all.push(id);
    return `${kind}-${all.indexOf(id) + 1}`;
  };
  return (
    text
      .replaceAll(folder, "/rig")
      // A digest may hold any short word, the machine's name too.
      .replaceAll(/SHA256:[\w+/]{43}/g, "SHA256:1")
      .replaceAll(new RegExp(`(?<![\\w-])${hostname()}(?![\\w-])`, "g"), "ny1")
      .replaceAll(/\b127\.0\.0\.1:\d{4,}/g, (id) => named("server", id))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "2026-01-02T03:04:05.006Z")
      .replaceAll(/(RUN|HALT|INC)-\d[\da-f-]*/g, (id, kind: string) => named(kind, id))
      .replaceAll(/lav-ir-none-\w+-[0-9a-f]{6}/g, "lav-ir-none-1")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "0".repeat(64))
      .replaceAll(/"(duration_ms|after_ms|spacing_ms|(?:seen_|kept_)?bytes)":[\d.]+/g, '"$1":1')
  );
}

/** Outputs are another version of Node's, and how often a finding is measured again is the machine's. */
function settled({ lines }: Ended): string {
  const texts = lines
    .filter(({ type }) => type !== "verification")
    .map((line) => JSON.stringify(line["outputs"] === undefined ? line : { ...line, outputs: {} }));
  const text = plainOf(texts.join("\n"), rig.folder);
  return [...new Set(text.split("\n"))].map((line) => `${line}\n`).join("");
}

/** GOLDEN=write writes it anew. */
function expectGolden(name: string, text: string): void {
  const golden = new URL(`golden/${name}.ndjson`, import.meta.url);
  if (process.env["GOLDEN"] === "write") writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
}

describe("lines, to the character", () => {
  test("of a run", async () => {
    rig.server.mendedBy("POST /restart");
    expectGolden("run", settled(await rig.run(["run", "book", "--yes", "--json"])));
  });

  test("of a halt", async () => {
    // One instance: of several it is the machine's which answers first.
    await using world = await HaltWorld.inside(1);
    const args = ["halt-all", "--reason", "a test", "--yes", "--json"];
    const { code, stdout } = await world.rig.run(args, { env: world.env() });
    expect(code).toBe(0);
    expectGolden("halt", plainOf(stdout, world.rig.folder));
  });

  test("of a snapshot", async () => {
    const { code, stdout } = await rig.run(["snapshot", "--only", "host.platform", "--json"]);
    expect(code).toBe(0);
    expectGolden("snapshot", plainOf(stdout, rig.folder));
  });
});

describe("rows", () => {
  test("show: the runbook and its steps; --by-hand: with the commands", async () => {
    const shown = await rig.run(["show", "book", "--json"]);
    expect(shown.lines.map(({ type }) => type)).toEqual(["header", "runbook", "plan.step", "plan.step"]);
    expect(only(shown, "runbook")).toMatchObject({
      runbook: "book",
      service: "market",
      symptoms: ["No updates"],
      prevent: ["Look at it"],
    });
    expect(shown.lines.at(-1)).toMatchObject({
      rung: "restart",
      step: "restart",
      effect: "change",
      timeout_ms: 60_000,
    });
    const byHand = await rig.run(["show", "book", "--by-hand", "--json"]);
    expect(byHand.lines.at(-1)?.["command"]).toContain("curl");
  });

  test("schema: one of two, as a line or for a person", async () => {
    const row = only(await rig.run(["schema", "events", "--json"]), "schema");
    expect(row).toMatchObject({ of: "events", schema: linesSchema() });
    expect(JSON.parse((await rig.run(["schema", "events"])).stdout)).toEqual(linesSchema());
    expect(JSON.parse((await rig.run(["schema"])).stdout)).toMatchObject({ title: "lav-ir runbook" });
    expect((await rig.run(["schema", "platforms", "--json"])).lines).toMatchObject([
      { type: "error", code: "usage" },
    ]);
  });

  test("list: one that cannot be used has its problem, and no more", async () => {
    rig.file("runbooks/broken.yaml", "runbook: [\n");
    const { lines } = await rig.run(["list", "--json"]);
    const broken = lines.find(({ runbook }) => runbook === "broken");
    expect(broken).toEqual({
      type: "runbook",
      time: expect.any(String),
      runbook: "broken",
      path: "runbooks/broken.yaml",
      problem: expect.stringContaining("runbooks/broken.yaml:"),
    });
  });

  test("lint: what is wrong and what may be meant, with their places; and the count", async () => {
    rig.runbook("bad", 'service: market\nsteps: [{ "http.got": x }]\n');
    const { lines } = await rig.run(["lint", "--json"]);
    expect(lines.find(({ path }) => path === "runbooks/bad.yaml")).toMatchObject({
      outcome: "failed",
      diagnostics: [
        { file: "runbooks/bad.yaml", line: 3, column: 11, message: expect.stringContaining("http.got") },
      ],
      warnings: [],
    });
    expect(lines.at(-1)).toMatchObject({ type: "lint.finished", checked: 2, failed: 1, exit_code: 2 });
  });

  test("approve: the grant, and where the run finds it", async () => {
    const [alice, bob] = [person(rig, "alice"), person(rig, "bob")];
    approvers(rig, [alice, bob]);
    rig.runbook(
      "two",
      'service: market\nsteps: [{ id: act, approvers: 2, "http.post": { url: "${service.url}/act" } }]\n',
    );
    const asked = only(
      await rig.run(["run", "two", "--yes", "--json"], { env: alice.env }),
      "approval.requested",
    );
    const args = ["approve", String(asked["path"]), "--approve", String(asked["digest"]), "--json"];
    const signed = only(await rig.run(args, { env: bob.env }), "approval.signed");
    expect(signed).toMatchObject({ request: asked["request"], step: "act", approver: "bob" });
    const verified = await rig.run(["approve", "--verify", rig.journal(), "--json"]);
    const message = `no second person's approval in ${rig.journal()}`;
    expect([verified.code, verified.lines]).toMatchObject([
      1,
      [{ type: "header" }, { type: "approval.unverified", message }],
    ]);
  });

  test("trading status: instances, those that are stopped, venues, and the verdict", async () => {
    await using world = await HaltWorld.inside();
    const [first] = world.containers;
    world.containers = [
      ...world.containers,
      { ...first, Id: "c9", Names: ["/test-executioner-9"], State: "exited" },
    ];
    world.instances[1]?.server.on("GET /api/emergency/status", "reset");
    const { code, lines } = await world.rig.run(["trading", "status", "--json"], { env: world.env() });
    expect(code).toBe(1);
    expect(lines).toMatchObject([
      { type: "header", platform_file: "runbooks/platform.yaml" },
      { type: "trading.instance", answers: true, halted: false, stage: "trading" },
      {
        type: "trading.instance",
        answers: false,
        failure: { type: "unreachable", sentence: expect.any(String) },
      },
      { type: "trading.stopped", container: expect.stringContaining("9"), state: "exited" },
      { type: "trading.venue", venue: "ATLAS", open_orders: 0, halted: false },
      { type: "trading.status", halted: false, exit_code: 1 },
    ]);
  });
});
