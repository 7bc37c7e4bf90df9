import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { faultProblem } from "../../sandbox/fault-check.ts";
import { faultKinds, faultTable } from "../../sandbox/fault-table.ts";
import { help } from "../../sandbox/usage.ts";
import { root } from "../../tools/places.ts";

const until = "cleared";

describe("a fault that is to be set", () => {
  test.each([
    ["executioner", { fault: "fills", fill_rate: 0, venues: ["BOREAL"] }],
    ["executioner", { fault: "fills", venues: "BOREAL,DRACO" }],
    ["venues", { fault: "venue-down", venue: "ATLAS", hang: true }],
    ["market-sentinel", { fault: "backlog", produce: 0, consume: 120 }],
    ["gateway", { fault: "data", kind: "jump", symbols: ["SPX"] }],
    ["risk-warden", { fault: "errors", path: "/api/risk", status: 503, rate: 0.5, effect: true }],
    ["market-sentinel", { fault: "stale", until: "restart", returns_after: 10 }],
  ])("of %s: %j is one", (service, fault) => {
    expect(faultProblem(service, { until, ...fault })).toBeUndefined();
  });

  test.each([
    ["nobody", { fault: "crash" }, "no service named nobody; there are gateway, market-sentinel"],
    ["executioner", { fault: "filz" }, "executioner has no fault filz; there are crash, crash-loop"],
    ["market-sentinel", { fault: "fills" }, "market-sentinel has no fault fills; there are"],
    ["venues", { fault: "leak" }, "venues has no fault leak; there are"],
    [
      "executioner",
      { fault: "fills", fill_rat: 0 },
      "has no option fill_rat; there are fill_rate=0…1 venues=",
    ],
    ["executioner", { fault: "venue-down", hang: true }, "venue-down of executioner has no option hang"],
    ["executioner", { fault: "fills", slippage_bps: 9 }, "fills of executioner has no option slippage_bps"],
    ["market-sentinel", { fault: "stale", ms: 1 }, "has no option ms; it has none"],
    [
      "executioner",
      { fault: "fills", fill_rate: 1.5 },
      "fill_rate of the fault fills is a number from 0 to 1, not 1.5",
    ],
    ["executioner", { fault: "fills", fill_rate: "half" }, "is a number from 0 to 1, not half"],
    ["executioner", { fault: "fills", fill_rate: Number.NaN }, "is a number from 0 to 1, not null"],
    [
      "executioner",
      { fault: "fills", venues: ["MARS"] },
      'is a list of ATLAS, BOREAL, CYGNUS, DRACO, ELARA, FORNAX, not ["MARS"]',
    ],
    ["executioner", { fault: "fills", venues: "ATLAS, BOREAL" }, "is a list of ATLAS"],
    ["executioner", { fault: "fills", venues: [] }, "is a list of ATLAS"],
    [
      "gateway",
      { fault: "data", kind: "odd" },
      "kind of the fault data is one of stale, missing, jump, negative, not odd",
    ],
    ["gateway", { fault: "data", symbols: "DOGE" }, "symbols of the fault data is a list of BTC-USD"],
    [
      "gateway",
      { fault: "errors", path: "api" },
      "path of the fault errors is a text that begins with /, not api",
    ],
    [
      "gateway",
      { fault: "errors", status: 200 },
      "status of the fault errors is a whole number from 400 to 599, not 200",
    ],
    ["gateway", { fault: "hang", block: "yes" }, "block of the fault hang is true or false, not yes"],
    [
      "gateway",
      { fault: "leak", most: 1.5 },
      "most of the fault leak is a whole number from 1 to 1000, not 1.5",
    ],
    [
      "gateway",
      { fault: "crash", until: "tomorrow" },
      "until is one of cleared, restart, recreate, not tomorrow",
    ],
    [
      "gateway",
      { fault: "crash", until: undefined },
      "until is one of cleared, restart, recreate, not nothing",
    ],
    ["gateway", { fault: "crash", returns_after: 10 }, "of a fault until restart or recreate, not 10"],
    [
      "gateway",
      { fault: "crash", until: "restart", returns_after: -1 },
      "returns_after is a number from 0 to 3600, of a fault until restart or recreate, not -1",
    ],
  ])("of %s: %j is refused, with what there is", (service, fault, problem) => {
    expect(faultProblem(service, { until, ...fault })).toContain(problem);
  });
});

describe("npm run stack", () => {
  // The program itself: what prepares a machine for it has other things to say.
  let program = "";
  beforeAll(async () => {
    const { bundle } = (await import(pathToFileURL(`${root}/tools/bundle.mjs`).href)) as {
      bundle: (source: string, root: string) => Promise<string>;
    };
    program = await bundle("sandbox/command.ts", root);
  });
  const stack = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  };

  test.each([["--help"], ["-h"], ["fault", "--help"]])(
    "%s %s: prints how it is used, and exits 0",
    (...args) => {
      expect(stack(...args)).toEqual({ status: 0, stdout: help(), stderr: "" });
    },
  );

  test.each([
    [["fault", "executioner", "filz"], "executioner has no fault filz; there are crash,"],
    [
      ["fault", "executioner", "fills", "fill_rate=2"],
      "fill_rate of the fault fills is a number from 0 to 1, not 2",
    ],
    [["fault", "executioner", "fills", "fill_rate"], "a fault's options are written key=value"],
    [["fault", "executioner", "fills", "until=restart"], "until is no option of a fault"],
    [["fault", "executioner", "fills", "--instance", "one"], "--instance is a number from 1 on"],
    [["fault", "executioner", "fills", "--untill", "restart"], "Unknown option '--untill'"],
    [["frobnicate"], "no command frobnicate; there are up, down, reset, status, env, fault, clear"],
    [["status", "now"], "status takes no now"],
  ])("%j is refused with exit 2: %s", (args, problem) => {
    const { status, stdout, stderr } = stack(...args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(problem)]);
  });
});

describe("the table of faults", () => {
  test("is the README's", () => {
    const file = new URL("../../sandbox/platform/README.md", import.meta.url);
    const rows = readFileSync(file, "utf8").split("\n");
    expect(rows.filter((row) => row.startsWith("|"))).toEqual(faultTable());
  });

  test("is in the help, every fault with its options", () => {
    for (const { fault, options } of faultKinds) {
      expect(help()).toContain(`  ${fault}, of `);
      for (const name of Object.keys(options)) expect(help()).toContain(`${name}=`);
    }
  });

  test("has every option that a program reads, and no other", () => {
    const folder = new URL("../../sandbox/platform/", import.meta.url);
    const files = [
      "shared/fault-http.ts",
      "shared/fault-process.ts",
      "shared/http.ts",
      "shared/postgres.ts",
      "venues.ts",
    ];
    const more = [
      "execution/work.ts",
      "execution/venue-client.ts",
      "execution/emergency.ts",
      "gate/prices.ts",
    ];
    const last = ["risk/watch.ts", "sentinel/publish.ts", "sentinel/consume.ts"];
    const text = [...files, ...more, ...last]
      .map((file) => readFileSync(new URL(file, folder), "utf8"))
      .join("\n");
    const read = text.matchAll(/(?:number|flag|list)Option\(\s*\w+,\s*"(\w+)"|options\["(\w+)"\]/g);
    const names = [...read].map(([, one, other]) => one ?? other);
    const known = faultKinds.flatMap(({ options }) => Object.keys(options));
    expect(new Set(names)).toEqual(new Set(known));
  });
});
