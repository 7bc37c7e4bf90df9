import { expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { Evidence } from "../../../src/ports/ports.ts";
import { snapshotTake } from "../../../src/kinds/basic/snapshot-take.ts";
import { context, where } from "../context.ts";

const sealed = { snapshot: "s", path: "/s.tar.gz", sha256: "ab", bytes: 7, custody: "cd" } as const;

/** Evidence that says this when it is asked for everything. */
function evidence(take: Evidence["take"]): Evidence {
  return {
    before: () => {
      throw new Error("nobody asks for it");
    },
    take,
  };
}

test("hands on what was sealed; one with parts missing is one, and says which", async () => {
  const asked: number[] = [];
  const missing = ["redis.state: all of it: it is gone"];
  const port = evidence((since) => {
    asked.push(since);
    return Promise.resolve(ok({ ...sealed, verdict: "partial", missing }));
  });
  const taken = await snapshotTake.execute({ since: 600_000 }, context({ evidence: port }));
  const outputs = { path: "/s.tar.gz", sha256: "ab", size: 7, complete: false, missing };
  expect([asked, taken]).toEqual([[600_000], ok(outputs)]);
});

test("one that is not sealed fails, and so does a place where none can be taken", async () => {
  const refused = fail({ type: "rejected", target: "/out", message: "the disk is full" } as const);
  const port = evidence(() => Promise.resolve(refused));
  expect(await snapshotTake.execute({ since: 1000 }, context({ evidence: port }))).toEqual(refused);
  const nowhere = { ...context({}), ports: {} } as ReturnType<typeof context>;
  expect(await snapshotTake.execute({ since: 1000 }, nowhere)).toMatchObject({
    failure: { message: "no snapshot can be taken here" },
  });
});

test("in words", () => {
  expect(snapshotTake.plan({ since: 900_000 }, where)).toContain("logs of the last 15m");
  expect(snapshotTake.byHand({ since: 900_000 }, where)).toBe("lav-ir snapshot --since 15m");
});
