import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CollectorRow, SnapshotRow } from "../../../src/evidence/bundle/rows.ts";
import { http, type Loopback } from "../../drivers/loopback.ts";
import { Operator, type Ran } from "../../runbooks/operator.ts";
import { sharedStack } from "../../../sandbox/shared.ts";
import type { Stack } from "../../../sandbox/stack.ts";
import { bagitProgram } from "../bagit.ts";
import { Browser } from "../browser.ts";
import { canariesFor, foundIn, formsOf, type Canary } from "../canaries.ts";
import { plantContainer, plantDatabase, plantKafka, plantRedis, type Planted } from "../planting.ts";

/** Given to the tool itself, in a form that every encoding changes. */
const given = {
  TWILIO_AUTH_TOKEN: 'tw/9+il0 "auth"<tok>&en=é',
  SLACK_WEBHOOK_URL: "https://x.invalid/h00k-77",
};

let stack: Stack;
let operator: Operator;
let server: Loopback;
const folder = mkdtempSync(join(tmpdir(), "lav-ir-snapshot-"));
const planted: Planted[] = [];
const canaries: Canary[] = [];
let shown: Ran;
let events: Ran;
/** Of the first: its path, and what stands in it. */
let path: string;
let extracted: string;

beforeAll(async () => {
  stack = await sharedStack();
  await stack.reset();
  const here = canariesFor("HTTP reply");
  const headers = canariesFor("HTTP header");
  const pages = [...here.map(({ text }) => text), ...Object.values(given).flatMap(formsOf)].join("\n");
  server = await http((request, response) => {
    for (const [at, { text }] of headers.entries())
      if (!text.includes("\n")) response.setHeader(`x-planted-${at}`, text);
    response.setHeader("set-cookie", `session=${headers[0]?.secret}`);
    response.setHeader("etag", headers[3]?.text ?? "");
    response.end(request.url === "/metrics" ? `planted 1\n${pages}\n` : pages);
  });
  for (const plant of [plantContainer, plantDatabase, plantRedis, plantKafka])
    planted.push(await plant(stack));
  const inPlatform = canariesFor("platform file");
  const inRunbook = canariesFor("runbook");
  canaries.push(...planted.flatMap((one) => one.canaries), ...here, ...headers, ...inPlatform, ...inRunbook);
  const lavPlatform = parse(readFileSync(stack.platformFile, "utf8")) as Record<string, object>;
  const platform = {
    ...lavPlatform,
    compose: { ...lavPlatform["compose"], files: [join(stack.folder, "compose.yaml")] },
    services: { ...lavPlatform["services"], planted: { url: server.url } },
    trading: { ...lavPlatform["trading"], phones: inPlatform.map(({ text }) => ({ who: "x", phone: text })) },
    evidence: { tables: { planted: ["client"], orders: [] }, rows: 1000, streams: ["planted"] },
  };
  writeFileSync(join(folder, "platform.yaml"), stringify(platform));
  operator = new Operator(stack, { ...given, LAV_IR_CONFIG: join(folder, "platform.yaml") });
  const book = {
    runbook: "planted",
    title: inRunbook.map(({ text }) => text).join(" "),
    params: { note: { type: "string", default: "none" } },
    steps: [
      { id: "reply", "http.get": `${server.url}/health`, why: "It says more than it should" },
      { id: "rows", "sql.query": "SELECT note FROM planted", expect: "count > 0" },
      { id: "said", exec: { command: ["printenv"], env: { NOTE: "${params.note}" } } },
    ],
  };
  writeFileSync(join(folder, "planted.yaml"), stringify(book));
  const note = canariesFor("parameter");
  canaries.push(...note);
  const param = `note=${note.map(({ text }) => text).join("\n")}`;
  const ran = await operator.lavIr("run", join(folder, "planted.yaml"), "--json", "--yes", "--param", param);
  expect([ran.outcome?.["exit_code"], ran.stderr]).toEqual([0, ""]);
  shown = await operator.lavIr("snapshot", "--out", join(folder, "out"));
  events = await operator.lavIr("snapshot", "--json", "--out", join(folder, "out"));
  events = { ...events, stdout: events.stdout + ran.stdout, stderr: events.stderr + ran.stderr };
  path = shown.stdout.split("\n")[0] ?? "";
  extracted = join(folder, "x");
  execFileSync("mkdir", [extracted]);
  if (path.endsWith(".tar.gz")) execFileSync("tar", ["xzf", path, "-C", extracted, "--strip-components=1"]);
});
afterAll(async () => {
  await Promise.all(planted.map(async (one) => await one.remove()));
  await server?.[Symbol.asyncDispose]();
  await operator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const rows = (): readonly CollectorRow[] =>
  readFileSync(join(extracted, "collectors.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as CollectorRow);

describe("a snapshot of the healthy stack", () => {
  test("is complete: every collector took what it should, side by side", () => {
    const taken = rows();
    expect(taken.filter(({ status }) => status !== "ok").map(({ id, why }) => `${id}: ${why}`)).toEqual([
      expect.stringMatching(/^halts\.records: /),
    ]);
    expect([shown.code, events.code, shown.stderr]).toEqual([0, 0, expect.not.stringContaining("missing")]);
    const snapshot = JSON.parse(readFileSync(join(extracted, "snapshot.json"), "utf8")) as SnapshotRow;
    expect([snapshot.verdict, snapshot.missing]).toEqual(["complete", []]);
    // One after the other they would take no less than all of them together: it is a tenth of that.
    const together = taken.reduce((sum, { mono }) => sum + mono.ended - mono.started, 0);
    expect(snapshot.took).toBeLessThan(together / 2);
  });

  test("holds what it is for: activity, lag, inspection, logs, metrics, rows, the journal", () => {
    const data = (name: string): string => readFileSync(join(extracted, "data", name), "utf8");
    const { project } = stack.state;
    expect(data("postgres/activity.jsonl")).toContain('"usename":"lav"');
    expect(data("postgres/schema.sql")).toContain("CREATE TABLE public.planted");
    expect(data("postgres/tables/orders.csv").split("\n").length).toBeGreaterThan(2);
    expect(data("kafka/lag.json")).toContain('"market-sentinel-group"');
    expect(data("kafka/topics.jsonl")).toContain('"name":"market-regime"');
    expect(data("redis/info.txt")).toContain("redis_version:");
    expect(data("redis/streams/planted.json")).toContain('"length":17');
    expect(data(`docker/inspect/${project}-executioner-2.json`)).toContain('"Status":"running"');
    expect(data(`logs/${project}-canary-1.log`)).toContain("planted");
    expect(data("http/executioner/2-rates.json")).toContain("per_second");
    expect(readdirSync(join(extracted, "data", "journal"))).toHaveLength(2);
    expect(readdirSync(join(extracted, "data", "runs"))).toHaveLength(1);
    expect(data("host/processes.jsonl")).toContain('"command"');
  });

  test("is verified by programs that nobody here wrote", async () => {
    const check = ["--check", "--strict", "--quiet"];
    for (const manifest of ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
      execFileSync("sha256sum", [...check, manifest], { cwd: extracted });
    const base = path.replace(/\.tar\.gz$/, "");
    execFileSync("sha256sum", [...check, `${base}.sha256`], { cwd: join(folder, "out") });
    const signers = join(operator.state, "keys", "allowed_signers");
    const whose = ["-f", signers, "-I", `lav-ir@${hostname()}`, "-n", "lav-ir-snapshot", "-s", `${base}.sig`];
    const said = execFileSync("ssh-keygen", ["-Y", "verify", ...whose], { input: readFileSync(path) });
    expect(said.toString()).toContain('Good "lav-ir-snapshot" signature');
    const bagit = await bagitProgram();
    // Where the Python index cannot be reached, sha256sum was the judge.
    if (bagit === undefined) return;
    const args = ["-m", "bagit", "--validate", extracted];
    const { stderr } = await promisify(execFile)(bagit.python, args, { env: bagit.env });
    expect(stderr).toContain("is valid");
  });

  test("is verified by lav-ir itself, and shown", async () => {
    const verified = await operator.lavIr("snapshot", "verify", path);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("completeness  complete")]);
  });

  test("has a report that opens, and asks for nothing", async () => {
    await using browser = await Browser.start();
    const url = pathToFileURL(join(extracted, "report.html")).href;
    await browser.open(url);
    expect(await browser.value("document.querySelectorAll('svg').length")).toBeGreaterThan(0);
    expect(await browser.value("document.body.innerText")).toContain(stack.state.project);
    expect([browser.requests, browser.complaints]).toEqual([[url], []]);
  });
});

describe("a run on the stack", () => {
  const steps = [
    { id: "keep", "redis.set": { key: "evidence-first", value: "one" } },
    { id: "all", "snapshot.take": "10m", expect: "complete && size > 1000" },
  ];

  test("captures what its change destroys before it, and all of it when it is told to", async () => {
    writeFileSync(join(folder, "change.yaml"), stringify({ runbook: "change", title: "Change", steps }));
    const { outcome } = await operator.lavIr("run", join(folder, "change.yaml"), "--json", "--yes");
    expect(outcome).toMatchObject({ exit_code: 0 });
    const records = operator.journal(outcome).map((line) => [line.type, line["data"]] as const);
    const of = (type: string) => records.find(([one]) => one === type)?.[1] as Record<string, unknown>;
    expect(of("evidence.captured")).toMatchObject({ taken: ["redis.state"], missed: [] });
    const types = records.map(([type]) => type);
    expect(types.indexOf("evidence.captured")).toBeLessThan(types.indexOf("step.intent"));
    const sealed = of("evidence.sealed");
    const verified = await operator.lavIr("snapshot", "verify", String(sealed["path"]));
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("completeness  complete")]);
    const shownFiles = (await operator.lavIr("snapshot", "show", String(sealed["path"]))).stdout;
    expect(shownFiles).toContain("data/redis/info.txt");
    expect(shownFiles).not.toContain("data/postgres");
  });

  test("captures nothing when it is told why, which is on record", async () => {
    const [change] = steps;
    writeFileSync(join(folder, "skip.yaml"), stringify({ runbook: "skip", title: "Skip", steps: [change] }));
    const why = ["--skip-evidence", "the disk is nearly full"];
    const { outcome } = await operator.lavIr("run", join(folder, "skip.yaml"), "--json", "--yes", ...why);
    const records = operator.journal(outcome);
    expect(records.map(({ type }) => type).filter((type) => type.startsWith("evidence"))).toEqual([
      "evidence.skipped",
    ]);
    const blank = await operator.lavIr("run", join(folder, "skip.yaml"), "--yes", "--skip-evidence", " ");
    expect([blank.code, blank.stderr]).toEqual([2, expect.stringContaining("needs a reason")]);
  });
});

describe("of what was planted, not one byte is", () => {
  const secrets = (): readonly Canary[] => {
    const own = [...Object.values(given), ...Object.values(stack.state.secrets)];
    return [
      ...canaries,
      ...own.flatMap((secret) =>
        formsOf(secret).map((form) => ({ place: "given to the tool", shape: form, text: "", secret: form })),
      ),
    ];
  };

  test("in the bundle", () => {
    const names = readdirSync(join(folder, "out")).filter((name) => name.endsWith(".tar.gz"));
    expect(names).toHaveLength(2);
    for (const name of names) {
      const text = gunzipSync(readFileSync(join(folder, "out", name))).toString("utf8");
      expect(text).toContain("‹secret:");
      expect(foundIn(text, secrets())).toEqual([]);
    }
  });

  test("on the terminal, or in the events", () => {
    for (const said of [shown.stdout, shown.stderr, events.stdout, events.stderr])
      expect(foundIn(said, secrets())).toEqual([]);
  });

  // The runbook and the parameters are kept as they were given: a run is resumed with these.
  test("in the journals", () => {
    const files = readdirSync(operator.state, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => entry.name === "journal.ndjson")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(files.length).toBeGreaterThan(1);
    const looked = secrets().filter(({ place }) => place !== "parameter");
    expect(foundIn(files.join("\n"), looked)).toEqual([]);
  });
});
