/** Deeper than this is not looked into. */
const deepest = 40;
/** What tells the items of a list apart, whatever their order is. */
const names = ["Destination", "Name", "Names", "name", "id", "Id", "topic", "group", "pid"];

/**
 * A JSON text as lines, one a value with the way to it: what differs between two of them can then be read.
 * Items of a list go by their name where each has one of its own, else by their number.
 * @returns the text itself when it is not JSON.
 */
export function jsonLines(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const lines: string[] = [];
  walk(value, "", 0, lines);
  return lines.join("\n");
}

function walk(value: unknown, path: string, depth: number, lines: string[]): void {
  if (typeof value !== "object" || value === null) lines.push(`${path}: ${JSON.stringify(value)}`);
  else if (depth >= deepest) lines.push(`${path}: …`);
  else {
    const entries = Array.isArray(value)
      ? labelled(value as readonly unknown[])
      : Object.entries(value).map(([name, item]) => [path === "" ? name : `.${name}`, item] as const);
    if (entries.length === 0) lines.push(`${path}: ${Array.isArray(value) ? "[]" : "{}"}`);
    for (const [step, item] of entries) walk(item, path + step, depth + 1, lines);
  }
}

function labelled(items: readonly unknown[]): readonly (readonly [string, unknown])[] {
  const labels = items.map(labelOf);
  const own = labels.every((label) => label !== undefined) && new Set(labels).size === labels.length;
  return items.map((item, at) => [`[${own ? labels[at] : at}]`, item] as const);
}

function labelOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const fields = item as Readonly<Record<string, unknown>>;
  for (const name of names) {
    const value = Array.isArray(fields[name]) ? (fields[name] as readonly unknown[])[0] : fields[name];
    if (typeof value === "string" || typeof value === "number") return String(value);
  }
  return undefined;
}
