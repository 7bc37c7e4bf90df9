import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundled, start } from "../../program.ts";
import { everyWay, opened, outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

// A real process is killed at every point of its work: before each record, and before and after each word with a
// provider. The next one goes on from what is on the disk. No message is lost, and whatever arrived twice says so.

/** Four attempts with their results, and two points for each word with a provider. */
const points = 16;

const folder = mkdtempSync(join(tmpdir(), "lav-ir-kill-"));
let program = "";
beforeAll(async () => {
  program = await bundled("sender", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a text says of itself. */
const marked = (text: string): boolean => text.includes("(may be a repeat)");

async function killedAt(point: number, providers: Providers, state: string) {
  await write(state, [opened, ...everyWay]);
  return start(program, [state, JSON.stringify(providers.urls), String(point)]).ended;
}

describe("a sender killed at a point is followed by one that loses nothing and repeats nothing unmarked", () => {
  test.each(Array.from({ length: points }, (_none, index) => index + 1))("point %i", async (point) => {
    await using providers = await Providers.start();
    const state = join(folder, `state-${point}`);
    const killed = await killedAt(point, providers, state);
    expect(killed).toMatchObject({ signal: "SIGKILL", stderr: "" });
    expect(await sendAll(state, providers)).toEqual([]);

    const { messages } = outboxIn(state);
    expect(messages.map(({ state: one }) => one.state)).toEqual(messages.map(() => "accepted"));
    const texts = [
      ...providers.slack.posts.map(({ text }) => text),
      ...providers.twilio.messages.map(({ body }) => body),
    ];
    for (const { tag, channel } of messages) {
      if (channel === "on-call") continue;
      const copies = texts.filter((text) => text.includes(tag));
      expect(copies).not.toEqual([]);
      expect(copies.slice(1).every(marked)).toBe(true);
    }
    // Its key makes one of two: nobody was notified twice.
    expect(providers.duty.incidents.map(({ notified }) => notified)).toEqual([1]);
  });

  test("there are no more points", async () => {
    await using providers = await Providers.start();
    const whole = await killedAt(points + 1, providers, join(folder, "whole"));
    expect(whole).toEqual({ code: 0, signal: null, stderr: "" });
  });
});
