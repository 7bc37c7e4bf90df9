import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { effectOf, failureText } from "../../../src/base/failure.ts";
import type { Json } from "../../../src/base/json.ts";
import type { Result } from "../../../src/base/result.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { Instance, Services } from "../../../src/ports/ports.ts";
import type { Kind } from "../../../src/kinds/kind.ts";
import { serviceInspect } from "../../../src/kinds/service/service-inspect.ts";
import { serviceLogs } from "../../../src/kinds/service/service-logs.ts";
import { serviceRecreate } from "../../../src/kinds/service/service-recreate.ts";
import { serviceRestart } from "../../../src/kinds/service/service-restart.ts";
import { serviceScale } from "../../../src/kinds/service/service-scale.ts";
import { serviceStart } from "../../../src/kinds/service/service-start.ts";
import { serviceStop } from "../../../src/kinds/service/service-stop.ts";
import { args, context, where } from "../../kinds/context.ts";
import { chosen } from "../../../sandbox/chosen.ts";
import { removeProject } from "../../../sandbox/remove.ts";
import { composeProject, type Project } from "./project.ts";
import { soon } from "../../patience.ts";

type Given = Readonly<Record<string, unknown>>;

const flavour = chosen().compose;

describe(`Compose ${flavour}`, () => {
  let project: Project;
  let services: Services;

  beforeAll(async () => {
    project = await composeProject(flavour);
    services = project.services();
  });
  beforeEach(async () => await removeProject(project.host, project.name));
  afterAll(async () => await project[Symbol.asyncDispose]());

  const up = async (...names: readonly string[]): Promise<string> =>
    await project.compose("up", "-d", ...names);
  const here = (signal = soon(), on = services) =>
    context({ services: on, clock: createClock() }, { signal });
  const look = async (service: string): Promise<readonly Instance[]> =>
    got(await services.inspect(service, soon()));
  const first = async (service: string): Promise<Instance> => {
    const [found] = await look(service);
    if (found === undefined) throw new Error(`${service} has no container`);
    return found;
  };
  const act = async (kind: Kind, given: Given): Promise<Given> =>
    got(await kind.execute(args(kind, given), here()));
  const refused = async (kind: Kind, given: Given, on = services, signal?: AbortSignal) => {
    const done = await kind.execute(args(kind, given), here(signal, on));
    if (done.ok) throw new Error(`it was done: ${JSON.stringify(done.value)}`);
    return { ...done.failure, effect: effectOf(done.failure), text: failureText(done.failure) };
  };
  const preview = async (kind: Kind, given: Given) => {
    if (kind.preview === undefined) throw new Error("no preview");
    return got(await kind.preview(args(kind, given), here()));
  };
  /** What it records before it acts, through the journal's JSON, and then whether it took place. */
  const capture = async (kind: Kind, given: Given) => {
    if (kind.capture === undefined) throw new Error("no capture");
    const before = JSON.parse(JSON.stringify(got(await kind.capture(args(kind, given), here())))) as Json;
    const since = new Date();
    return async () => await kind.happened?.(args(kind, given), before, since, here());
  };
  /** A program that is asked for the definition answers as Compose does; asked to act, it runs this instead. */
  const onlyActing = (script: string): readonly string[] => {
    const config = `case " $* " in *" config "*) exec ${project.program.join(" ")} "$0" "$@";; esac`;
    return ["sh", "-c", `${config}; ${script}`];
  };
  const environment = async (service: string): Promise<readonly string[]> => {
    const inspected = (await project.engine("GET", `/containers/${(await first(service)).id}/json`)) as {
      Config: { Env: readonly string[] };
    };
    return inspected.Config.Env;
  };
  const numbers = async (service: string): Promise<readonly number[]> =>
    (await look(service)).map(({ number }) => number);

  test("a scaled service: stopped instances count, one-offs do not, a recreation keeps number, volumes and neighbours", async () => {
    await up("web");
    await project.compose("run", "-d", "--no-deps", "web", "node", "-e", "setInterval(() => {}, 1000)");
    expect(await act(serviceScale, { service: "web", replicas: 3 })).toMatchObject({
      instances: 3,
      before: 1,
    });
    const [one] = await look("web");
    await project.engine("POST", `/containers/${one?.id}/stop?t=1`);
    const { lines } = await preview(serviceScale, { service: "web", replicas: 2 });
    expect(lines[0]).toMatch(/: 2 instances now, 2 then$/);
    expect(lines[1]).toMatch(/^removes \S+web.3 \([0-9a-f]{12}\), running/);
    expect(lines[2]).toMatch(/^starts \S+web.1 \([0-9a-f]{12}\), exited with /);
    expect(lines).toHaveLength(3);
    await act(serviceScale, { service: "web", replicas: 2 });
    expect(await numbers("web")).toEqual([1, 2]);

    const before = await look("web");
    const dep = await first("dep");
    expect(before[0]?.volumes).toHaveLength(2);
    const happened = await capture(serviceRecreate, { service: "web" });
    expect(await happened()).toBe("no");
    await act(serviceRecreate, { service: "web" });
    const after = await look("web");
    expect(after.map(({ number }) => number)).toEqual([1, 2]);
    expect(after.map(({ volumes }) => volumes)).toEqual(before.map(({ volumes }) => volumes));
    expect(after.filter(({ id }) => before.some((old) => old.id === id))).toEqual([]);
    expect(await first("dep")).toEqual(dep);
    expect(await happened()).toBe("yes");

    const undo = serviceScale.undo;
    const recorded = { running: 1 };
    const steps = undo.how === "steps" ? undo.steps({ service: "web", replicas: 2 }, recorded) : undefined;
    expect(steps).toEqual([{ "service.scale": { service: "web", replicas: 1 } }]);
    await act(serviceScale, { service: "web", replicas: 0 });
    expect(await look("web")).toEqual([]);
  });

  test("a removed container: a restart says what makes one, a recreation does", async () => {
    const volumes = async (): Promise<readonly string[]> =>
      got(await services.volumes("web", soon())).map(({ name }) => name);
    await up("web");
    const old = await first("web");
    const happened = await capture(serviceRestart, { service: "web" });
    await project.engine("DELETE", `/containers/${old.id}?force=1`);
    expect(await happened()).toBe("unknown");
    expect(await act(serviceInspect, { service: "web" })).toMatchObject({ running: false, state: "absent" });
    expect(await refused(serviceRestart, { service: "web" })).toMatchObject({
      type: "missing",
      effect: "none",
      text: `service web of Compose project ${project.name} has no container to restart; service.recreate makes one`,
    });
    // Nor is anybody asked whether to restart it.
    expect(await serviceRestart.preview?.({ service: "web" }, here())).toMatchObject({
      ok: false,
      failure: { type: "missing", effect: "none" },
    });
    const kept = await volumes();
    expect((await preview(serviceRecreate, { service: "web" })).lines[0]).toMatch(
      /has no container: one is created$/,
    );
    await act(serviceRecreate, { service: "web" });
    expect(await volumes()).toEqual(expect.arrayContaining([...kept]));
    expect((await first("web")).volumes).toContain(`${project.name}_state`);
  });

  test("a restart: what it binds is the container, and whether it took place is seen in the start", async () => {
    await up("dep");
    const given = { service: "dep" };
    const asked = await preview(serviceRestart, given);
    const happened = await capture(serviceRestart, given);
    expect(await happened()).toBe("no");
    await act(serviceRestart, given);
    expect(await happened()).toBe("yes");
    expect((await preview(serviceRestart, given)).binding).toEqual(asked.binding);
    await project.compose("up", "-d", "--force-recreate", "dep");
    expect((await preview(serviceRestart, given)).binding).not.toEqual(asked.binding);
    // Paused, and stopped by hand: both come back.
    await project.pause((await first("dep")).id);
    expect(await act(serviceInspect, given)).toMatchObject({ running: false, state: "paused" });
    await act(serviceRestart, given);
    await project.engine("POST", `/containers/${(await first("dep")).id}/stop?t=1`);
    expect(await act(serviceRestart, given)).toMatchObject({ instances: 1 });
    expect(await act(serviceInspect, given)).toMatchObject({ running: true, restarts: 0 });
  });

  test("one that crashes right after its restart is seen down, and a recreation mends it", async () => {
    await up("frail");
    const logged = async (): Promise<number> =>
      got(await services.logs("frail", { tail: 1, maxBytes: 1000 }, soon())).lines.length;
    await expect.poll(logged).toBe(1);
    await services.restart("frail", soon());
    await expect.poll(async () => (await first("frail")).exitCode).toBe(3);
    await act(serviceRecreate, { service: "frail" });
    expect((await first("frail")).state).toBe("running");
  });

  test("a stop and a start: what is so already stays, and each takes the other back", async () => {
    await up("web");
    await act(serviceScale, { service: "web", replicas: 2 });
    const [one, two] = await look("web");
    await project.engine("POST", `/containers/${two?.id}/stop?t=1`);
    const web = { service: "web" };
    const recorded = await serviceStop.capture?.(web, here());
    if (recorded?.ok !== true) throw new Error("nothing is recorded");
    const happened = await capture(serviceStop, web);
    expect(await happened()).toBe("no");
    expect(await act(serviceStop, web)).toMatchObject({ instances: 2, stopped: 1 });
    expect(await happened()).toBe("yes");
    expect((await look("web")).map(({ state }) => state)).toEqual(["exited", "exited"]);
    expect(await act(serviceStop, web)).toMatchObject({ stopped: 0 });

    const undo = serviceStop.undo.how === "steps" ? serviceStop.undo.steps(web, recorded.value) : undefined;
    const back = { service: "web", only: [one?.name] };
    expect(undo).toEqual([{ "service.start": back }]);
    const came = await capture(serviceStart, back);
    expect(await came()).toBe("no");
    expect(await act(serviceStart, back)).toMatchObject({ instances: 1, started: 1 });
    expect(await came()).toBe("yes");
    const after = await look("web");
    expect(after.map(({ id, state, volumes }) => [id, state, volumes])).toEqual([
      [one?.id, "running", one?.volumes],
      [two?.id, "exited", two?.volumes],
    ]);
    expect(await act(serviceStart, web)).toMatchObject({ instances: 2, started: 1 });
  });

  test("a stop of one that is paused or started over and over; a start of one that ends again, or cannot", async () => {
    await up("dep", "frail", "loop");
    await project.pause((await first("dep")).id);
    expect((await refused(serviceStart, { service: "dep" })).effect).toBe("none");
    expect(await act(serviceStop, { service: "dep" })).toMatchObject({ stopped: 1 });
    await expect.poll(async () => (await first("loop")).restarts).toBeGreaterThan(0);
    await act(serviceStop, { service: "loop" });
    expect((await first("loop")).state).toBe("exited");
    await act(serviceStop, { service: "frail" });
    expect(await refused(serviceStart, { service: "frail" })).toMatchObject({
      code: "NOT_RUNNING",
      effect: "none",
      text: expect.stringMatching(/started, but \S+frail.1 .*exited with 3/),
    });
  });

  test("restarts of the runner's own are counted, and are not taken for ours", async () => {
    await up("loop", "hungry", "sick");
    const happened = await capture(serviceRestart, { service: "loop" });
    const before = (await first("loop")).restarts;
    await expect.poll(async () => (await first("loop")).restarts).toBeGreaterThan(before);
    await expect.poll(happened).toBe("unknown");
    // The engine hears of the kill and of the end apart, and a busy one may take the end alone: then once more.
    const killed = async (): Promise<unknown> => {
      await expect.poll(async () => (await first("hungry")).state).toBe("exited");
      const hungry = await act(serviceInspect, { service: "hungry" });
      expect(hungry).toMatchObject({ state: "exited", exit_code: 137 });
      if (hungry["oom_killed"] !== true) await services.restart("hungry", soon());
      return hungry["oom_killed"];
    };
    await expect.poll(killed).toBe(true);
    await expect
      .poll(async () => (await act(serviceInspect, { service: "sick" }))["health"])
      .toBe("unhealthy");
  });

  test("a fixed host port or name: scaling is refused before anything is touched, and says why", async () => {
    await up("fixed", "named");
    for (const [service, why] of [
      ["fixed", /it has the fixed host port \d+, which 2 instances cannot share$/],
      [
        "named",
        /it has the fixed name lav-test-compose-alone \(container_name\), which 2 instances cannot share$/,
      ],
    ] as const) {
      const before = await look(service);
      const given = { service, replicas: 2 };
      const failure = await refused(serviceScale, given, project.services(["/nonexistent"]));
      expect(failure).toMatchObject({ code: "CANNOT_SCALE", effect: "none" });
      expect(failure.text).toMatch(why);
      expect(await serviceScale.preview?.(given, here())).toMatchObject({ ok: false });
      expect(await look(service)).toEqual(before);
    }
  });

  test("the Compose program: not there, failing, and hanging past the deadline with a child of its own", async () => {
    await up("dep");
    const before = await look("dep");
    const given = { service: "dep" };
    expect(await refused(serviceRecreate, given, project.services(["/nonexistent"]))).toMatchObject({
      type: "missing",
      effect: "none",
    });
    const failing = project.services(onlyActing("echo 'no such file' >&2; exit 14"));
    expect(await refused(serviceRecreate, given, failing)).toMatchObject({
      type: "exit",
      code: 14,
      effect: "none",
    });
    const folder = await mkdtemp(join(tmpdir(), "lav-compose-hang-"));
    try {
      const pids = join(folder, "pids");
      const hanging = project.services(onlyActing(`sleep 300 & echo $$ $! > ${pids}; wait`));
      const controller = new AbortController();
      const ended = refused(serviceRecreate, given, hanging, controller.signal);
      await expect.poll(() => existsSync(pids)).toBe(true);
      await expect.poll(async () => await readFile(pids, "utf8")).toMatch(/\d+ \d+\n/);
      controller.abort();
      expect((await ended).effect).toBe("unknown");
      const left = (await readFile(pids, "utf8")).trim().split(" ");
      expect(left.filter(runs)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    expect(await look("dep")).toEqual(before);
  });

  test("a recreation that is ended in the middle is not said to have happened, and can be done again", async () => {
    await up("deaf");
    const old = await first("deaf");
    const happened = await capture(serviceRecreate, { service: "deaf" });
    const controller = new AbortController();
    const end = flavour === 2 ? undefined : setTimeout(() => controller.abort(), 1500);
    const ending = refused(serviceRecreate, { service: "deaf" }, services, controller.signal);
    if (flavour === 2) {
      // The new container is made before the old one is asked to stop.
      await expect.poll(async () => (await look("deaf")).length).toBe(2);
      controller.abort();
    }
    const ended = await ending;
    clearTimeout(end);
    expect(ended.effect).toBe("unknown");
    expect(await happened()).toMatch(/^(?:no|unknown)$/);
    // The engine goes on to wait for it to stop, which it does not.
    for (const { id } of await look("deaf")) await project.kill(id);
    await act(serviceRecreate, { service: "deaf" });
    expect((await first("deaf")).id).not.toBe(old.id);
    expect(await happened()).toBe("yes");
  });

  test("a volume that goes with a recreation is the first thing said", async () => {
    await up("web");
    const { id } = await first("web");
    const lost = `${project.name}_state`;
    const script = `docker rm -f ${id} && docker volume rm ${lost}`;
    const failure = await refused(serviceRecreate, { service: "web" }, project.services(onlyActing(script)));
    expect(failure).toMatchObject({ code: "VOLUME_LOST", effect: "unknown" });
    expect(failure.text).toContain(`VOLUME LOST: ${lost} is gone from the machine`);
  });

  describe("faults 0.7: the operator's variables", () => {
    const key = "sk-live-4711 with $5";
    const given = { service: "vars" };

    test("one that is not set is refused by name before anything is touched, previewed or done", async () => {
      await project.composeWith({ LAV_API_KEY: key }, "up", "-d", "vars");
      const before = await look("vars");
      for (const [kind, more] of [
        [serviceRecreate, {}],
        [serviceScale, { replicas: 2 }],
      ] as const) {
        const failure = await refused(kind, { ...given, ...more });
        expect(failure).toMatchObject({ code: "VARIABLE_NOT_SET", effect: "none" });
        expect(failure.text).toContain("LAV_API_KEY (its environment API_KEY)");
        expect(failure.text).toContain("compose.environment");
        expect(failure.text).toContain("service vars of");
        expect(failure.text).not.toContain("4711");
        expect(await kind.preview?.(args(kind, { ...given, ...more }), here())).toMatchObject({
          ok: false,
          failure: { code: "VARIABLE_NOT_SET", effect: "none" },
        });
      }
      expect(await look("vars")).toEqual(before);
      // What makes no container needs none.
      await act(serviceRestart, given);
      expect(await act(serviceScale, { ...given, replicas: 0 })).toMatchObject({ instances: 0 });
    });

    test("one that is not set is refused where there is no container to compare with", async () => {
      const failure = await refused(serviceRecreate, given);
      expect(failure).toMatchObject({ code: "VARIABLE_NOT_SET", effect: "none" });
      expect(await look("vars")).toEqual([]);
    });

    test("from the environment and from a file: the container has them, nothing is said to change", async () => {
      await project.composeWith({ LAV_API_KEY: key }, "up", "-d", "vars");
      const on = project.services(undefined, { env: { LAV_API_KEY: key } });
      const shown = got(await serviceRecreate.preview!(args(serviceRecreate, given), here(undefined, on)));
      expect(shown.lines).toHaveLength(2);
      got(await serviceRecreate.execute(args(serviceRecreate, given), here(undefined, on)));
      expect(await environment("vars")).toEqual(
        expect.arrayContaining([`API_KEY=${key}`, "MODE=plain", "COST=$5 a=b"]),
      );
      const file = join(project.folder, "own.env");
      await writeFile(file, "LAV_API_KEY=from-a-file\n");
      const filed = project.services(undefined, { envFiles: [file] });
      const asked = got(await serviceRecreate.preview!(args(serviceRecreate, given), here(undefined, filed)));
      expect(asked.lines.slice(2)).toEqual(["environment API_KEY changes its value"]);
      expect(JSON.stringify(asked)).not.toMatch(/4711|from-a-file/);
      expect(asked.binding).not.toEqual(shown.binding);
      got(await serviceRecreate.execute(args(serviceRecreate, given), here(undefined, filed)));
      expect(await environment("vars")).toContain("API_KEY=from-a-file");
      got(await serviceScale.execute(args(serviceScale, { ...given, replicas: 2 }), here(undefined, filed)));
      expect(await numbers("vars")).toEqual([1, 2]);
    });

    test("another image, environment and mount are in the preview, by name", async () => {
      const other = `${project.name}:other`;
      const [repo, tag] = other.split(":");
      await project.engine("POST", `/images/${project.image}/tag?repo=${repo}&tag=${tag}`);
      const was = { LAV_API_KEY: key, LAV_MODE: "loud", LAV_IMAGE: other, LAV_VOLUME: "other" };
      await project.composeWith(was, "up", "-d", "vars");
      const on = project.services(undefined, { env: { LAV_API_KEY: key } });
      const { lines } = got(
        await serviceRecreate.preview!(args(serviceRecreate, given), here(undefined, on)),
      );
      expect(lines.slice(2)).toEqual([
        `image ${other} → ${project.image}`,
        "environment MODE changes its value",
        "mount /state changes its value",
      ]);
    });

    test("one that always was a blank stays one, and another service's is that one's affair", async () => {
      await up("vars", "dep");
      await act(serviceRecreate, { service: "dep" });
      await act(serviceRecreate, given);
      expect(await environment("vars")).toContain("API_KEY=");
    });

    test("a definition with a bit of everything is what was made of it", async () => {
      await up("rich");
      const rich = { service: "rich" };
      expect((await preview(serviceRecreate, rich)).lines).toHaveLength(2);
      await act(serviceRecreate, rich);
      expect((await preview(serviceRecreate, rich)).lines).toHaveLength(2);
      await act(serviceScale, { ...rich, replicas: 2 });
      expect((await preview(serviceScale, { ...rich, replicas: 3 })).lines).toHaveLength(1);
    });

    test("from .env beside the Compose file, unless files are named", async () => {
      const beside = join(project.folder, ".env");
      await writeFile(beside, "LAV_API_KEY=beside\n");
      try {
        await act(serviceRecreate, given);
        expect(await environment("vars")).toContain("API_KEY=beside");
        const empty = join(project.folder, "empty.env");
        await writeFile(empty, "");
        const filed = project.services(undefined, { envFiles: [empty] });
        expect(await refused(serviceRecreate, given, filed)).toMatchObject({ code: "VARIABLE_NOT_SET" });
      } finally {
        await rm(beside);
      }
    });

    test("one passed on by its name alone, and gone, is refused alike", async () => {
      await project.composeWith({ LAV_API_KEY: key, THROUGH: "passed" }, "up", "-d", "vars");
      const failure = await refused(
        serviceRecreate,
        given,
        project.services(undefined, { env: { LAV_API_KEY: key } }),
      );
      expect(failure).toMatchObject({ code: "VARIABLE_NOT_SET", effect: "none" });
      expect(failure.text).toContain("THROUGH (its environment THROUGH)");
    });

    test("what comes up otherwise than it was to be is a failure that says what", async () => {
      await project.composeWith({ LAV_API_KEY: key }, "up", "-d", "vars");
      const real = project.program.join(" ");
      const script = `LAV_API_KEY=wrong LAV_MODE=loud exec ${real} "$0" "$@"`;
      const on = project.services(onlyActing(script), { env: { LAV_API_KEY: key } });
      const failure = await refused(serviceRecreate, given, on);
      expect(failure.effect).toBe("unknown");
      expect(failure.text).toContain("environment API_KEY is not as defined");
      expect(failure.text).toContain("environment MODE is not as defined");
      expect(failure.text).not.toMatch(/wrong|4711/);
    });

    test("a scaled instance that ends, and one that gets unhealthy or never well, are not ok", async () => {
      const ends = { service: "keyed", replicas: 1 };
      const on = project.services(undefined, { env: { LAV_EXIT: "1" } });
      expect((await refused(serviceScale, ends, on)).text).toMatch(/exited with 7|0 of 1 instances run/);
      const fine = project.services(undefined, { env: { LAV_EXIT: "0" } });
      await removeProject(project.host, project.name);
      got(await serviceScale.execute(args(serviceScale, ends), here(undefined, fine)));
      const sick = await refused(serviceScale, { service: "sick", replicas: 1 });
      expect(sick.text).toMatch(/is unhealthy$/);
      const controller = new AbortController();
      const slow = refused(serviceScale, { service: "slow", replicas: 1 }, services, controller.signal);
      await expect.poll(async () => (await look("slow"))[0]?.health).toBe("starting");
      controller.abort();
      expect((await slow).effect).toBe("unknown");
    });
  });

  test("long lines of a log are whole, with a terminal and without", async () => {
    await up("wordy", "terminal");
    for (const service of ["wordy", "terminal"]) {
      const lines = async (): Promise<readonly string[]> => {
        const options = { tail: 10, maxBytes: 1_000_000 };
        return got(await services.logs(service, options, soon())).lines.map(({ text }) => text);
      };
      await expect.poll(lines).toEqual(["a".repeat(40_000), "end"]);
      expect(await act(serviceLogs, { service })).toMatchObject({ lines: 2, truncated: false });
    }
  });

  test("the commands to type by hand do it when they are typed", async () => {
    await up("dep");
    const typed = async (kind: Kind, given: Given): Promise<string> => {
      const line = kind.byHand(args(kind, given), { ...where, services });
      const env = { ...process.env, DOCKER_HOST: project.host };
      const { stdout, stderr } = await promisify(execFile)("bash", ["-c", line], { env });
      return stdout + stderr;
    };
    const given = { service: "dep" };
    const before = await first("dep");
    expect(await typed(serviceInspect, given)).toContain(before.id.slice(0, 12));
    await typed(serviceLogs, given);
    await typed(serviceRestart, given);
    const restarted = await first("dep");
    expect([restarted.id, restarted.startedAt]).not.toEqual([before.id, before.startedAt]);
    await typed(serviceRecreate, given);
    expect((await first("dep")).id).not.toBe(before.id);
    await typed(serviceScale, { service: "dep", replicas: 2 });
    expect(await numbers("dep")).toEqual([1, 2]);
    const states = async () => (await look("dep")).map(({ state }) => state);
    await typed(serviceStop, given);
    expect(await states()).toEqual(["exited", "exited"]);
    const [one] = await look("dep");
    await typed(serviceStart, { ...given, only: [one?.name] });
    expect(await states()).toEqual(["running", "exited"]);
    await typed(serviceStart, given);
    expect(await states()).toEqual(["running", "running"]);
  });
});

function got<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(failureText(result.failure));
  return result.value;
}

/** Whether a process runs: one that has ended and that its parent has not counted yet does not. */
function runs(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
