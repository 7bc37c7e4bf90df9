/** A number of a reply, as it was read: undefined for what a double would make another number of. */
export function figure(value: unknown): number | undefined {
  if (typeof value !== "bigint") return typeof value === "number" ? value : undefined;
  const double = Number(value);
  return BigInt(double) === value ? double : undefined;
}

/** The same, also where it is written as a text of decimal digits, which a price or a quantity may be. */
export function figureOrText(value: unknown): number | undefined {
  if (typeof value !== "string") return figure(value);
  if (/^-?\d+$/.test(value)) return figure(BigInt(value));
  return /^-?\d+\.\d+$/.test(value) ? Number(value) : undefined;
}
