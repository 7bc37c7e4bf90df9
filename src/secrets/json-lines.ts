/**
 * Lines that were JSON stay JSON: one that redaction broke is redacted again in another way.
 * @param clean the same text without its secrets; lines that a secret took together are left as they are.
 */
export function stillJson(text: string, clean: string, again: (line: string) => string): string {
  if (!anyJson.test(text)) return clean;
  const before = text.split("\n");
  const after = clean.split("\n");
  if (before.length !== after.length) return clean;
  return after
    .map((line, at) => {
      const was = before[at] ?? "";
      return line === was || isJson(line) || !isJson(was) ? line : again(was);
    })
    .join("\n");
}

/** What a line of JSON begins with. */
const anyJson = /^[ \t]*[[{"]/m;

function isJson(line: string): boolean {
  if (!anyJson.test(line)) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
