import { writeFileSync } from "node:fs";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  checkBreaches,
  checkFirings,
  checkMessages,
  checkRecords,
  checkStatus,
} from "./simulation/checks.ts";
import { Machine } from "./simulation/machine.ts";
import { Random } from "./simulation/random.ts";
import { simulate } from "./simulation/simulate.ts";

// Whole incidents with everything that can go wrong, each of a seed that makes it again. `npm run test:soak --
// incidents N` runs as many as one likes.
//
// One process is the whole world: the sender and the commands are the real ones, on real files and real drivers, and
// the providers are the strict stand-ins on loopback. A process is killed at each point where it has to do with the
// world, by never hearing of it again; the disk is full by its word alone; time passes when everybody waits for it.
// Killed for real, by SIGKILL at each of those points, is the sender in sender-kill.test.ts.
const count = Number(process.env["LAV_TEST_INCIDENTS"] ?? 3);
/** Against what hangs: nothing here waits for a time. */
const timeout = 900_000;
let doubledInAll = 0;
const first = Number(process.env["LAV_TEST_SEED"] ?? 1);

test.each(Array.from({ length: count }, (_none, index) => first + index))(
  "incident of seed %i: nothing is lost, doubled, fired twice or missed, and every figure is right",
  { timeout },
  async (seed) => {
    const { wrong, doubled } = await simulate(seed);
    expect(wrong).toEqual([]);
    doubledInAll += doubled;
  },
);
// A few may have none, and then say nothing of the mark.
if (count >= 20)
  test("some messages of these incidents arrived more than once", () => {
    expect(doubledInAll).toBeGreaterThan(0);
  });

describe("the checks say what is wrong", () => {
  const weather = { steps: false, late: 0 };
  let machine: Machine;
  let restore = (): void => {};
  beforeAll(async () => {
    machine = await Machine.start(new Random(1), Date.parse("2026-11-30T09:42:00.000Z"), () => 5000);
    const flags = { security: false, drill: false, mine: false };
    await machine.declare({ severity: "P0", impact: "x", affects: [], ...flags });
    await machine.pass(20 * 60_000);
    expect(await found()).toEqual([]);
    const { slack, duty } = machine.channels;
    const [journal, posts, incidents] = [machine.read(), [...slack.posts], [...duty.incidents]];
    restore = () => {
      writeFileSync(machine.journal, journal);
      listOf(slack.posts).splice(0, Infinity, ...posts);
      listOf(duty.incidents).splice(0, Infinity, ...incidents);
    };
  }, timeout);
  afterEach(() => restore());
  afterAll(async () => await machine[Symbol.asyncDispose]());

  /** What only its owner changes. */
  const listOf = (list: readonly unknown[]): unknown[] => list as unknown[];
  const found = async () => [
    ...(await checkRecords(machine)),
    ...(await checkStatus(machine)),
    ...checkMessages(machine),
    ...checkFirings(machine, weather),
    ...checkBreaches(machine),
  ];
  /** Rewrites the journal behind everybody's back: the chain is broken, which is not what is asked here. */
  const rewrite = (change: (lines: readonly string[]) => readonly string[]): void => {
    const lines = machine.read().trimEnd().split("\n");
    writeFileSync(machine.journal, `${change(lines).join("\n")}\n`);
  };
  const dropping = (text: string) => rewrite((lines) => lines.filter((line) => !line.includes(text)));
  /** A record like the last one of these, and yet another. */
  const again = (text: string, change: (line: string) => string = (line) => line): void =>
    rewrite((lines) => [...lines, change(lines.findLast((line) => line.includes(text)) ?? "")]);

  test("a message that arrived twice without the mark", async () => {
    const { posts } = machine.channels.slack;
    listOf(posts).push(posts[0]);
    expect(await found()).toEqual([expect.stringMatching(/ arrived twice without the mark$/)]);
  });

  test("a message that nobody has", async () => {
    listOf(machine.channels.slack.posts).splice(0, Infinity);
    expect(await found()).toContainEqual(
      expect.stringMatching(/ is lost: nobody has it, and it is accepted$/),
    );
  });

  test("a message that is left", async () => {
    again('"message.queued"', (line) => line.replace(/"key":"[^"]*"/, '"key":"page/hook/new"'));
    expect(await found()).toContain("page/hook/new is left queued");
  });

  test("a page whose fate nobody looked for", async () => {
    again('"outcome":"accepted","provider_id":"SM', (line) => line.replace('"accepted"', '"unknown"'));
    expect(await found()).toContainEqual(
      expect.stringMatching(/^page\/sms\/.* is a page whose fate nobody looked for$/),
    );
  });

  test("a rotation that was notified twice, and an end that the pager does not know", async () => {
    const { incidents } = machine.channels.duty;
    listOf(incidents).push(incidents[0]);
    again('"incident.declared"', (line) => line.replace('"incident.declared"', '"incident.cancelled"'));
    expect(await found()).toEqual(
      expect.arrayContaining([
        "INC-2026-0001/P0 notified the rotation twice",
        "INC-2026-0001/P0 is still open at the pager",
      ]),
    );
  });

  test("a clock that fired twice", async () => {
    again('"clock.fired"');
    expect(await found()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^the chain is changed/),
        expect.stringMatching(/^clock .* has fired twice/),
      ]),
    );
  });

  test("a clock that fired for nothing, or too early", async () => {
    again('"clock.fired"', (line) => line.replace(/"clock":"[^"]*"/, '"clock":"rto"'));
    expect(await found()).toContainEqual(expect.stringMatching(/^clock rto P0 .* fired for nothing/));
  });

  test("a breach that nobody noticed", async () => {
    dropping('"clock":"bridge"');
    expect(await found()).toContainEqual(
      expect.stringMatching(/^clock bridge P0 1 was missed, and nobody noticed until 10:02:00/),
    );
  });

  test("a breach of a repeated clock that nobody noticed", async () => {
    dropping('"type":"clock.fired","data":{"clock":"updates"');
    expect(await found()).toContainEqual(
      expect.stringMatching(/^clock updates P0 1 was missed, and nobody noticed/),
    );
  });

  test("a record that a command claimed and nobody has", async () => {
    machine.claimed.push({ refs: ["h-1", "h-9999"], types: ["incident.declared", "incident.note"] });
    expect(await found()).toEqual(["h-9999 is not what its command recorded"]);
    machine.claimed.pop();
  });

  test("each figure of the status that is not what the records say", async () => {
    const status = await machine.status();
    const [clock, ...clocks] = status.clocks;
    const [silent, ...others] = status.silent;
    const event = (name: string) => ({ ...status.events, [name]: { ...status.events[name], at: 7 } });
    const figures: Readonly<Record<string, unknown>> = {
      severity: "P1",
      affects: ["gateway"],
      state: "resolved",
      notes: 1,
      ended: 7,
      messages: { ...status.messages, accepted: 0 },
      silent: others,
      answers: [{ person: "bob", at: 7 }],
      roles: [{ role: "commander", holders: [{ who: "ada" }] }],
      clocks,
    };
    const wrongly = async (changed: object): Promise<readonly string[]> =>
      await checkStatus(machine, { ...status, ...changed } as typeof status);
    for (const [name, figure] of Object.entries(figures))
      expect(await wrongly({ [name]: figure }), name).not.toEqual([]);
    for (const name of Object.keys(status.events).filter((one) => one !== "halted" && one !== "evidence"))
      expect(await wrongly({ events: event(name) }), name).toHaveLength(1);
    const later = { ...silent, paged: 7 };
    expect(await wrongly({ silent: [later, ...others] })).toHaveLength(1);
    const figured = status.clocks.find(({ state }) => state.is === "missed") ?? clock;
    for (const changed of [{ by: 7 }, { is: "ended" }]) {
      const state = { ...figured?.state, ...changed };
      const all = status.clocks.map((one) => (one === figured ? { ...one, state } : one));
      expect(await wrongly({ clocks: all })).toHaveLength(1);
    }
  });
});
