import { appendFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { checkFirings, checkMessages, checkRecords, checkStatus } from "./simulation/checks.ts";
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
const first = Number(process.env["LAV_TEST_SEED"] ?? 1);

test.each(Array.from({ length: count }, (_none, index) => first + index))(
  "incident of seed %i: nothing is lost, doubled, fired twice or missed, and every figure is right",
  { timeout },
  async (seed) => {
    const { wrong } = await simulate(seed);
    expect(wrong).toEqual([]);
  },
);

test("the checks find what is wrong", { timeout }, async () => {
  await using machine = await Machine.start(
    new Random(1),
    Date.parse("2026-11-30T09:42:00.000Z"),
    () => 5000,
  );
  const declared = {
    severity: "P0",
    impact: "x",
    affects: [],
    security: false,
    drill: false,
    mine: false,
  } as const;
  await machine.declare(declared);
  await machine.pass(20 * 60_000);
  const weather = { steps: false, late: 0 };
  const found = async () => [
    ...(await checkRecords(machine)),
    ...(await checkStatus(machine)),
    ...checkMessages(machine),
    ...checkFirings(machine, weather),
  ];
  expect(await found()).toEqual([]);

  const { posts } = machine.channels.slack as unknown as { posts: unknown[] };
  const [post] = posts;
  posts.push(post);
  expect(await found()).toEqual([expect.stringMatching(/arrived twice without the mark$/)]);
  posts.splice(0, posts.length);
  expect(await found()).toContainEqual(expect.stringMatching(/is lost: nobody has it, and it is accepted$/));
  posts.push(post);

  const lines = machine.read().split("\n");
  appendFileSync(machine.journal, `${lines.find((line) => line.includes('"clock.fired"')) ?? ""}\n`);
  expect(await found()).toContainEqual(expect.stringMatching(/^the chain is changed/));
  expect(await found()).toContainEqual(
    expect.stringMatching(/^clock answered P0 1, its 1\. has fired twice/),
  );
});
