/** Whether a name fits a pattern in which `*` stands for any text; in any case of letters. */
export function fitsPattern(name: string, pattern: string): boolean {
  const literal = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join("[^]*")}$`, "i").test(name);
}
