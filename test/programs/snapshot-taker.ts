// Takes a snapshot into a folder, saying what it is at, until it is killed or done.
import { createHmac } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { collector, request } from "../evidence/bundle/bag.ts";
import { takeSnapshot } from "../../src/evidence/capture/snapshot.ts";

const [, , out = ""] = process.argv;
const say = (what: string): void => void process.stdout.write(`${what}\n`);

const logs = (id: string): ReturnType<typeof collector> =>
  collector(
    id,
    async ({ file }) => {
      const sink = file("a.log", { kind: "text", keep: "newest", cap: 4_000_000 });
      for (let at = 0; at < 3000; at++) {
        for (let line = 0; line < 20; line++) {
          sink.write(`line ${at} ${createHmac("sha256", "x").update(`${at} ${line}`).digest("hex")}\n`);
        }
        await setImmediate();
      }
    },
    { cap: 10_000_000, deadline: 60_000 },
  );
const wanted = request(out, [logs("one"), logs("two")]);
say("capturing");
const taken = await takeSnapshot({
  ...wanted,
  progress: ({ id }) => say(`took ${id}`),
  sign: async (path, digest) => {
    say("signing");
    await setImmediate();
    return await wanted.sign(path, digest);
  },
});
say(taken.ok ? "sealed" : taken.failure.message);
