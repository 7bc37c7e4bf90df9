import type { Server } from "node:http";
import { hostname } from "node:os";
import { keepCheckpoint } from "./checkpoint.ts";
import { applyProcessFaults } from "./fault-process.ts";
import { watchFaults, type Faults } from "./faults.ts";
import { healthReply, type Check } from "./health.ts";
import { listen, type Route } from "./http.ts";
import { createIdempotency, type Idempotency } from "./idempotency.ts";
import { createLog, messageOf, type Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { ok } from "./reply.ts";
import { readSettings, type Settings } from "./settings.ts";
import { openState, type State } from "./state.ts";

/** What every program has. */
export interface Context {
  readonly settings: Settings;
  readonly log: Log;
  readonly faults: Faults;
  readonly state: State;
  readonly metrics: Metrics;
  readonly idempotency: Idempotency;
  /** Calls back every so many milliseconds, never twice at once; an error is logged and the next call comes. */
  every(ms: number, what: string, work: () => Promise<void> | void): void;
}

export interface Program {
  readonly routes: readonly Route[];
  readonly checks: Readonly<Record<string, Check>>;
  /** Back to how it was first started, for `POST /admin/reset`. */
  reset(): Promise<void> | void;
  stop(): Promise<void>;
}

/** Milliseconds a program has between SIGTERM and its end, whatever its dependencies do. */
const lastMs = 700;

/** Runs a program until SIGTERM or SIGINT, with `/health`, `/metrics`, `/admin/reset` and the faults. */
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
  const metrics = createMetrics();
  metrics.gauge("process_uptime_seconds", () => process.uptime());
  metrics.gauge("process_resident_memory_bytes", () => process.memoryUsage.rss());
  const timers: NodeJS.Timeout[] = [];
  const context: Context = {
    settings,
    log,
    faults,
    state,
    metrics,
    idempotency: createIdempotency(state),
    every: (ms, what, work) => void timers.push(repeat(ms, what, work, log)),
  };
  const program = open(context);

  const routes: Route[] = [
    {
      method: "GET",
      path: "/health",
      handle: () => healthReply(settings, started, { ...program.checks, checkpoint: checkpoint.check }),
    },
    { method: "GET", path: "/metrics", handle: () => ({ status: 200, text: metrics.text() }) },
    {
      method: "POST",
      path: "/admin/reset",
      async handle() {
        context.idempotency.clear();
        checkpoint.renew();
        await program.reset();
        return ok({ reset: true });
      },
    },
    ...program.routes,
  ];
  const onReply = (route: string, status: number): void => {
    metrics.count("http_requests_total", 1, { route, status: String(status) });
  };
  const server = await listen({ port: settings.port, routes, faults, log, onReply });
  log("info", "listening", { port: settings.port });

  const end = (signal: string): void => {
    log("info", "stopping", { signal });
    faults.stop();
    for (const timer of timers) clearInterval(timer);
    setTimeout(() => process.exit(0), lastMs);
    void stop(program, server).finally(() => process.exit(0));
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

async function stop(program: Program, server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await program.stop();
}

function repeat(ms: number, what: string, work: () => Promise<void> | void, log: Log): NodeJS.Timeout {
  let running = false;
  let last = "";
  const turn = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      await work();
      last = "";
    } catch (error) {
      const message = messageOf(error);
      if (message !== last) log("error", `${what} failed`, { error: message });
      last = message;
    } finally {
      running = false;
    }
  };
  void turn();
  return setInterval(() => void turn(), ms);
}
