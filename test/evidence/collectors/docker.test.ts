import { composeEvidence } from "../../../src/drivers/compose/evidence.ts";
import { expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { EngineReader } from "../../../src/ports/evidence.ts";
import {
  dockerContainers,
  dockerEngine,
  dockerEvents,
  dockerStats,
} from "../../../src/evidence/collectors/docker.ts";
import { containerLogs } from "../../../src/evidence/collectors/logs.ts";
import { findings, gathered, missing } from "./context.ts";

const target = "unix:///engine";
const rejected = fail({ type: "rejected", target, code: "500", message: "it broke" } as const);
const gone = fail({ type: "missing", target, message: "no such container" } as const);

/** An engine that knows these paths, and fails at every other one. */
function engine(replies: Readonly<Record<string, unknown>>, more: Partial<EngineReader> = {}): EngineReader {
  return {
    target,
    json: (path) => {
      const [found] = Object.entries(replies).filter(([known]) => path.startsWith(known));
      return Promise.resolve(found === undefined ? rejected : found[1] === gone ? gone : ok(found[1]));
    },
    stream: () => Promise.resolve(rejected),
    logs: () => Promise.resolve(rejected),
    ...more,
  };
}

const listed = [
  { Id: "a", Names: ["/gateway-1"], State: "running", Labels: { "com.docker.compose.service": "gateway" } },
  { Id: "b", Names: ["/warden-1"], State: "exited", Labels: { "com.docker.compose.service": "warden" } },
];

test("how containers ended, and that one is paused, is seen first", async () => {
  const state = (State: object) => ({ Config: { Env: ["DSN=x"] }, State });
  const taken = await gathered(
    dockerContainers(
      engine({
        "/containers/json": listed,
        "/containers/a/": state({ Status: "paused", StartedAt: "2026-01-01T00:00:00Z" }),
        "/containers/b/": state({
          Status: "exited",
          ExitCode: 137,
          OOMKilled: true,
          StartedAt: "0001-01-01T00:00:00Z",
        }),
      }),
    ),
  );
  expect(findings(taken).toSorted()).toEqual([
    "container gateway-1 is paused",
    "container warden-1 exited with code 137",
    "container warden-1 was OOM-killed",
  ]);
  expect(taken.facts.filter(({ type }) => type === "event")).toMatchObject([
    { text: "container gateway-1 started" },
  ]);
  expect(taken.files["inspect/gateway-1.json"]).toContain("DSN=‹withheld›");
});

test("a container that vanishes meanwhile is no fault; one that cannot be read costs its own part", async () => {
  const taken = await gathered(
    dockerContainers(engine({ "/containers/json": listed, "/containers/a/": gone })),
  );
  expect([missing(taken), taken.failure]).toEqual([
    [`container warden-1: ${target} rejected the request (500): it broke`],
    undefined,
  ]);
});

test("statistics are of what runs; without anything that runs there is nothing to take", async () => {
  const some = await gathered(
    dockerStats(engine({ "/containers/json": listed, "/containers/a/stats": { cpu: 1 } })),
  );
  expect([Object.keys(some.files), some.collected]).toEqual([["stats/gateway-1.json"], {}]);
  const none = await gathered(dockerStats(engine({ "/containers/json": listed.slice(1) })));
  expect(none.collected).toEqual({ skipped: "no container runs" });
});

test("the engine's clock is compared, and what it does not tell is missing", async () => {
  const ahead = new Date(Date.now() + 60_000).toISOString();
  const taken = await gathered(
    dockerEngine(engine({ "/info": { SystemTime: ahead }, "/version": {}, "/networks": [] })),
  );
  const [clock] = taken.facts.filter((fact) => fact.type === "clock");
  expect(Math.abs((clock?.ahead ?? 0) - 60_000)).toBeLessThan(5000);
  expect(new Set(missing(taken))).toEqual(
    new Set(["images", "volumes"].map((part) => `${part}: ${target} rejected the request (500): it broke`)),
  );
});

test("events are kept as they come; starts, ends and ill health are moments of the timeline", async () => {
  const event = (Action: string, name = "gateway-1", more: object = {}): string =>
    `${JSON.stringify({ Type: "container", Action, timeNano: 1_770_000_000_000_000_000, Actor: { Attributes: { name, ...more } } })}\n`;
  const died = (exitCode: string): string => event("die", "gateway-1", { exitCode });
  const text = `${died("1")}${event("exec_create")}not JSON\n${event("health_status: unhealthy")}${died("0")}${event("start")}`;
  const taken = await gathered(
    dockerEvents(
      engine(
        {},
        {
          stream: (_path, _signal, onData) => {
            // Cut in the middle of a line.
            for (const part of [text.slice(0, 100), text.slice(100)]) onData(Buffer.from(part));
            return Promise.resolve(ok(undefined));
          },
        },
      ),
    ),
  );
  expect(taken.files["events.jsonl"]).toBe(text);
  expect(taken.facts.map((fact) => (fact.type === "event" ? [fact.text, fact.severity] : []))).toEqual([
    ["container gateway-1: die (1)", "error"],
    ["container gateway-1: health_status: unhealthy", "error"],
    ["container gateway-1: die (0)", "warning"],
    ["container gateway-1: start", undefined],
  ]);
});

const runner = composeEvidence({
  engine: { host: "" },
  services: { api: "gateway" },
  project: "lav",
  files: [],
  program: ["docker-compose"],
});

test("logs are of the named services alone, each stream's line as one; what was cut is said", async () => {
  const asked: string[] = [];
  const reader = engine(
    { "/containers/json": listed },
    {
      logs: (container, _window, _signal, onLine) => {
        asked.push(container);
        onLine({ stream: "stdout", stamp: "2026-01-01T00:00:00Z", text: "one" });
        onLine({ stream: "stderr", stamp: undefined, text: "two" });
        return Promise.resolve(ok({ cut: true }));
      },
    },
  );
  const taken = await gathered(containerLogs(reader, runner, ["api"]));
  expect([asked, taken.files]).toEqual([
    ["a"],
    { "gateway-1.log": "2026-01-01T00:00:00Z stdout one\n- stderr two\n" },
  ]);
  expect(missing(taken)).toEqual(["the ends of long lines of gateway-1: of one line, 64 kB are kept"]);
  const nothing = await gathered(containerLogs(engine({ "/containers/json": [] }), runner));
  expect(nothing.collected).toEqual({ skipped: "project lav has no container" });
});
