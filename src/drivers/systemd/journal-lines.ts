import type { LogLine } from "../../ports/ports.ts";

/** The gravest priorities of syslog: what a program says of its errors. */
const gravest = 3;

/** Lines of `journalctl --output=json`, each an object; one that is cut or is none is left out. */
export function journalLines(text: string): readonly LogLine[] {
  return text.split("\n").flatMap((line) => {
    const entry = objectIn(line);
    if (entry === undefined) return [];
    const micros = Number(entry["__REALTIME_TIMESTAMP"]);
    return [
      {
        instance: textIn(entry["_SYSTEMD_UNIT"]),
        stream: Number(entry["PRIORITY"] ?? 6) <= gravest ? "stderr" : "stdout",
        time: Number.isFinite(micros) ? new Date(micros / 1000) : undefined,
        text: messageIn(entry["MESSAGE"]),
      },
    ];
  });
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A text; what is not UTF-8 is a list of its bytes, what is too long is null. */
function messageIn(message: unknown): string {
  return Array.isArray(message) ? Buffer.from(message.map(Number)).toString("utf8") : textIn(message);
}
