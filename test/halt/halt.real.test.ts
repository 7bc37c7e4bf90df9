import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ctrlC, Screen } from "../cli/screen.ts";
import { pauseContainer } from "../../sandbox/docker.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { randomHalts } from "./random.ts";
import { Halter, ordersSince, post, tradingAgain, type HaltRan } from "./world.ts";

let stack: Stack;
let halter: Halter;

beforeAll(async () => {
  stack = await sharedStack();
  await stack.reset();
  halter = new Halter(stack);
});
beforeEach(async () => {
  await tradingAgain(stack, 20);
});
afterAll(async () => {
  await halter[Symbol.asyncDispose]();
  await stack.reset();
});

interface Proof {
  readonly read_at: string;
  readonly trading: readonly string[];
  readonly unknown: readonly string[];
  readonly exceptions: readonly string[];
  readonly unheard: readonly string[];
}

function proofOf({ finished, stderr }: HaltRan): Proof {
  if (finished === undefined) throw new Error(`no receipt: ${stderr}`);
  return finished["proof"] as Proof;
}

/** Orders that the venues took in the second after the proof. */
async function takenAfter(ran: HaltRan): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await ordersSince(stack, Date.parse(proofOf(ran).read_at))).length;
}

/** Those on record here. */
function halts(): readonly string[] {
  const folder = join(halter.state, "halts");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The first word of a receipt. */
function outcomeIn(halt: string): string | undefined {
  return /^\w+/.exec(readFileSync(join(halter.state, "halts", halt, "receipt.txt"), "utf8"))?.[0];
}

async function pause(service: string): Promise<void> {
  const found = (await stack.containers()).find((one) => one.service === service);
  await pauseContainer(stack.state.dockerHost, found?.id ?? "");
}

describe("halt-all on the real stack, orders flowing", () => {
  it("is PROVEN, with orders refused since and none taken; again it is the same halt", async () => {
    const first = await halter.halt();
    expect([first.code, await takenAfter(first)]).toEqual([0, 0]);
    const again = await halter.halt();
    expect([again.code, again.finished?.["halts"]]).toEqual([0, first.finished?.["halts"]]);
    expect(Number((proofOf(again) as Proof & { refused: number }).refused)).toBeGreaterThan(0);
  });

  it("closes the venues on an instance that says it is halted and trades on", async () => {
    await stack.fault("executioner", { fault: "deaf", until: "cleared", instance: 2 });
    const ran = await halter.halt();
    expect([ran.code, await takenAfter(ran)], JSON.stringify(ran.finished?.["proof"])).toEqual([0, 0]);
    expect(ran.lines.filter(({ type }) => type === "halt.closed").length).toBe(6);
  });

  it("names the instance that trades where the venues cannot be closed", async () => {
    await stack.fault("executioner", { fault: "deaf", until: "cleared", instance: 2, honest: true });
    await stack.fault("venues", { fault: "venue-down", until: "cleared", venues: ["ATLAS"] });
    const ran = await halter.halt();
    expect(ran.code).toBe(1);
    expect(proofOf(ran).trading.join("\n")).toContain(stack.url("executioner", 2));
    expect(proofOf(ran).unknown.join("\n")).toContain("ATLAS");
  });

  it("halts an instance that the platform file does not have", async () => {
    const text = readFileSync(stack.platformFile, "utf8");
    const [one] = [stack.url("executioner", 1)];
    const file = join(halter.state, "platform.yaml");
    writeFileSync(
      file,
      text
        .replace(/instances:\n(?:\s+- \S+\n)+/, `instances: [${one}]\n`)
        .replace("compose.yaml", join(stack.folder, "compose.yaml")),
    );
    const ran = await halter.halt({ args: ["--yes", "--config", file] });
    expect([ran.code, await takenAfter(ran)]).toEqual([0, 0]);
    expect(JSON.stringify(ran.finished?.["sent"])).toContain('"found":"label"');
  });

  it("waits for neither the database nor Kafka, and says that it did not hear them", async () => {
    await pause("postgres");
    await pause("kafka");
    const ran = await halter.halt();
    expect(ran.code).toBe(0);
    expect(proofOf(ran).unheard.join("\n")).toMatch(
      /the topics: [^]*the orders table: |the orders table: [^]*the topics: /,
    );
  });

  it("by two operators at once is one halt to both, and one receipt each", async () => {
    const before = new Set(halts());
    const [one, two] = await Promise.all([halter.halt(), halter.halt()]);
    expect([one.code, two.code, await takenAfter(one), await takenAfter(two)]).toEqual([0, 0, 0, 0]);
    expect(one.finished?.["halts"]).toEqual(two.finished?.["halts"]);
    const kept = halts().filter((name) => !before.has(name));
    expect(kept.map((name) => outcomeIn(name))).toEqual(["PROVEN", "PROVEN"]);
  });

  it("interrupted at the terminal says what was sent and pretends nothing; again it is finished", async () => {
    await stack.fault("venues", { fault: "hang", until: "cleared" });
    const before = new Set(halts());
    using screen = new Screen(halter, ["halt-all", "--reason", "a test", "--yes"], { columns: 160 });
    await screen.shows("halt sent to 2 instances");
    await screen.shows("not enough:");
    screen.type(ctrlC);
    const { code, text } = await screen.ended;
    expect([code, text]).toEqual([130, expect.stringContaining("the halt was sent, but the proof is not")]);
    expect(text).toContain("UNKNOWN: it is NOT known whether trading is halted");
    expect(text).not.toContain("PROVEN");
    const [kept = ""] = halts().filter((name) => !before.has(name));
    expect(outcomeIn(kept)).toBe("UNKNOWN");
    await stack.clear("venues");
    const again = await halter.halt();
    expect([again.code, await takenAfter(again)]).toEqual([0, 0]);
  });

  it("with a wrong token halts nothing, says so, and how to get another", async () => {
    const ran = await halter.halt({ env: { EMERGENCY_TOKEN: "wrong" } });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("the token was refused");
    expect(proofOf(ran).trading.length).toBeGreaterThanOrEqual(2);
  });

  it("covers one venue, and leaves the others trading", async () => {
    const ran = await halter.halt({ args: ["--yes", "--scope", "venue:ATLAS"] });
    expect(ran.code).toBe(0);
    await expect
      .poll(async () => (await ordersSince(stack, Date.parse(proofOf(ran).read_at))).length)
      .toBeGreaterThan(3);
    expect(
      (await ordersSince(stack, Date.parse(proofOf(ran).read_at))).filter(({ venue }) => venue === "ATLAS"),
    ).toEqual([]);
  });

  it("is what a step that requires it waits for", async () => {
    const url = `${stack.url("gateway")}/api/generator`;
    const step = `{ id: set, requires: [trading-halted], http.post: { url: "${url}", json: { rate: 20 } } }`;
    const book = join(halter.state, "needs.yaml");
    writeFileSync(book, `runbook: needs\nsteps:\n  - ${step}\n`);
    const refused = await halter.run(["run", book, "--yes"]);
    expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining("lav-ir halt-all")]);
    expect((await halter.run(["run", book, "--yes", "--override", "trading-halted=a drill"])).code).toBe(0);
    expect((await halter.halt()).code).toBe(0);
    expect((await halter.run(["run", book, "--yes"])).code).toBe(0);
    await post(url, { rate: 20 });
  });

  it("takes no order after PROVEN, whatever goes wrong at random", async () => {
    const tally = await randomHalts(stack, 3, 20_261, () => {});
    expect([tally.runs, tally.broken]).toEqual([3, []]);
  });
});
