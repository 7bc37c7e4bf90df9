import { writeDuration } from "../../base/duration.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Instance, Processes, ProcessReply, ServiceAction, Services } from "../../ports/ports.ts";
import { journalLines } from "./journal-lines.ts";
import { instanceIn, properties } from "./unit.ts";

/** Bytes kept of what systemctl prints. */
const longestReply = 65_536;
/** Of a line of the journal, as JSON beside its text: so much room is left for it. */
const roomForFields = 8;

/**
 * Services that are units of this machine's systemd, by its own programs. A unit is one instance, and none that is
 * made or removed. What `systemctl restart` says of its success is not believed: the unit has started anew, or not.
 */
export function createSystemd(units: Readonly<Record<string, string>>, processes: Processes): Services {
  const unitOf = (service: string): string =>
    (Object.hasOwn(units, service) ? units[service] : undefined) ?? service;
  const describe = (service: string): string => `systemd unit ${unitOf(service)}`;

  const ask = async (
    command: readonly string[],
    target: string,
    signal: AbortSignal,
    maxBytes = longestReply,
  ): Promise<Result<ProcessReply>> => {
    const ran = await processes.run({ command, env: { SYSTEMD_COLORS: "0" }, maxBytes, signal });
    if (!ran.ok) return fail(notRun(ran.failure, command));
    return ran.value.exitCode === 0 ? ran : fail(refusal(target, ran.value));
  };

  const look = async (service: string, signal: AbortSignal): Promise<Result<Instance | undefined>> => {
    const unit = unitOf(service);
    const command = ["systemctl", "show", "--no-pager", "--timestamp=us+utc"].concat(
      `--property=${properties.join(",")}`,
      "--",
      unit,
    );
    const shown = await ask(command, describe(service), signal);
    return shown.ok ? instanceIn(unit, shown.value.stdout) : shown;
  };

  const inspect = async (service: string, signal: AbortSignal): Promise<Result<readonly Instance[]>> => {
    const found = await look(service, signal);
    return found.ok ? ok(found.value === undefined ? [] : [found.value]) : found;
  };

  /** Asks systemd for a change, and looks at the unit before and after. @param wrong what the look finds wrong */
  const change = async (
    verb: Verb,
    service: string,
    signal: AbortSignal,
    wrong: (before: Instance, after: Instance | undefined) => string | undefined,
  ): Promise<Result<void>> => {
    const target = describe(service);
    const unit = unitOf(service);
    const before = await look(service, signal);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    if (before.value === undefined)
      return fail({ type: "missing", target, message: `systemd has no unit ${unit}`, effect: "none" });
    if (isSo(verb, before.value)) return ok(undefined);
    const asked = await ask(["systemctl", "--no-ask-password", verb, "--", unit], target, signal);
    const after = await look(service, signal);
    if (!after.ok) return fail({ ...(asked.ok ? after.failure : asked.failure), effect: "unknown" });
    if (!asked.ok) {
      // A refusal is over; what was ended while it waited may still be under way.
      const over = asked.failure.type === "denied" || asked.failure.type === "exit";
      const same = after.value?.state === before.value.state && !startedAnew(before.value, after.value);
      return fail({ ...asked.failure, effect: over && same ? "none" : "unknown" });
    }
    const message = wrong(before.value, after.value);
    return message === undefined
      ? ok(undefined)
      : fail({ type: "rejected", target, message: `${unit} ${message}`, effect: "unknown" });
  };

  const noInstances = async (service: string): Promise<Result<never>> => {
    const message = "a systemd unit has no instances to make or to remove; service.restart restarts it";
    return await Promise.resolve(
      fail({ type: "rejected", target: describe(service), code: "NO_INSTANCES", message, effect: "none" }),
    );
  };

  return {
    describe,
    byHand: (action) => byHandOf(action, unitOf(action.service)),
    inspect,
    logs: async (service, { tail, since, maxBytes }, signal) => {
      const unit = unitOf(service);
      const command = ["journalctl", "--no-pager", "--quiet", "--output=json"].concat(
        "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT",
        `--unit=${unit}`,
        `--lines=${tail}`,
        since === undefined ? [] : `--since=@${since.getTime() / 1000}`,
      );
      const read = await ask(
        command,
        `the journal of ${describe(service)}`,
        signal,
        maxBytes * roomForFields,
      );
      if (!read.ok) return read;
      const all = journalLines(read.value.stdout);
      const lines = newest(all, maxBytes);
      const cut = read.value.stdoutBytes > maxBytes * roomForFields;
      return ok({ lines, truncated: cut || lines.length < all.length });
    },
    volumes: async () => await Promise.resolve(ok([])),
    restart: async (service, signal) =>
      await change("restart", service, signal, (before, after) =>
        startedAnew(before, after) ? undefined : "did not restart: its start time is unchanged",
      ),
    stop: async ({ service, only }, signal) =>
      only?.includes(unitOf(service)) === false
        ? ok(undefined)
        : await change("stop", service, signal, (_before, after) =>
            after !== undefined && isUp(after) ? `is ${after.state} although systemd stopped it` : undefined,
          ),
    start: async ({ service, only }, signal) =>
      only?.includes(unitOf(service)) === false
        ? ok(undefined)
        : await change("start", service, signal, () => undefined),
    drift: ({ service }) => noInstances(service),
    recreate: noInstances,
    scale: noInstances,
  };
}

type Verb = "restart" | "stop" | "start";

/** What is stopped, or runs, already is not asked for. */
function isSo(verb: Verb, unit: Instance): boolean {
  if (verb === "restart") return false;
  return verb === "stop" ? !isUp(unit) : unit.state === "running";
}

/** One that systemd starts over and over is not stopped between two starts. */
function isUp({ state }: Instance): boolean {
  return state === "running" || state === "restarting";
}

function startedAnew(before: Instance, after: Instance | undefined): boolean {
  return after?.startedAt?.getTime() !== before.startedAt?.getTime();
}

function byHandOf(action: ServiceAction, unit: string): readonly string[] {
  switch (action.do) {
    case "inspect":
      return ["systemctl", "status", unit];
    case "logs":
      return ["journalctl", `--unit=${unit}`, `--lines=${action.tail}`, ...sinceOf(action)];
    case "restart":
    case "stop":
    case "start":
      return ["systemctl", action.do, unit];
    case "recreate":
    case "scale":
      return ["echo", `${unit} has no instances to make or to remove`];
  }
}

/** systemd reads a time with a sign as one from now, in the units that we write too. */
function sinceOf({ since }: Extract<ServiceAction, { do: "logs" }>): readonly string[] {
  if (since === undefined) return [];
  return [`--since=-${typeof since === "number" ? writeDuration(since) : since}`];
}

/** The instrument that is not there tells nothing of a unit. */
function notRun(failure: Failure, [program = ""]: readonly string[]): Failure {
  if (failure.type !== "missing") return failure;
  const message = `there is no ${program} on this machine: ${failure.message}`;
  return { type: "unreachable", target: "systemd", cause: "absent", message, effect: "none" };
}

function refusal(target: string, { exitCode, signal, stderr }: ProcessReply): Failure {
  const said = stderr.trim();
  if (/authentication required|access denied|permission denied|insufficient permissions/i.test(said))
    return { type: "denied", target, message: said };
  if (/not been booted with systemd|failed to connect to bus/i.test(said))
    return { type: "unreachable", target: "systemd", cause: "absent", message: said, effect: "none" };
  return { type: "exit", target, code: exitCode, signal, stderr: said };
}

/** The newest lines that fit into a number of bytes. */
function newest<L extends { readonly text: string }>(lines: readonly L[], maxBytes: number): readonly L[] {
  let size = 0;
  let at = lines.length;
  while (at > 0) {
    size += Buffer.byteLength(lines[at - 1]?.text ?? "");
    if (size > maxBytes) break;
    at -= 1;
  }
  return lines.slice(at);
}
