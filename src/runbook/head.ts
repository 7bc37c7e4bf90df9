import { isOtherName, isSeverity } from "../platform/severity.ts";
import { runbookKeys } from "./fields.ts";

/** What a list of runbooks shows of one. */
export interface Head {
  readonly id: string;
  readonly title: string;
  readonly severity: string | undefined;
  readonly service: string | undefined;
}

const headKeys = ["runbook", "title", "severity", "service"] as const;
const name = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Reads the head of a runbook line by line, without a YAML parser: it takes a hundredth of the time, and a list of
 * runbooks shows nothing else. Undefined where anything at the margin is not as plain as it almost always is; then
 * the whole parse decides. What is wrong further in is for `lint` and `run` to say.
 */
export function readHead(text: string): Head | undefined {
  const values = new Map<string, string>();
  let key = "";
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const isHead = headKeys.some((one) => one === key);
    if (line.startsWith(" ")) {
      // A value of the head that goes on here is not read.
      if (isHead && !/^ *(?:#.*)?$/.test(line)) return undefined;
      continue;
    }
    if (line.startsWith("- ") && key !== "" && !isHead) continue;
    const [, next = "", value = ""] = /^([a-z]+):(?: +(.*))?$/.exec(line) ?? [];
    if (!Object.hasOwn(runbookKeys, next) || values.has(next)) return undefined;
    key = next;
    values.set(key, value);
  }
  if (!["diagnose", "steps", "resolve"].some((part) => values.has(part))) return undefined;
  const [id, title, written, service] = headKeys.map((one) => {
    const value = values.get(one);
    // Null: it is there, and is not plain.
    return value === undefined ? undefined : (scalar(value.trimEnd()) ?? null);
  });
  if (id === null || id === undefined || !name.test(id)) return undefined;
  if (title === null || service === null || written === null) return undefined;
  if (written !== undefined && !isSeverity(written) && !isOtherName(written)) return undefined;
  return { id, title: title ?? id, severity: written, service };
}

/** A scalar on one line that says by itself what text it is. */
function scalar(value: string): string | undefined {
  // Templates, hidden and unusual characters have rules of their own.
  if (!/^[\u0020-\u007e\u00c0-\u024f]+$/.test(value) || value.includes("${")) return undefined;
  const [, quoted] = /^"([^"\\]+)"$/.exec(value) ?? /^'([^']+)'$/.exec(value) ?? [];
  if (quoted !== undefined) return quoted.trim() === quoted ? quoted : undefined;
  // Letters first, so that it is no number, list or mark of YAML's; and none of its words.
  if (!/^[A-Za-z]/.test(value) || /^(?:true|false|null|nan|inf)$/i.test(value)) return undefined;
  return /: | #|:$/.test(value) ? undefined : value;
}
