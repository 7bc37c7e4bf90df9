import { fail, ok, type Result } from "../../base/result.ts";
import type { Instance } from "../../ports/ports.ts";

/** What `systemctl show` is asked for of a unit. */
export const properties = [
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "NRestarts",
  "ExecMainCode",
  "ExecMainStatus",
  "ExecMainStartTimestamp",
  "ExecMainExitTimestamp",
] as const;

type Property = (typeof properties)[number];

/** How systemd says that a main process ended: `CLD_EXITED`, and by a signal (`CLD_KILLED`, `CLD_DUMPED`). */
const exited = "1";
const bySignal = ["2", "3"];

/**
 * A unit as an instance of its service, from `systemctl show` with `--timestamp=us+utc`. Undefined where systemd has
 * no such unit.
 */
export function instanceIn(unit: string, text: string): Result<Instance | undefined> {
  const shown = new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  const of = (name: Property): string => shown.get(name) ?? "";
  const state = stateOf(of("ActiveState"), of("SubState"));
  if (state === undefined || !shown.has("LoadState")) {
    const target = `systemd unit ${unit}`;
    return fail({
      type: "unreadable",
      target,
      message: "systemctl show printed no state that is known",
      sample: text.slice(0, 200),
    });
  }
  if (of("LoadState") === "not-found") return ok(undefined);
  const startedAt = timeOf(of("ExecMainStartTimestamp"));
  const ended = state !== "running" && state !== "created" && startedAt !== undefined;
  return ok({
    id: unit,
    name: unit,
    number: 1,
    // One that never ran has not ended.
    state: state === "exited" && startedAt === undefined ? "created" : state,
    health: "none",
    exitCode: ended ? exitCodeOf(of("ExecMainCode"), Number(of("ExecMainStatus"))) : undefined,
    oomKilled: of("Result") === "oom-kill",
    restarts: /^\d+$/.test(of("NRestarts")) ? Number(of("NRestarts")) : 0,
    startedAt,
    finishedAt: ended ? timeOf(of("ExecMainExitTimestamp")) : undefined,
    image: "",
    volumes: [],
    hostPorts: [],
    limit: { most: 1, why: "one systemd unit" },
  });
}

function stateOf(active: string, sub: string): Instance["state"] | undefined {
  switch (active) {
    case "active":
    case "reloading":
      // A oneshot that is over stays active.
      return sub === "exited" ? "exited" : "running";
    case "activating":
      return "restarting";
    case "deactivating":
      // It is asked to end, and has not yet: what takes it for stopped would leave it running.
      return "running";
    case "inactive":
    case "failed":
    case "maintenance":
      return "exited";
    default:
      return undefined;
  }
}

/** As a shell would say it: a signal is 128 and its number. */
function exitCodeOf(code: string, status: number): number | undefined {
  if (!Number.isInteger(status)) return undefined;
  if (code === exited) return status;
  return bySignal.includes(code) ? 128 + status : undefined;
}

/** `Mon 2026-11-30 16:33:15.123456 UTC`; what never was is blank or n/a. */
function timeOf(text: string): Date | undefined {
  const match = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) UTC$/.exec(text);
  return match === null ? undefined : new Date(`${match[1]}T${match[2]}Z`);
}
