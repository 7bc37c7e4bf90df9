/** Characters of GSM 03.38 that cost one septet. */
const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Those that cost two. */
const extended = new Set("\f^{}\\[~]|€");

/**
 * How many SMS a text is, and in which alphabet: one character outside GSM-7 makes all of it UCS-2. A part of several
 * loses seven septets, or three units, to its header, and no escape or surrogate pair is split between two.
 */
export function segmentsOf(text: string): { readonly alphabet: "GSM-7" | "UCS-2"; readonly count: number } {
  // By code points: a surrogate pair is one of them, and is not split.
  const points = Array.from(text);
  const costs = points.map((one) => (basic.has(one) ? 1 : extended.has(one) ? 2 : undefined));
  const gsm = costs.every((cost) => cost !== undefined);
  const units = gsm ? costs : points.map(({ length }) => length);
  return { alphabet: gsm ? "GSM-7" : "UCS-2", count: gsm ? parts(units, 160, 153) : parts(units, 70, 67) };
}

export function segmentsText(text: string): string {
  const { alphabet, count } = segmentsOf(text);
  return `${count} SMS segment${count === 1 ? "" : "s"} (${alphabet})`;
}

function parts(units: readonly number[], whole: number, part: number): number {
  if (units.reduce((sum, unit) => sum + unit, 0) <= whole) return 1;
  let count = 1;
  let used = 0;
  for (const unit of units) {
    if (used + unit > part) {
      count += 1;
      used = 0;
    }
    used += unit;
  }
  return count;
}
