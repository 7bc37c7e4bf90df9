/** Milliseconds in each unit a duration may be written in. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `500ms`, `30s`, `1m30s`, `1.5h`, `2d`. Units must descend and appear once.
 * @returns milliseconds, or undefined when the text is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  let previous = Infinity;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    const size = units[unit ?? ""] ?? 0;
    if (size >= previous) return undefined;
    previous = size;
    total += Number(amount) * size;
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

/** Milliseconds written so that `parseDuration` reads the same number back: `1h30m`, `1m5s250ms`; a negative one (only an expression makes it) with its sign. */
export function writeDuration(ms: number, largest: "d" | "h" = "d"): string {
  if (ms < 0) return `-${writeDuration(-ms, largest)}`;
  let rest = Math.round(ms);
  let written = "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    if (unit === "d" && largest === "h") continue;
    const size = units[unit] ?? 1;
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) written += `${amount}${unit}`;
  }
  return written === "" ? "0s" : written;
}

/** Milliseconds as a person says them: `850ms`, `4.2s`, `1m30s`, `2h5m`, `3d4h`; at most two units. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (Math.round(ms) < 1000) return `${Math.round(ms)}ms`;
  if (Math.round(ms / 1000) < 60) return `${trim((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))}s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1000);
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join("");
}

function trim(text: string): string {
  return text.replace(/\.0$/, "");
}
