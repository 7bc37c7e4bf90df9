import { homedir } from "node:os";
import { isAbsolute } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** Our folder among a person's settings. */
export function configFolder(env: Env): string {
  return ours(env, "XDG_CONFIG_HOME", ".config");
}

/** Our folder among what a person's programs keep. */
export function stateHome(env: Env): string {
  return ours(env, "XDG_STATE_HOME", ".local/state");
}

/** The standard has an empty or relative variable count as none. */
function ours(env: Env, variable: string, usual: string): string {
  const given = env[variable] ?? "";
  return `${isAbsolute(given) ? given : `${home(env)}/${usual}`}/lav-ir`;
}

/** A service manager or cron may leave HOME out: never the working folder, where nobody finds a record again. */
function home(env: Env): string {
  const given = env["HOME"] ?? "";
  if (given !== "") return given;
  try {
    return homedir() || "/var/tmp";
  } catch {
    return "/var/tmp";
  }
}
