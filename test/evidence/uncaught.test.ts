import { EventEmitter } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { walkBundle } from "../../src/evidence/bundle/bundle.ts";
import { Contents } from "../../src/evidence/bundle/contents.ts";
import type { CollectorRow } from "../../src/evidence/bundle/rows.ts";
import { takeSnapshot } from "../../src/evidence/capture/snapshot.ts";
import { tcp } from "../drivers/loopback.ts";
import { temporaryFolder } from "../program.ts";
import { collector, request } from "./bundle/bag.ts";

// faults 0.11: a capture seals what it has, whatever is thrown, wherever. What nobody caught is heard here instead of
// by the test runner, as the program's own entry hears it.
const events = ["uncaughtException", "unhandledRejection"] as const;
type Listener = (...args: unknown[]) => void;
const others = new Map<string, readonly Listener[]>();
const blamed = new Set<(error: unknown) => boolean>();
const bugs: unknown[] = [];
const hear = (error: unknown): void => {
  if (![...blamed].some((blame) => blame(error))) bugs.push(error);
};
beforeEach(() => {
  for (const event of events) {
    others.set(event, process.listeners(event as "exit") as unknown as Listener[]);
    process.removeAllListeners(event);
    process.on(event, hear);
  }
});
afterEach(() => {
  for (const event of events) {
    process.off(event, hear);
    for (const listener of others.get(event) ?? []) process.on(event, listener as never);
  }
  expect(bugs.splice(0)).toEqual([]);
  expect(blamed.size).toBe(0);
});

const never = (): Promise<void> => new Promise(() => {});
const boom = (): never => {
  throw new Error("out of nowhere");
};

const throws: Readonly<Record<string, () => Promise<void>>> = {
  "at once": boom,
  "in its promise": async () => await Promise.reject(new Error("out of nowhere")),
  "in a timer": async () => {
    setTimeout(boom, 1);
    await never();
  },
  "in a turn of its own": async () => {
    setImmediate(boom);
    await never();
  },
  "in a promise that nobody waits for": async () => {
    void (async () => {
      await Promise.resolve();
      boom();
    })();
    await never();
  },
  "as the error of an emitter without a listener": async () => {
    setTimeout(() => new EventEmitter().emit("error", new Error("out of nowhere")), 1);
    await never();
  },
  "out of a socket's data": async () => {
    const server = await tcp((socket) => socket.end("x"));
    const socket = connect(server.port, "127.0.0.1");
    socket.on("data", boom);
    socket.on("close", () => void server[Symbol.asyncDispose]());
    await never();
  },
  "what is no error": async () => {
    setTimeout(() => {
      throw "out of nowhere" as unknown;
    }, 1);
    await never();
  },
};

test.each(Object.entries(throws))(
  "faults 0.11: a collector throws %s: its row is error, the rest is sealed",
  async (_how, work) => {
    const heard: unknown[] = [];
    const taken = await takeSnapshot({
      ...request(temporaryFolder(), [
        collector("bad", async ({ file }) => {
          file("a.log", { kind: "text", keep: "newest" }).write("what it had\n");
          await work();
        }),
        collector("good", async ({ file }) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          file("b.log", { kind: "text", keep: "newest" }).write("all of it\n");
        }),
      ]),
      uncaught: (blame) => {
        const asked = (error: unknown): boolean => {
          heard.push(error);
          return blame(error);
        };
        blamed.add(asked);
        return () => void blamed.delete(asked);
      },
    });
    if (!taken.ok) throw new Error(taken.failure.message);
    const contents = new Contents(() => true);
    expect((await walkBundle(taken.value.sealed.path, contents)).ok).toBe(true);
    const rows = contents.rows<CollectorRow>("collectors.jsonl");
    expect(rows.map(({ id, status }) => `${id} ${status}`)).toEqual(["bad error", "good ok"]);
    expect(rows[0]?.why).toMatch(/a bug: .*out of nowhere/);
    expect([contents.texts.get("data/bad/a.log"), contents.texts.get("data/good/b.log")]).toEqual([
      "what it had\n",
      "all of it\n",
    ]);
    expect(taken.value.snapshot.verdict).toBe("partial");
  },
);

test("faults 0.11: what is thrown elsewhere is no collector's", async () => {
  setTimeout(boom, 5);
  const taken = await takeSnapshot({
    ...request(temporaryFolder(), [
      collector("good", async () => await new Promise((resolve) => setTimeout(resolve, 50))),
    ]),
    uncaught: (blame) => {
      blamed.add(blame);
      return () => void blamed.delete(blame);
    },
  });
  expect([taken.ok, bugs.splice(0).map(String)]).toEqual([true, ["Error: out of nowhere"]]);
});
