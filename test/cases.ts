import process from "node:process";

/** Of how many cases one is tried where no seed is given. */
const thin = 10;

/**
 * How many cases of a property are tried: all of them for a seed that was given, as the soak does, where each turn
 * tries new ones; a tenth of them, the same every time, in an ordinary run.
 */
export function cases(all: number): { readonly numRuns: number } {
  return { numRuns: process.env["LAV_TEST_SEED"] === undefined ? Math.ceil(all / thin) : all };
}
