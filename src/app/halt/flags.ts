import { refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/** What `lav-ir halt-all` was given. */
export interface HaltFlags extends GlobalOptions {
  readonly reason?: string;
  readonly scope?: string;
  readonly yes?: boolean;
  /** Send the token although this machine holds it for expired: its clock may be what is wrong. */
  readonly sendAnyway?: boolean;
  /** The platform file that the screen names already. */
  readonly named?: string;
}

const withValue = new Map<string, keyof HaltFlags>([
  ["--reason", "reason"],
  ["--scope", "scope"],
  ["--config", "config"],
  ["--env", "env"],
  ["--incident", "incident"],
  ["--state-dir", "stateDir"],
]);
const alone = new Map<string, Partial<HaltFlags>>([
  ["--yes", { yes: true }],
  ["--send-anyway", { sendAnyway: true }],
  ["--json", { json: true }],
  ["--no-input", { input: false }],
  ["--no-color", { color: false }],
  ["-q", { quiet: true }],
  ["--quiet", { quiet: true }],
  ["-v", { verbose: true }],
  ["--verbose", { verbose: true }],
]);

/**
 * Reads a command line that is plainly a halt, without the library that reads all others. Whatever it does
 * not understand is for that library to explain: undefined.
 */
export function readFlags(args: readonly string[], env: World["env"]): HaltFlags | undefined {
  const flags: Record<string, unknown> = {
    ...(env["LAV_IR_CONFIG"] ? { config: env["LAV_IR_CONFIG"] } : {}),
    ...(env["LAV_IR_INCIDENT"] ? { incident: env["LAV_IR_INCIDENT"] } : {}),
  };
  let named = 0;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const key = withValue.get(name);
    if (key !== undefined) {
      const value = equals < 0 ? args[++at] : arg.slice(equals + 1);
      if (value === undefined || (equals < 0 && value.startsWith("-"))) return undefined;
      flags[key] = value;
    } else if (alone.has(arg)) Object.assign(flags, alone.get(arg));
    else if (arg === "halt-all") named++;
    else return undefined;
  }
  return named === 1 ? flags : undefined;
}

/** Without one there is no halt. */
export const needsReason = refusal('halt-all needs a reason: --reason "why"').failure;

export function reasonOf({ reason }: HaltFlags): string | undefined {
  return reason === undefined || reason.trim() === "" ? undefined : reason.trim();
}
