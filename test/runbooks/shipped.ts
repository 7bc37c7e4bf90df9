import { readFileSync } from "node:fs";

/**
 * A shipped runbook, for a test's time. What helps has ten times as long to do so, because a machine may be so much
 * slower and nobody waits for it longer than it takes.
 * @param changes other words in some places: how long is waited there for what does not help
 */
export function shipped(name: string, changes: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(new URL(`../../runbooks/${name}.yaml`, import.meta.url), "utf8");
  for (const from of Object.keys(changes))
    if (!text.includes(from)) throw new Error(`${name} does not say ${from}`);
  return changed(text, Object.entries(changes));
}

/** With what is changed as it says, and ten times as long for the rest. */
function changed(text: string, [first, ...more]: readonly (readonly [string, string])[]): string {
  if (first === undefined) return text.replace(/(?<=\bwithin: )\d+(?=s\b)/g, "$&0");
  const [from, to] = first;
  return text
    .split(from)
    .map((part) => changed(part, more))
    .join(to);
}
