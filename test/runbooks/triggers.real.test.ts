import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { enter, ctrlC } from "../cli/screen.ts";
import { patience } from "../patience.ts";
import { Operator } from "./operator.ts";

// The triggers of the shipped platform file, five of P0 and five of P1, on what the services of the platform answer.
// `declare` without a severity shows each; nothing is declared here.

const breach = "Has somebody got in, or read what they may not?";

/** What a quiet machine never takes, and a busy one may: of no weight but where slowness itself is the question. */
const unhurried = "60s";

let stack: Stack;
let operator: Operator;
let folder: string;
beforeAll(async () => {
  stack = await sharedStack();
  folder = mkdtempSync(join(tmpdir(), "lav-ir-triggers-"));
});
beforeEach(async () => {
  await stack.reset();
  await operator?.[Symbol.asyncDispose]();
  operator = new Operator(stack, { LAV_IR_CONFIG: platformWith(unhurried) });
  await stack.quiet();
});
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Triggers = readonly Readonly<Record<string, unknown>>[];
type Severities = Readonly<Record<string, { readonly triggers?: Triggers }>>;

/** The stack's platform file, every read with time to spare. @param slow what the trigger of that name allows */
function platformWith(slow: string): string {
  const text = readFileSync(stack.platformFile, "utf8").replace('duration("1s")', `duration("${slow}")`);
  const platform = parse(text) as { readonly severities: Severities };
  const severities = Object.entries(platform.severities).map(([name, severity]) => {
    const triggers = severity.triggers?.map((one) => ("ask" in one ? one : { ...one, timeout: unhurried }));
    return [name, triggers === undefined ? severity : { ...severity, triggers }] as const;
  });
  const path = join(folder, "platform.yaml");
  writeFileSync(path, stringify({ ...platform, severities: Object.fromEntries(severities) }));
  return path;
}

/** What is found of each trigger. @param answers to the questions that come, in their order */
async function measured(
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<Readonly<Record<string, string>>> {
  const screen = operator.screen("declare", "is it one?");
  await screen.shows("or Enter to wait for what is being measured");
  screen.type(enter);
  for (const [question, answer] of answers) {
    await screen.shows(question);
    screen.type(`${answer}${enter}`);
  }
  await screen.shows(/^\? .*How severe is it\?|^How severe is it\?/m);
  await screen.shows("feed-stale: ");
  const text = screen.text();
  screen.type(ctrlC);
  await screen.ended;
  const rows = text.matchAll(/^ {2}P[01] ([a-z-]+): (not so|FOUND|unknown) /gm);
  return Object.fromEntries([...rows].map(([, id = "", found = ""]) => [id, found]));
}

/** Measured again until it is so: a fault takes its time to show. */
async function soon(
  answers: readonly (readonly [string, string])[],
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  await expect.poll(async () => await measured(answers), { timeout: patience }).toMatchObject(wanted);
}

const quiet = {
  "trading-down": "not so",
  breach: "not so",
  "limits-far-exceeded": "not so",
  "data-corrupt": "not so",
  "venues-lost": "not so",
  "service-down": "not so",
  slow: "not so",
  "limits-exceeded": "not so",
  "venue-down": "not so",
  "feed-stale": "not so",
};

it("on a quiet platform none of the ten is found", async () => {
  expect(await measured([[breach, "n"]])).toEqual(quiet);
});

it("a breach is found by a person's word", async () => {
  expect(await measured([[breach, "y"]])).toEqual({ ...quiet, breach: "FOUND" });
});

it("trading that is down is found, and what only it could say is unknown", async () => {
  await stack.fault("executioner", { fault: "crash", until: "cleared" });
  await expect
    .poll(async () => await fetch(`${stack.url("executioner")}/health`).catch(() => "gone"), {
      timeout: patience,
    })
    .toBe("gone");
  const asked = [
    ["For more than 5m?", "y"],
    [breach, "n"],
  ] as const;
  await soon(asked, {
    ...quiet,
    "trading-down": "FOUND",
    "venues-lost": "unknown",
    "service-down": "FOUND",
    slow: "unknown",
    "venue-down": "unknown",
  });
});

it("one critical service that is down is no P0", async () => {
  await stack.fault("risk-warden", { fault: "errors", until: "cleared", path: "/health" });
  await soon([[breach, "n"]], { ...quiet, "service-down": "FOUND" });
});

it("more than half of the venues lost is a P0, one is a P1", async () => {
  await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues: ["BOREAL"] });
  await soon([[breach, "n"]], { ...quiet, "venue-down": "FOUND" });
  const venues = ["ATLAS", "BOREAL", "CYGNUS", "DRACO"];
  await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues });
  await soon([[breach, "n"]], { ...quiet, "venue-down": "FOUND", "venues-lost": "FOUND" });
});

it("positions that the venues contradict are corrupt data", async () => {
  await stack.fault("venues", { fault: "misreport", until: "cleared", venue: "ATLAS" });
  await soon([[breach, "n"]], { "data-corrupt": "FOUND", "trading-down": "not so" });
});

it("a slow service is found, and is not down", async () => {
  platformWith("1s");
  await stack.fault("executioner", { fault: "slow", until: "cleared", ms: 2000, path: "/health" });
  await soon([[breach, "n"]], { ...quiet, slow: "FOUND" });
});

it("value at risk above its limit is a P1, above three times as much a P0", async () => {
  const client = new pg.Client({ connectionString: stack.env["DATABASE_ADMIN_URL"] });
  await client.connect();
  const limit = async (value: number): Promise<void> =>
    void (await client.query("UPDATE risk_limits SET value = $1 WHERE name = 'value-at-risk'", [value]));
  try {
    const answered = await fetch(`${stack.url("risk-warden")}/api/risk/attribution`);
    const { value_at_risk: now } = (await answered.json()) as { readonly value_at_risk: number };
    const lasting = [
      [breach, "n"],
      ["For more than 10m?", "y"],
    ] as const;
    await limit(now / 2);
    expect(await measured(lasting)).toEqual({ ...quiet, "limits-exceeded": "FOUND" });
    await limit(now / 4);
    const far = { "limits-exceeded": "FOUND", "limits-far-exceeded": "FOUND" };
    expect(await measured(lasting)).toEqual({ ...quiet, ...far });
  } finally {
    await client.end();
  }
});
