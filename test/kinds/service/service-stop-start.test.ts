import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/base/json.ts";
import { effectOf, type Failure } from "../../../src/base/failure.ts";
import { fail, ok, type Result } from "../../../src/base/result.ts";
import { serviceStart } from "../../../src/kinds/service/service-start.ts";
import { serviceStop } from "../../../src/kinds/service/service-stop.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import type { Clock, Instance, ServiceChoice, Services } from "../../../src/ports/ports.ts";
import { args, context, where } from "../context.ts";

type State = Instance["state"];
type Given = Readonly<Record<string, unknown>>;

/** Instances `web-1`, `web-2`, … in these states, that stop and start as they are told. */
class Runner {
  instances: Instance[];
  readonly asked: ServiceChoice[] = [];
  /** What an instance that is started comes to, instead of running. */
  becomes: Partial<Instance> = { state: "running" };
  refuses: Failure | undefined;
  #starts = 0;

  constructor(...states: readonly State[]) {
    this.instances = states.map((state, index) => ({
      id: `id${index + 1}`,
      name: `web-${index + 1}`,
      number: index + 1,
      state,
      health: "none",
      exitCode: state === "exited" ? 137 : undefined,
      oomKilled: false,
      restarts: 0,
      startedAt: new Date(0),
      finishedAt: undefined,
      image: "web",
      volumes: [],
      hostPorts: [],
      limit: undefined,
    }));
  }

  get services(): Services {
    const none = () => Promise.reject(new Error("none"));
    const act = (choice: ServiceChoice, more: () => Partial<Instance>): Promise<Result<void>> => {
      this.asked.push(choice);
      if (this.refuses !== undefined) return Promise.resolve(fail(this.refuses));
      this.instances = this.instances.map((one) =>
        (choice.only?.includes(one.name) ?? true) ? { ...one, ...more() } : one,
      );
      return Promise.resolve(ok(undefined));
    };
    return {
      ...where.services,
      inspect: async () => await Promise.resolve(ok(this.instances)),
      stop: async (choice) => await act(choice, () => ({ state: "exited", exitCode: 0 })),
      start: async (choice) =>
        await act(choice, () => ({ startedAt: new Date(++this.#starts), ...this.becomes })),
      volumes: none,
      recreate: none,
      logs: none,
      restart: none,
      drift: none,
      scale: none,
    };
  }

  states(): readonly State[] {
    return this.instances.map(({ state }) => state);
  }

  at(more: Partial<Services> = {}) {
    // A clock whose every look is a second later: what is waited for is over soon.
    let now = 0;
    const clock: Clock = { now: () => new Date(now), monotonic: () => (now += 1000), sleep: async () => {} };
    return context({ services: { ...this.services, ...more }, clock });
  }

  async previewOf(kind: Kind, given: Given): Promise<readonly string[] | string> {
    const shown = await kind.preview?.(args(kind, given), this.at());
    if (shown === undefined) throw new Error("it has no preview");
    return shown.ok ? shown.value.lines : "message" in shown.failure ? (shown.failure.message ?? "") : "?";
  }

  async recorded(kind: Kind, given: Given): Promise<Json> {
    const before = await kind.capture?.(args(kind, given), this.at());
    if (before?.ok !== true) throw new Error("it was not recorded");
    return JSON.parse(JSON.stringify(before.value)) as Json;
  }
}

function undoOf(kind: Kind, given: Given, before: Json) {
  return kind.undo.how === "steps" ? kind.undo.steps(args(kind, given), before) : "none";
}

const web = { service: "web" };

describe.each([
  [serviceStop, "running", "exited"],
  [serviceStart, "exited", "running"],
] as const)("$name", (kind, from, to) => {
  const other = kind === serviceStop ? "service.start" : "service.stop";

  test("acts on all, and its undo is the other on all", async () => {
    const runner = new Runner(from, from);
    const before = await runner.recorded(kind, web);
    expect(await kind.execute(args(kind, web), runner.at())).toMatchObject({
      ok: true,
      value: { instances: 2, containers: [{ state: to }, { state: to }] },
    });
    expect(runner.states()).toEqual([to, to]);
    expect(undoOf(kind, web, before)).toEqual([{ [other]: "web" }]);
  });

  test("so already is done, and leaves nothing to undo", async () => {
    const runner = new Runner(to);
    const before = await runner.recorded(kind, web);
    expect(await runner.previewOf(kind, web)).toEqual([
      expect.stringMatching(/already$/),
      expect.stringContaining(`web-1 (id1), ${to}`),
    ]);
    expect(await kind.execute(args(kind, web), runner.at())).toMatchObject({
      ok: true,
      value: { instances: 1, [kind === serviceStop ? "stopped" : "started"]: 0 },
    });
    expect(undoOf(kind, web, before)).toBeUndefined();
  });

  test("the undo of one that was so in part is of the others alone", async () => {
    const runner = new Runner(from, to, from);
    const before = await runner.recorded(kind, web);
    expect(undoOf(kind, web, before)).toEqual([{ [other]: { service: "web", only: ["web-1", "web-3"] } }]);
  });

  test("of some leaves the others as they are", async () => {
    const runner = new Runner(from, from);
    const given = { service: "web", only: ["web-2"] };
    const before = await runner.recorded(kind, given);
    expect(await runner.previewOf(kind, given)).toEqual([
      expect.stringContaining("1 instance of service web"),
      expect.stringContaining("web-2"),
    ]);
    expect((await kind.execute(args(kind, given), runner.at())).ok).toBe(true);
    expect(runner.states()).toEqual([from, to]);
    expect(undoOf(kind, given, before)).toEqual([{ [other]: given }]);
  });

  test("a name that it has not is no success of anything: a typo stops nothing", async () => {
    const runner = new Runner(from);
    const given = { service: "web", only: ["web-1", "wbe-2"] };
    const says = "service web of Compose project lav has no wbe-2; it has web-1";
    expect(await runner.previewOf(kind, given)).toBe(says);
    expect(await kind.execute(args(kind, given), runner.at())).toMatchObject({
      failure: { message: says, effect: "none" },
    });
    expect(runner.asked).toEqual([]);
  });

  test("after a crash: what has not begun did not happen, what is done did, and a part is unknown", async () => {
    const runner = new Runner(from, from);
    const before = await runner.recorded(kind, web);
    const happened = async () => await kind.happened?.(args(kind, web), before, new Date(0), runner.at());
    expect(await happened()).toBe("no");
    await kind.execute(args(kind, { service: "web", only: ["web-1"] }), runner.at());
    expect(await happened()).toBe("unknown");
    await kind.execute(args(kind, web), runner.at());
    expect(await happened()).toBe("yes");
    runner.instances.pop();
    expect(await happened()).toBe("unknown");
  });

  test("what the engine refuses is its failure", async () => {
    const runner = new Runner(from);
    runner.refuses = { type: "rejected", target: "x", message: "web-1: no", effect: "none" };
    expect(await kind.execute(args(kind, web), runner.at())).toMatchObject({ failure: runner.refuses });
  });

  test("both read their target in words", () => {
    const verb = kind === serviceStop ? "stop" : "start";
    expect(kind.plan({ service: "web" }, where)).toBe(
      `${kind.name}: ${verb} all instances of service web of Compose project lav`,
    );
    expect(kind.plan({ service: "web", only: ["web-1", "web-2"] }, where)).toBe(
      `${kind.name}: ${verb} web-1, web-2 of service web of Compose project lav`,
    );
  });
});

test("a paused instance, and one that is started over and over, are stopped too", async () => {
  const runner = new Runner("paused", "restarting", "dead");
  expect(await runner.previewOf(serviceStop, web)).toEqual([
    "stops 2 instances of service web of Compose project lav, and leaves them stopped",
    ...["paused", "restarting", "dead"].map((state) => expect.stringContaining(state)),
  ]);
  expect(await serviceStop.execute(args(serviceStop, web), runner.at())).toMatchObject({
    value: { stopped: 2 },
  });
});

test("a service without an instance is stopped, and cannot be started: nobody is asked for that", async () => {
  const runner = new Runner();
  expect(await serviceStop.execute(args(serviceStop, web), runner.at())).toMatchObject({
    value: { instances: 0, stopped: 0 },
  });
  const says = "service web of Compose project lav has no instance to start; service.recreate makes one";
  expect(await runner.previewOf(serviceStart, web)).toBe(says);
  expect(await serviceStart.execute(args(serviceStart, web), runner.at())).toMatchObject({
    failure: { type: "missing", message: says, effect: "none" },
  });
});

test.each<[string, Partial<Instance>, string, "none" | "unknown"]>([
  [
    "ends again",
    { state: "exited", exitCode: 1 },
    "started, but web-1 (id1), exited with 1, no volume",
    "none",
  ],
  ["is unhealthy", { state: "running", health: "unhealthy" }, "started, but web-1 is unhealthy", "unknown"],
])(
  "one that %s is a failure; only what does not run has no effect",
  async (_what, becomes, message, effect) => {
    const runner = new Runner("exited");
    runner.becomes = becomes;
    const done = await serviceStart.execute(args(serviceStart, web), runner.at());
    expect(done).toMatchObject({ failure: { type: "rejected", code: "NOT_RUNNING", message } });
    if (!done.ok) expect(effectOf(done.failure)).toBe(effect);
  },
);

test("where one runs and another ended again, something was started", async () => {
  const runner = new Runner("exited", "exited");
  const start: Services["start"] = async () => {
    const [first, second] = runner.instances;
    if (first !== undefined && second !== undefined)
      runner.instances = [{ ...first, state: "running" }, second];
    return await Promise.resolve(ok(undefined));
  };
  expect(await serviceStart.execute(args(serviceStart, web), runner.at({ start }))).toMatchObject({
    failure: { code: "NOT_RUNNING", effect: "unknown" },
  });
});

test("one that somebody removes while it starts did not start", async () => {
  const runner = new Runner("exited");
  const start: Services["start"] = async () => {
    runner.instances = [];
    return await Promise.resolve(ok(undefined));
  };
  expect(await serviceStart.execute(args(serviceStart, web), runner.at({ start }))).toMatchObject({
    failure: { message: "somebody else removed an instance during the change", effect: "unknown" },
  });
});
