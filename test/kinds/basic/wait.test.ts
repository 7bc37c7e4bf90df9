import { expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { wait } from "../../../src/kinds/basic/wait.ts";
import { context, where } from "../context.ts";

test("time passes", async () => {
  const result = await wait.execute({ for: 30 }, context({ clock: createClock() }));
  expect(result.ok && Number(result.value["waited"])).toBeGreaterThanOrEqual(29);
});

test("the signal ends it early, and that is not a wait that is over", async () => {
  const controller = new AbortController();
  const pending = wait.execute(
    { for: 60_000 },
    context({ clock: createClock() }, { signal: controller.signal }),
  );
  controller.abort();
  expect(await pending).toMatchObject({
    ok: false,
    failure: {
      type: "interrupted",
      effect: "none",
      message: expect.stringMatching(/^the wait of 1m was interrupted/),
    },
  });
});

test("in words", () => {
  expect(wait.plan({ for: 90_000 }, where)).toBe("wait: 1m30s");
  expect(wait.plan({ for: "‹params.hold›" }, where)).toBe("wait: ‹params.hold›");
  expect(wait.byHand({ for: 1500 }, where)).toBe("sleep 1.5");
});
