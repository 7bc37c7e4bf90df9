import { describe, expect, test } from "vitest";
import { fail, ok, type Result } from "../../src/base/result.ts";
import { withDeadline } from "../../src/run/deadline.ts";

const quiet = new AbortController().signal;
const deadline = { within: 20, target: "x", doing: "looking", signal: quiet };
const aborted = async (signal: AbortSignal) =>
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

describe("a call under its deadline", () => {
  test("that comes back in time is what it is", async () => {
    expect(await withDeadline(deadline, async () => await Promise.resolve(ok(7)))).toEqual(ok(7));
    const refused = fail({ type: "denied", target: "x", message: "no" } as const);
    expect(await withDeadline(deadline, async () => await Promise.resolve(refused))).toEqual(refused);
  });

  test("has its signal fired at the deadline, and is a timeout with its own word on the effect", async () => {
    const run = async (signal: AbortSignal): Promise<Result<never>> => {
      await aborted(signal);
      return fail({ type: "interrupted", target: "x", message: "the driver's words", effect: "none" });
    };
    expect(await withDeadline(deadline, run)).toEqual(
      fail({ type: "timeout", target: "x", after: 20, doing: "looking", effect: "none" }),
    );
  });

  test("that came back whole just as the time ran out is worth more than the clock", async () => {
    const run = async (signal: AbortSignal) => {
      await aborted(signal);
      return ok(7);
    };
    expect(await withDeadline(deadline, run)).toEqual(ok(7));
  });

  test("that does not listen is left behind", async () => {
    const ended = await withDeadline(deadline, async () => await new Promise<Result<number>>(() => {}));
    expect(ended).toEqual(fail({ type: "timeout", target: "x", after: 20, doing: "looking" }));
  });

  test("that is interrupted says why, before it began as well", async () => {
    const run = async (signal: AbortSignal): Promise<Result<never>> => {
      if (!signal.aborted) await aborted(signal);
      return fail({ type: "timeout", target: "x", after: 1, doing: "" });
    };
    const controller = new AbortController();
    const running = withDeadline({ ...deadline, within: 60_000, signal: controller.signal }, run);
    controller.abort("the run's deadline was over");
    const failure = {
      type: "interrupted",
      target: "x",
      message: "the run's deadline was over while looking",
    };
    expect(await running).toEqual(fail(failure));
    expect(await withDeadline({ ...deadline, signal: controller.signal }, run)).toEqual(fail(failure));
    const plain = withDeadline({ ...deadline, signal: AbortSignal.abort() }, run);
    expect(await plain).toMatchObject({ failure: { message: "interrupted while looking" } });
  });
});
