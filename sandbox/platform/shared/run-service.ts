import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { keepCheckpoint } from "./checkpoint.ts";
import { applyProcessFaults } from "./fault-process.ts";
import { watchFaults } from "./faults.ts";
import { healthReply } from "./health.ts";
import { listen, type Desk } from "./http.ts";
import { createLog } from "./log.ts";
import { ok, Refusal, type Reply } from "./reply.ts";
import { openProgram, type Context, type Opened, type Program } from "./service.ts";
import { readSettings } from "./settings.ts";
import { openState } from "./state.ts";

/** Milliseconds a program has between SIGTERM and its end, whatever its dependencies do. */
const lastMs = 700;
/**
 * And before it is opened anew in the same process, which needs to know that nothing of it goes on: a busy machine
 * takes long for what is otherwise done at once.
 */
const closeMs = 20_000;
/** Milliseconds for its dependencies to be there again then. */
const openMs = 60_000;

/**
 * Runs a program until SIGTERM or SIGINT, with `/health`, `/metrics`, the faults, and the ways back to how it was
 * first started: `/admin/reset`, of what it knows itself; `/admin/stop`, after which it answers nothing else and
 * uses no store, and `/admin/start`, which opens it anew in the same process with an empty state folder.
 */
export async function runService(
  service: string,
  port: number,
  open: (context: Context) => Program,
): Promise<void> {
  const started = Math.floor(performance.timeOrigin);
  const settings = readSettings(service, port);
  const log = createLog(service, settings.instance);
  const state = openState(settings.stateDir, started);
  const faults = watchFaults({
    folder: settings.faultsDir,
    service,
    instances: [settings.instance, hostname()],
    started,
    born: state.born,
    log,
  });
  applyProcessFaults(faults, log);
  const checkpoint = keepCheckpoint(state, faults, log);

  const deskOf = (opened: Opened): Desk => ({
    log: opened.context.log,
    chance: opened.context.chance,
    onReply(route, status) {
      opened.context.metrics.count("http_requests_total", 1, { route, status: String(status) });
    },
    routes: [
      {
        method: "GET",
        path: "/health",
        handle: () =>
          healthReply(settings, started, { ...opened.program.checks, checkpoint: checkpoint.check }),
      },
      {
        method: "GET",
        path: "/metrics",
        handle: () => ({ status: 200, text: opened.context.metrics.text() }),
      },
      {
        method: "POST",
        path: "/admin/reset",
        async handle() {
          opened.context.idempotency.clear();
          checkpoint.renew();
          opened.context.chance.reset();
          await opened.program.reset();
          return ok({ reset: true });
        },
      },
      { method: "POST", path: "/admin/stop", handle: halt },
      ...opened.program.routes,
    ],
  });
  const closed = (): Desk => ({
    log,
    chance: opened.context.chance,
    onReply() {},
    routes: [
      { method: "POST", path: "/admin/stop", handle: () => ok({ stopped: true }) },
      { method: "POST", path: "/admin/start", handle: anew },
    ],
  });
  let opened = openProgram({ settings, log, faults, state }, open);
  let desk = deskOf(opened);

  async function halt(): Promise<Reply> {
    desk = closed();
    server.drop();
    const late = new AbortController();
    const { signal } = late;
    const inTime = opened.close().then(() => true);
    const ended = await Promise.race([inTime, wait(closeMs, false, { signal })]).finally(() => late.abort());
    // What still goes on may reach the stores: only a new process is sure to be another one.
    if (!ended) throw new Refusal(503, "still_running", `${service} has not stopped after ${closeMs} ms`);
    return ok({ stopped: true });
  }

  async function anew(): Promise<Reply> {
    state.clear();
    checkpoint.renew();
    opened = openProgram({ settings, log, faults, state }, open);
    desk = deskOf(opened);
    log("info", "listening", { port: settings.port });
    const { checks } = opened.program;
    for (const deadline = performance.now() + openMs; ; await wait(20)) {
      if ((await healthReply(settings, started, checks)).status === 200) return ok({ started: true });
      if (performance.now() > deadline) throw new Refusal(503, "unhealthy", `${service} is not healthy`);
    }
  }

  const server = await listen({ port: settings.port, faults, desk: () => desk });
  const seeded = opened.context.chance.random ? { seed: settings.seed } : {};
  log("info", "listening", { port: settings.port, ...seeded });

  const end = (signal: string): void => {
    log("info", "stopping", { signal });
    faults.stop();
    setTimeout(() => process.exit(0), lastMs);
    server.close();
    void opened.close().finally(() => process.exit(0));
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
