import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => {
  // Whatever was wrong with the input, nothing ran.
  await rig[Symbol.asyncDispose]();
});

async function refused(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const ended = await rig.run(args, { env });
  expect([ended.code, ended.stdout]).toEqual([2, ""]);
  expect(rig.server.requests).toEqual([]);
  return ended.stderr;
}

describe("secrets", () => {
  const token = "s3cr3t-t0ken-of-the-emergency";
  const book = `
service: market
secrets: [RIG_TOKEN]
steps:
  - id: act
    http.post: { url: "\${service.url}/act", token: "\${secrets.RIG_TOKEN}" }
`;
  beforeEach(() => void rig.runbook("book", book).server.on("POST /act", 200));
  const run = (env: Record<string, string>) => rig.run(["run", "book", "--yes", "-v"], { env });

  test("come from the environment, and are never shown or written down", async () => {
    rig.server.on("POST /act", ({ authorization = "" }) => ({ text: `you sent ${authorization}` }));
    const ended = await run({ RIG_TOKEN: token });
    expect(ended.code).toBe(0);
    expect(rig.server.changes()[0]?.authorization).toBe(`Bearer ${token}`);
    expect(ended.stderr).toContain("you sent");
    for (const text of [ended.stdout, ended.stderr, readFileSync(rig.journal(), "utf8")])
      expect(text).not.toContain(token);
  });

  test.each([
    ["in a refusal's reason", 400, 300],
    ["in an output of the journal", 200, 4096],
  ])("nor their beginning where a reply is cut %s", async (_where, status, cut) => {
    const before = "x".repeat(cut - 20);
    rig.server.on("POST /act", { status, text: `${before} ${token} and more ${"z".repeat(500)}` });
    const ended = await run({ RIG_TOKEN: token });
    expect(ended.code).toBe(status === 200 ? 0 : 1);
    expect(ended.stderr).toContain("xxx");
    for (const text of [ended.stdout, ended.stderr, readFileSync(rig.journal(), "utf8")])
      expect(text).not.toContain(token.slice(0, 4));
  });

  test("or from the file that NAME_FILE names, without its newline", async () => {
    rig.file("token", `${token}\n`);
    const ended = await run({ RIG_TOKEN_FILE: "token" });
    expect([ended.code, rig.server.changes()[0]?.authorization]).toEqual([0, `Bearer ${token}`]);
  });

  test.each([
    ["in a file", { EMERGENCY_TOKEN_FILE: "emergency" }],
    ["in a file beside a blank variable", { EMERGENCY_TOKEN: " ", EMERGENCY_TOKEN_FILE: "emergency" }],
    ["in a variable", { EMERGENCY_TOKEN: "violet-harbour-17" }],
  ])("nor the emergency token that is %s, though the runbook does not name it", async (_where, env) => {
    rig.file("emergency", "violet-harbour-17\n");
    rig.server.on("POST /act", { status: 400, text: "who sent violet-harbour-17 to me" });
    const ended = await run({ RIG_TOKEN: token, ...env });
    expect(ended.stderr).toContain("who sent ‹secret:known:");
    for (const text of [ended.stdout, ended.stderr, readFileSync(rig.journal(), "utf8")])
      expect(text).not.toContain("violet");
  });

  test("a password with a bare % in an address is refused before anything runs, and not shown", async () => {
    const address = { RIG_TOKEN: token, DATABASE_URL: "postgres://lav:100%-sure@localhost/lav" };
    const said = await refused(["run", "book", "--yes"], address);
    expect(said).toContain("DATABASE_URL has a % that is not an escape; write %25 for the character itself");
    expect(said).not.toContain("sure");
  });

  test.each([
    ["abc4567", "has 7 characters; with fewer than 8 it cannot be told from other text and hidden"],
    ["Incident", "is a common word; hiding it would hide that word everywhere"],
  ])("that could not be hidden are refused before anything runs: %s", async (value, why) => {
    const message = `the secret RIG_TOKEN ${why}. Choose another\n`;
    expect(await refused(["run", "book", "--yes"], { RIG_TOKEN: value })).toBe(message);
    rig.file("token", `${value}\n`);
    expect(await refused(["run", "book", "--yes"], { RIG_TOKEN_FILE: "token" })).toBe(message);
  });

  test("that are missing or blank are refused before anything runs", async () => {
    const args = ["run", "book", "--yes"];
    rig.file("blank", " \n");
    expect(await refused(args)).toBe(
      "the secret RIG_TOKEN is not set; export RIG_TOKEN, or RIG_TOKEN_FILE with the path of its file\n",
    );
    expect(await refused(args, { RIG_TOKEN: "  " })).toContain("the secret RIG_TOKEN is blank");
    expect(await refused(args, { RIG_TOKEN_FILE: "blank" })).toBe("the secret RIG_TOKEN is blank in blank\n");
    expect(await refused(args, { RIG_TOKEN_FILE: "none" })).toBe(
      "cannot read the secret RIG_TOKEN from none: there is no such file\n",
    );
  });
});

describe("parameters", () => {
  beforeEach(
    () =>
      void rig.runbook(
        "book",
        `
service: market
params:
  venue: { type: string, enum: [NORTH, SOUTH], ask: Which venue }
  size: { type: integer, default: 5, min: 1, max: 10 }
  hold: { type: duration, default: 1h }
steps: [{ "http.post": "\${service.url}/\${params.venue}/\${params.size}" }]
`,
      ),
  );
  const given = (...params: string[]) =>
    refused(["run", "book", ...params.flatMap((one) => ["--param", one])]);

  test("missing: named with its question", async () => {
    expect(await given()).toBe("book needs --param venue=… (Which venue)\n");
  });

  test("each wrong one gets its message", async () => {
    expect(await given("venue=NORHT")).toBe(
      '--param venue must be one of NORTH, SOUTH, and is "NORHT" (did you mean NORTH?)\n',
    );
    expect(await given("venu=NORTH")).toBe(
      "--param venu: book has no such parameter (did you mean venue?); it has venue, size, hold\n",
    );
    expect(await given("venue=NORTH", "venue=SOUTH")).toBe("--param venue is given twice\n");
    expect(await given("venue")).toBe("--param venue: write NAME=VALUE\n");
    expect(await given("=x")).toBe("--param =x: write NAME=VALUE\n");
    expect(await given("venue=NORTH", "size=many")).toMatch(/^--param size must be a whole number/);
    expect(await given("venue=NORTH", "size=11")).toMatch(/^--param size must be .*10/);
    expect(await given("venue=NORTH", "hold=long")).toMatch(/^--param hold must be a duration/);
  });

  test("are typed and reach the steps, percent-encoded", async () => {
    rig.server.on("POST /NORTH/7", 200);
    const ended = await rig.run(["run", "book", "--yes", "--param", "venue=NORTH", "--param", "size=7"]);
    expect([ended.code, rig.server.count("POST /NORTH/7")]).toEqual([0, 1]);
  });
});

describe("the command line", () => {
  beforeEach(
    () => void rig.runbook("book", `service: market\nsteps: [{ "http.get": "\${service.url}/x" }]\n`),
  );

  test("a wrong runbook name gets the nearest", async () => {
    expect(await refused(["run", "bok"])).toBe(
      "no runbook named bok (did you mean book?); lav-ir list shows all\n",
    );
  });

  test("a path that is not there, or is no runbook", async () => {
    expect(await refused(["run", "./none.yaml"])).toContain("./none.yaml does not exist");
    expect(await refused(["run", "./runbooks/"])).toContain("is a directory");
  });

  test("unknown commands and options, each with what was meant", async () => {
    expect(await refused(["rnu", "book"])).toContain("did you mean run?");
    expect(await refused(["run", "book", "--yse"])).toContain("Did you mean --yes?");
    expect(await refused(["run"])).toContain("missing required argument 'runbook'");
    expect(await refused(["run", "book", "extra"])).toContain("too many arguments");
  });

  test("--from a step that is not there", async () => {
    expect(await refused(["run", "book", "--from", "http_gte"])).toBe(
      "book has no step http_gte (did you mean http_get?); it has http_get\n",
    );
  });

  test("--from a step of a list: where to start instead, and no such step is offered", async () => {
    rig.runbook(
      "loop",
      `
service: market
steps:
  - id: outer
    steps:
      - { id: each, foreach: "['a', 'b']", steps: [{ id: one, "http.post": "\${service.url}/one" }] }
  - { id: last, "http.post": "\${service.url}/last" }
`,
    );
    expect(await refused(["run", "loop", "--from", "one"])).toBe(
      "one runs once for each item of each; start at each\n",
    );
    expect(await refused(["run", "loop", "--from", "ona"])).toBe(
      "loop has no step ona; it has outer, each, last\n",
    );
  });

  test("a mistake in the runbook: where it is, what it is, nothing ran", async () => {
    rig.runbook(
      "bad",
      `service: market\nsteps: [{ "http.got": "\${service.url}/x", expect: staus == 200 }]\n`,
    );
    const stderr = await refused(["run", "bad"]);
    expect(stderr).toContain("runbooks/bad.yaml:3:11");
    expect(stderr).toContain("Did you mean http.get?");
  });

  test("a mistake in the platform file, or none of that name", async () => {
    rig.platform("kafak: {}");
    expect(await refused(["run", "book"])).toContain("kafak");
    expect(await refused(["run", "book", "--config", "none.yaml"])).toContain("none.yaml does not exist");
  });

  test("an environment that the platform file does not have", async () => {
    expect(await refused(["run", "book", "--env", "live"])).toContain("unknown environment live");
  });

  test("an incident that there is not", async () => {
    expect(await refused(["run", "book", "--incident", "INC-2026-0001"])).toBe(
      "no incident INC-2026-0001 on this machine\n",
    );
  });

  test("no arguments at all: help, exit 2; --help: exit 0", async () => {
    expect(await refused([])).toContain("Usage: lav-ir");
    const help = await rig.run(["--help"]);
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain("diagnose, then resolve step by step until the findings hold");
  });
});
