import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containerOf, Executioner, givenUp, HaltWorld } from "./halt-world.ts";
import type { Ended, StartOptions } from "./rig.ts";
import { ctrlC, enter, Screen } from "./screen.ts";
import { ScriptedServer } from "./server.ts";

let world: HaltWorld;
beforeEach(async () => {
  world = await HaltWorld.inside();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const plain = ["halt-all", "--reason", "a test", "--yes"];

async function halt(args: readonly string[] = plain, options: StartOptions = {}): Promise<Ended> {
  return await world.rig.run(args, { ...options, env: world.env(options.env) });
}

/** A process of its own: where its files, its way out or another one beside it are what is tested. */
async function process(args = plain, env: StartOptions["env"] = {}): Promise<Ended> {
  return await world.rig.start(args, { env: world.env(env) }).ended;
}

function receipt(ended: Ended): Readonly<Record<string, unknown>> {
  const found = ended.lines.findLast(({ type }) => type === "halt.finished");
  if (found === undefined) throw new Error(`no receipt in\n${ended.stdout}${ended.stderr}`);
  return found;
}

const json = [...plain, "--json"];
const jwt = (claims: object): string =>
  ["{}", JSON.stringify(claims), "x"].map((part) => Buffer.from(part).toString("base64url")).join(".");

describe("before any request", () => {
  test.each([
    ["missing", { EMERGENCY_TOKEN: "", EMERGENCY_TOKEN_FILE: "" }, "EMERGENCY_TOKEN is blank"],
    ["blank", { EMERGENCY_TOKEN: "  \n" }, "EMERGENCY_TOKEN is blank"],
    [
      "in a file that is not there",
      { EMERGENCY_TOKEN: "", EMERGENCY_TOKEN_FILE: "no-such-file" },
      "token from no-such-file",
    ],
    ["broken", { EMERGENCY_TOKEN: "two words" }, "characters that no token has"],
    ["expired", { EMERGENCY_TOKEN: "lav.1700000000.abc" }, "expired at 2023-11-14T22:13:20.000Z"],
    [
      "an expired JWT",
      { EMERGENCY_TOKEN: jwt({ exp: 1_700_000_000 }) },
      "expired at 2023-11-14T22:13:20.000Z",
    ],
  ])("a token that is %s: exit 2, and how to get a new one", async (_what, env, says) => {
    const { code, stderr } = await halt(plain, { env });
    expect(stderr).toContain(says);
    expect(stderr).toContain("ask the desk");
    expect([code, world.asked()]).toEqual([2, 0]);
  });

  test("a blank token does not hide the file that has one", async () => {
    const file = join(world.rig.folder, "token");
    writeFileSync(file, `${world.env()["EMERGENCY_TOKEN"]}\n`);
    const { code } = await halt(plain, { env: { EMERGENCY_TOKEN: " ", EMERGENCY_TOKEN_FILE: file } });
    expect([code, world.asked()]).toEqual([0, 2]);
  });

  test("a token that comes through a pipe is read once, and holds nothing up", async () => {
    const pipe = join(world.rig.folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const given = writeFile(pipe, `${world.env()["EMERGENCY_TOKEN"]}\n`);
    const { code } = await process(plain, { EMERGENCY_TOKEN: "", EMERGENCY_TOKEN_FILE: pipe });
    await given;
    expect([code, world.asked()]).toEqual([0, 2]);
  });

  test("an expired token is sent all the same where the operator knows the clock to be wrong", async () => {
    const { code } = await halt([...plain, "--send-anyway"], {
      env: { EMERGENCY_TOKEN: "lav.1700000000.abc" },
    });
    expect([code, world.asked()]).toEqual([0, 2]);
  });

  test.each([
    ["no reason", ["halt-all", "--yes"], 2, '--reason "why"'],
    ["a blank reason", ["halt-all", "--reason", " ", "--yes"], 2, '--reason "why"'],
    ["no consent", ["halt-all", "--reason", "a test"], 3, "pass --yes"],
    ["a scope that is none", [...plain, "--scope", "venues:ATLAS"], 2, "all, venue:NAME or strategy:NAME"],
    ["an unknown flag", [...plain, "--scoop", "all"], 2, "--scoop"],
    ["no platform file", [...plain, "--config", "none.yaml"], 2, "none.yaml"],
  ])("%s is refused, and nothing is sent", async (_what, args, exit, says) => {
    const { code, stderr } = await halt(args);
    expect(stderr).toContain(says);
    expect([code, world.asked()]).toEqual([exit, 0]);
  });

  test("a platform without the service is refused", async () => {
    world.rig.platform();
    const { code, stderr } = await halt();
    expect([code, stderr]).toEqual([2, expect.stringContaining("has no service executioner")]);
  });
});

describe("halting", () => {
  test("tells every instance with token, key and reason; PROVEN is 0, with a receipt on record", async () => {
    const ended = await process(json);
    expect([ended.code, receipt(ended)["outcome"]]).toEqual([0, "PROVEN"]);
    const requests = world.instances.flatMap(({ server }) => server.changes());
    expect(requests.map(({ authorization }) => authorization)).toEqual([
      "Bearer a-good-token",
      "Bearer a-good-token",
    ]);
    expect(new Set(requests.map(({ key }) => key)).size).toBe(1);
    expect(JSON.parse(requests[0]?.body ?? "")).toMatchObject({ reason: "a test", scope: "all" });
    const [id = ""] = readdirSync(join(world.rig.state, "halts"));
    const folder = join(world.rig.state, "halts", id);
    const records = readFileSync(join(folder, "journal.ndjson"), "utf8");
    expect(
      records
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(["halt.intent", "halt.answer", "halt.answer", "halt.receipt"]);
    expect(readFileSync(join(folder, "receipt.txt"), "utf8")).toMatch(/^PROVEN: trading is halted/);
    expect(`${records}${ended.stdout}${ended.stderr}`).not.toContain("a-good-token");
  });

  test("again: the same ids and no second effect, with the platform as it was kept", async () => {
    const first = receipt(await halt(json));
    const second = await halt(json);
    expect(receipt(second)["halts"]).toEqual(first["halts"]);
    expect(receipt(second)["sent"]).toMatchObject([{ repeated: true }, { repeated: true }]);
    // A byte that changed in the file is seen.
    world.platform("", world.instances.slice(0, 1));
    world.containers = world.containers.slice(0, 1);
    await halt(json);
    expect(world.instances.map((instance) => instance.asked())).toEqual([3, 2]);
  });

  test("an instance that only the engine knows is halted too", async () => {
    world.platform("", world.instances.slice(0, 1));
    const ended = await halt(json);
    expect(ended.code).toBe(0);
    expect(receipt(ended)["sent"]).toMatchObject([{ found: "configured" }, { found: "label" }]);
    expect(world.instances.map(({ halted }) => halted)).toEqual([true, true]);
  });

  test.each(["hang", "reset", "garbage", 500] as const)(
    "an instance that answers with %s: the venues are closed, and that is the proof",
    async (answer) => {
      if (answer === "hang") world.platform("", world.instances, givenUp);
      const [, second] = world.instances;
      second?.server.on("POST /api/emergency/halt-all", answer).on("GET /api/emergency/status", answer);
      const ended = await halt(json);
      expect([ended.code, world.closed]).toEqual([0, true]);
      const { proof } = receipt(ended) as { proof: { exceptions: string[] } };
      expect(proof.exceptions.join("\n")).toContain(second?.server.url);
      expect(proof.exceptions.join("\n")).toContain("every venue refuses orders itself");
    },
  );

  test("and where the venues cannot be closed either: UNKNOWN is 4, with whom to call", async () => {
    world.platform("", world.instances, givenUp);
    const [, second] = world.instances;
    second?.server.on("POST /api/emergency/halt-all", "hang").on("GET /api/emergency/status", "hang");
    world.venue.on("POST /venues/ATLAS/halt", "hang");
    const { code, stdout, stderr } = await halt();
    expect(code).toBe(4);
    expect(stdout).toContain("UNKNOWN: it is NOT known whether trading is halted");
    expect(stdout).toContain(second?.server.url);
    expect(stderr).toContain("Risk desk: +1 555 0100");
  });

  test("one that says it is halted and has cancelled nowhere is not believed", async () => {
    const [first] = world.instances;
    if (first === undefined) throw new Error("there is no instance");
    first.server.on("POST /api/emergency/halt-all", () => ({
      json: { ...first.halt(), repeated: false, venues: [] },
    }));
    const ended = await halt(json);
    expect([ended.code, world.closed]).toEqual([0, true]);
    expect(JSON.stringify(receipt(ended)["doubts"])).toContain("has cancelled at no venue");
  });

  test("one that comes back without its halt is halted again, under another key", async () => {
    const [first] = world.instances;
    if (first === undefined) throw new Error("there is no instance");
    let forgotten = false;
    first.server.on("GET /api/emergency/status", () => {
      if (first.halted && !forgotten) first.halted = false;
      forgotten = true;
      return { json: first.state() };
    });
    const ended = await halt(json);
    expect([ended.code, first.halted]).toEqual([0, true]);
    const keys = first.server.changes().map(({ key }) => key);
    expect([keys.length > 1, new Set(keys).size]).toEqual([true, keys.length]);
  });

  test("a container that does not run cannot be told: the venues are closed", async () => {
    const gone = await ScriptedServer.start();
    world.containers.push(containerOf(gone, "ex3", "exited"));
    await gone[Symbol.asyncDispose]();
    const ended = await halt(json);
    expect([ended.code, world.closed]).toEqual([0, true]);
    expect(JSON.stringify(receipt(ended)["doubts"])).toContain(
      "ex3 is not running (exited), so the halt did not reach it; keep it stopped",
    );
  });

  test("an order that stays open is named: PARTIAL is 1; in a closed market it is an exception", async () => {
    const order = {
      order_id: "o1",
      client_order_id: "c1",
      strategy: "carry",
      symbol: "SPX",
      side: "buy",
      quantity: 5,
      time_in_force: "GTC",
    };
    world.open = [order];
    world.venue.on("POST /venues/ATLAS/halt", 503);
    const partial = await halt(json);
    expect([partial.code, receipt(partial)["outcome"]]).toEqual([1, "PARTIAL"]);
    expect((receipt(partial)["proof"] as { trading: string[] }).trading).toEqual([
      "ATLAS holds order c1 open: buy 5 SPX, carry",
    ]);
    world.market = "closed";
    const proven = await halt(json);
    expect([proven.code, JSON.stringify(receipt(proven)["proof"])]).toEqual([
      0,
      expect.stringContaining("good till cancelled, and the market is closed"),
    ]);
  });

  test("a wrong token: everybody refuses, no venue is closed, and how to get another is said", async () => {
    for (const { server } of world.instances)
      server.on("POST /api/emergency/halt-all", { status: 403, json: { error: { message: "no" } } });
    const { code, stdout, stderr } = await halt();
    expect([code, world.closed]).toEqual([1, false]);
    expect(stdout).toContain("STILL TRADING");
    expect(stderr).toContain("the token was refused: ask the desk");
  });

  test("no network at all: UNKNOWN, and whom to call", async () => {
    const gone = await ScriptedServer.start();
    const lost = [new Executioner(gone, "ex9")];
    world.platform("", lost);
    await gone[Symbol.asyncDispose]();
    await world.venue[Symbol.asyncDispose]();
    world.containers = [];
    const { code, stdout, stderr } = await process();
    expect(code).toBe(4);
    expect(stdout).toContain("cannot read open orders");
    expect(stderr).toContain("Risk desk: +1 555 0100");
  });

  test("a journal that cannot be written is told, and holds nothing up", async () => {
    writeFileSync(join(world.rig.state, "..", "file"), "");
    const { code, stdout, stderr } = await halt([
      ...plain,
      "--state-dir",
      join(world.rig.state, "..", "file"),
    ]);
    expect([code, world.asked()]).toEqual([0, 2]);
    expect(stderr).toContain("THE JOURNAL CANNOT BE WRITTEN: a part of its path is a file");
    expect(stdout).toContain("NOT RECORDED: a part of its path is a file");
  });

  test("a disk that fills up in the middle is told as well", async () => {
    const preload = new URL("preload/full.mjs", import.meta.url).href;
    const { code, stderr } = await halt(plain, { preload, env: { FULL: "halt.intent 1" } });
    expect([code, world.asked()]).toEqual([0, 2]);
    expect(stderr).toContain("THE JOURNAL CANNOT BE WRITTEN: the disk is full");
  });

  test("two operators at once: both are told the same halts", async () => {
    const both = await Promise.all([process(json), process(json)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(receipt(both[0])["halts"]).toEqual(receipt(both[1])["halts"]);
    expect(readdirSync(join(world.rig.state, "halts")).length).toBe(2);
  });

  test("a venue that there is not: nobody is asked twice, no venue is closed, and the venues are named", async () => {
    const error = { error: { code: "bad_request", message: "there is no venue NOPE" } };
    for (const { server } of world.instances)
      server.on("POST /api/emergency/halt-all", () => ({ status: 400, json: error }));
    const ended = await halt([...json, "--scope", "venue:NOPE"]);
    expect([ended.code, world.asked()]).toEqual([1, 2]);
    expect(world.venue.count("POST /venues/NOPE/halt")).toBe(0);
    expect((receipt(ended)["proof"] as Record<string, unknown>)["unknown"]).toContainEqual(
      expect.stringContaining("no venue that the halt covers; it has ATLAS"),
    );
    expect(receipt(ended)["doubts"]).toContainEqual(expect.stringContaining("there is no venue NOPE"));
  });

  test.each(["venue:NOPE", "strategy:carry"])(
    "where no venue is closed for %s, none is said to be",
    async (scope) => {
      const error = { error: { message: "I will not" } };
      for (const { server } of world.instances)
        server.on("POST /api/emergency/halt-all", { status: 400, json: error });
      const { stderr } = await halt([...plain, "--scope", scope]);
      expect(stderr).toContain("not enough: ");
      expect(stderr).not.toContain("closing");
      expect(world.closed).toBe(false);
    },
  );

  test.each([409, 429, 500, 503])(
    "a status of %i says nothing of the venue: it is asked again, and the venue closed",
    async (status) => {
      for (const { server } of world.instances)
        server.on("POST /api/emergency/halt-all", { status, json: { error: { message: "not now" } } });
      const ended = await halt([...json, "--scope", "venue:NOPE"]);
      expect(ended.code).toBe(1);
      expect(world.asked()).toBeGreaterThan(2);
      expect(world.venue.count("POST /venues/NOPE/halt")).toBe(1);
    },
  );

  test("Ctrl-C in the middle: the halt is out, the receipt says what is not known, exit 130", async () => {
    for (const { server } of world.instances) server.on("GET /api/emergency/status", "hang");
    const started = world.rig.start(plain, { env: world.env() });
    await Promise.all(world.instances.map(({ server }) => server.arrives("GET /api/emergency/status")));
    started.kill("SIGINT");
    const { code, stdout, stderr } = await started.ended;
    expect([code, world.asked()]).toEqual([130, 2]);
    expect(stderr).toContain("the proof is not finished");
    expect(stdout).toContain("NOT known whether trading is halted (all); the proof was interrupted");
    expect(stdout).toContain("interrupted while halting and proving");
    expect(stdout).not.toMatch(/within \d+ms/);
    const [id = ""] = readdirSync(join(world.rig.state, "halts"));
    expect(existsSync(join(world.rig.state, "halts", id, "receipt.txt"))).toBe(true);
  });
});

describe("at a terminal", () => {
  test("one typed word, after what it would do; the reason is asked for", async () => {
    using screen = new Screen(world.rig, ["halt-all"], { env: world.env() });
    await screen.shows("Reason for the halt");
    screen.type(`limits breached${enter}`);
    await screen.shows("Type HALT to do it");
    expect(screen.text()).toContain("Halt ALL trading on world");
    expect(world.asked()).toBe(0);
    screen.type(`halt${enter}`);
    const { code, text } = await screen.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("PROVEN: trading is halted")]);
  });

  test.each([
    ["Enter alone", enter, 3],
    ["another word", `yes${enter}`, 3],
    ["Ctrl-C", ctrlC, 130],
  ])("%s halts nothing", async (_what, keys, exit) => {
    using screen = new Screen(world.rig, ["halt-all", "--reason", "a test"], { env: world.env() });
    await screen.shows("Type HALT to do it");
    screen.type(keys);
    const { code } = await screen.ended;
    expect([code, world.asked()]).toEqual([exit, 0]);
  });
});

describe("trading status", () => {
  test("0 when all are halted, 1 when one trades, 4 when one cannot be asked", async () => {
    const [first, second] = world.instances;
    const status = async () => await halt(["trading", "status"]);
    const trades = await status();
    expect([trades.code, trades.stdout]).toEqual([
      1,
      expect.stringContaining(`ex1 (${first?.server.url}) trades`),
    ]);
    await halt();
    expect((await status()).code).toBe(0);
    second?.server.on("GET /api/emergency/status", "reset");
    const unknown = await status();
    expect([unknown.code, unknown.stdout]).toEqual([4, expect.stringContaining("unknown")]);
  });
});
