import { readFileSync } from "node:fs";

/**
 * The login of a user of this machine, by the system's own list; one that is not in it goes by their number.
 * Never by the environment, where anybody may write another's name: it is what tells two people apart.
 */
export function loginOf(uid: number | undefined, list = "/etc/passwd"): string {
  if (uid === undefined) return "unknown";
  try {
    for (const line of readFileSync(list, "utf8").split("\n")) {
      const [name = "", , id] = line.split(":");
      if (id === String(uid) && name !== "") return name;
    }
  } catch {
    // No list: the number is still theirs alone.
  }
  return String(uid);
}
