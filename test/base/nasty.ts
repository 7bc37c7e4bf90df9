import fc from "fast-check";

/** What hostile texts are made of: sequences that steer a terminal, and what nobody sees. */
export const pieces = [
  "\u001b]52;c;cm0gLXJmIC8=\u0007",
  "\u001b[2J",
  "\u001b[1A\u001b[2K",
  "\u001b[8m",
  "\u009b31m",
  "\u001bP+q\u001b\\",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u2028",
  "\ufeff",
  "\u007f",
  "\r",
  "\u0000",
  "\u0007",
];

/** Any text, with such pieces in it. */
export const nasty = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 6 })
  .map((parts) => parts.join(""));
