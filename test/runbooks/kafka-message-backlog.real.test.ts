import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKafka } from "../../src/drivers/kafka/kafka.ts";
import type { GroupLag, Kafka, TopicSetting } from "../../src/ports/kafka.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { enter } from "../cli/screen.ts";
import { Operator, type Line, type Ran } from "./operator.ts";
import { soon } from "../patience.ts";

const group = "market-sentinel-group";
const topic = "market-regime";

let stack: Stack;
let operator: Operator;
let kafka: Kafka;

beforeAll(async () => {
  stack = await sharedStack();
  kafka = createKafka({ brokers: stack.env["KAFKA_BROKERS"] ?? "" });
});
beforeEach(async () => {
  await stack.reset();
  await operator?.[Symbol.asyncDispose]();
  operator = new Operator(stack);
  // No other group is behind. What was never committed has no lag: this one has read something on every partition.
  await stack.quiet();
});
afterAll(async () => await operator?.[Symbol.asyncDispose]());

const run = (...more: readonly string[]): Promise<Ran> =>
  operator.lavIr("run", operator.paced("kafka-message-backlog"), "--json", "--param", "settle=2s", ...more);

/** The same where some rungs do not help: how long they are given to do so matters to nobody. */
const runQuickly = (...more: readonly string[]): Promise<Ran> => {
  const within = { "findings: all, within: 10s": "findings: all, within: 1s" };
  const book = operator.paced("kafka-message-backlog", within);
  return operator.lavIr("run", book, "--json", "--param", "settle=2s", ...more);
};

async function groupNow(): Promise<GroupLag> {
  const found = await kafka.lag([group], soon());
  const [only] = found.ok ? found.value : [];
  if (only === undefined) throw new Error("the group cannot be read");
  return only;
}

async function behind(): Promise<number> {
  const { partitions } = await groupNow();
  return partitions.reduce((sum, { lag = 0n }) => sum + Number(lag), 0);
}

/** The group is exactly so far behind, and stays so. */
async function backlog(lag: number): Promise<void> {
  await stack.fault("market-sentinel", { fault: "backlog", until: "cleared", produce: 0, consume: 0 });
  await stack.admin("market-sentinel", "/admin/backlog", { lag });
}

async function setting(name: string): Promise<string | undefined> {
  const found = await kafka.settings(topic, soon());
  return found.ok ? found.value.find((one) => one.name === name)?.value : undefined;
}

/** Every setting of the topic, and whether it is the topic's own. */
async function settings(): Promise<readonly TopicSetting[]> {
  const found = await kafka.settings(topic, soon());
  if (!found.ok) throw new Error("the topic's settings cannot be read");
  return found.value;
}

/** What the group has committed, on every partition it knows. */
async function committed(): Promise<unknown> {
  return (await groupNow()).partitions.map(({ topic: on, partition, committed: at }) => [
    on,
    partition,
    String(at),
  ]);
}

async function members(): Promise<number> {
  const all = await stack.containers();
  return all.filter((one) => one.service === "market-sentinel" && one.state === "running").length;
}

const digestIn = (lines: readonly Line[]): string =>
  String(lines.findLast((line) => line.type === "preview")?.["approve"]);

const previewOf = (lines: readonly Line[], step: string): readonly string[] =>
  (lines.findLast((line) => line.type === "preview" && line["step"] === step)?.["lines"] ?? []) as string[];

const undoOf = (lines: readonly Line[], step: string): string =>
  String(lines.find((line) => line.type === "undo" && line["step"] === step)?.["path"]);

describe("kafka-message-backlog on the real stack", () => {
  it("finds nothing wrong and changes nothing on a healthy platform", async () => {
    const { outcome } = await operator.lavIr("run", "kafka-message-backlog", "--json", "--yes");
    expect(outcome).toMatchObject({ outcome: "healthy", exit_code: 0 });
    expect(await members()).toBe(1);
  });

  it("scales the one service to as many as the topic has partitions, and the lag goes", async () => {
    await backlog(3000);
    const others = (await stack.containers()).filter(({ service }) => service !== "market-sentinel");
    const book = operator.paced("kafka-message-backlog");
    const begun = operator.begin("run", book, "--json", "--param", "settle=2s", "--yes");
    await begun.ends("scale");
    // What one member takes would be in time as well: nothing is taken before there are three.
    await stack.fault("market-sentinel", { fault: "backlog", until: "cleared", produce: 0, consume: 200 });
    const { outcome, lines } = await begun.ended;
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "scale" });
    expect(await members()).toBe(3);
    expect((await groupNow()).clients.map(({ assigned }) => assigned.length)).toEqual([1, 1, 1]);
    const after = (await stack.containers()).filter(({ service }) => service !== "market-sentinel");
    expect(after.map(({ id }) => id).toSorted()).toEqual(others.map(({ id }) => id).toSorted());
    const undone = await operator.lavIr("run", undoOf(lines, "scale"), "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await members()).toBe(1);
  });

  it("does not scale past the topic's partitions, and deletes only what every group has read", async () => {
    await backlog(1200);
    const first = await runQuickly("--yes", "--param", "replicas=4");
    expect(first.lines.find((line) => line.type === "finding" && line["step"] === "lag")).toMatchObject({
      outcome: "failed",
      sentence: expect.stringContaining(
        "1200 messages behind in all (+0 since the first look), 400 on one partition",
      ) as string,
    });
    const rung = first.lines.find(({ type }) => type === "rung.finished");
    expect(rung).toMatchObject({ rung: "scale", outcome: "skipped" });
    expect(first.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(await members()).toBe(1);
    const approve = ["--approve", digestIn(first.lines)];
    const second = await runQuickly("--yes", "--rung", "delete-read", ...approve);
    expect(second.lines.find(({ type }) => type === "rung.finished")).toMatchObject({
      rung: "delete-read",
      outcome: "persist",
    });
    const starts = await kafka.offsets(topic, "start", soon());
    if (!starts.ok) throw new Error("the topic cannot be read");
    // Nothing is read meanwhile: what was deleted is what the group has read, to the message.
    const read = (await groupNow()).partitions.map(({ partition, committed: at }) => [partition, at]);
    expect(read).toHaveLength(3);
    expect(read.map(([partition]) => [partition, starts.value.get(Number(partition))])).toEqual(read);
    expect(await behind()).toBe(1200);
  });

  it("lowers the retention only when told what nobody has read, keeps every other setting, and undoes it", async () => {
    await backlog(1200);
    const before = await settings();
    const given = ["--rung", "retention", "--param", "retention=1m"];
    const first = await runQuickly("--yes", ...given);
    expect(first.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    const lines = previewOf(first.lines, "retention").join("\n");
    expect(lines).toMatch(/86400000 \(1d\) → 60000 \(1m\)/);
    expect(lines).toMatch(/^deletes up to \d+ messages? of topic market-regime, for good$/m);
    expect(lines).toMatch(/market-sentinel-group/);
    const second = await runQuickly("--yes", ...given, "--approve", digestIn(first.lines));
    expect(await setting("retention.ms")).toBe("60000");
    const others = (all: readonly TopicSetting[]) => all.filter(({ name }) => name !== "retention.ms");
    expect(others(await settings())).toEqual(others(before));
    const path = undoOf(second.lines, "retention");
    expect((await operator.lavIr("run", path, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    expect(await settings()).toEqual(before);
  });

  it("skips to the newest once that is agreed to, and runs as many consumers as before; its undo is the same back", async () => {
    await backlog(1200);
    const two = operator.step("service.scale: { service: market-sentinel, replicas: 2 }");
    expect((await operator.lavIr("run", two, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    await expect.poll(async () => (await groupNow()).members).toBe(2);
    await stack.settled();
    const old = await committed();
    const given = ["--rung", "skip"] as const;
    const first = await run("--yes", ...given);
    expect(first.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(previewOf(first.lines, "skip")).toEqual([
      "group market-sentinel-group skips 1200 unread messages on 3 partitions",
      expect.stringMatching(
        /^stops 2 instances of service market-sentinel of .* first, and starts as many again afterwards$/,
      ),
    ]);
    // Nobody agreed, so nothing was stopped.
    expect([await members(), await committed()]).toEqual([2, old]);
    const second = await run("--yes", ...given, "--approve", digestIn(first.lines));
    expect(second.outcome).toMatchObject({ outcome: "resolved", rung: "skip" });
    expect(await members()).toBe(2);
    expect(await committed()).not.toEqual(old);
    // Without consumers the offsets stay where they are put.
    const none = operator.step("service.scale: { service: market-sentinel, replicas: 0 }");
    expect((await operator.lavIr("run", none, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    const undo = undoOf(second.lines, "skip");
    const asked = await operator.lavIr("run", undo, "--json");
    const back = await operator.lavIr("run", undo, "--json", "--approve", digestIn(asked.lines));
    expect(back.outcome).toMatchObject({ outcome: "completed" });
    expect([await members(), await committed()]).toEqual([0, old]);
  });

  it("does not scale a service with a fixed port, says why, and touches nothing", async () => {
    const before = (await stack.containers()).map(({ id, state }) => [id, state]);
    const { outcome, lines } = await operator.lavIr(
      "run",
      operator.step("service.scale: { service: gateway, replicas: 2 }"),
      "--json",
      "--yes",
    );
    expect(outcome).toMatchObject({ outcome: "failed", exit_code: 1 });
    expect(lines.find(({ type }) => type === "step.finished")).toMatchObject({
      failure: {
        code: "CANNOT_SCALE",
        message: expect.stringMatching(/fixed host port \d+.*, which 2 instances cannot share/) as string,
        effect: "none",
      },
    });
    expect((await stack.containers()).map(({ id, state }) => [id, state])).toEqual(before);
  });

  it("at a terminal: a rung that does not help leads to the next, and when none does that is said, with exit 1", async () => {
    await backlog(1200);
    const book = operator.paced("kafka-message-backlog", {
      "every: 1s, within: 30s": "every: 500ms, within: 2s",
      "findings: all, within: 10s": "findings: all, within: 1s",
      // Skipped to the newest nobody is behind, until the consumers are back: that has to be within the hold.
      'within: 60s, every: 2s, hold: "${params.settle}"': "within: 20s, every: 1s, hold: 5m",
    });
    const terminal = operator.screen("run", book, "--param", "replicas=2");
    await terminal.shows(/1 instance now, 2 then[^]*Do it\?/);
    terminal.type(`y${enter}`);
    await terminal.shows("Type market-regime to do it");
    expect(terminal.text()).toMatch(/scale: .*The lag falls/);
    terminal.type(`market-regime${enter}`);
    await terminal.shows(/delete-read: not enough[^]*Type market-regime to do it/);
    expect(terminal.text()).toContain("retention.ms");
    terminal.type(`market-regime${enter}`);
    await terminal.shows(/Type market-sentinel-group to do it/);
    expect(await behind()).toBe(1200);
    terminal.type(`market-sentinel-group${enter}`);
    // Skipped to the newest nobody is behind. They are again at once: what is to come is not read either.
    await expect.poll(behind).toBe(0);
    await expect.poll(backlogAgain).toBe(1300);
    const { code, text } = await terminal.ended;
    expect(code).toBe(1);
    expect(text).toMatch(/exhausted after \S+: .*lag/);
  });
});

/** What the consumers are behind once they are back; nothing while they are not. */
async function backlogAgain(): Promise<unknown> {
  const again = stack.admin("market-sentinel", "/admin/backlog", { lag: 1300 });
  return await again.then(
    ({ lag }) => lag,
    () => undefined,
  );
}
