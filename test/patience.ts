/**
 * How much slower than a quiet one the machine is, as `npm test` measured it at its start; 1 where nothing did.
 * Later it may be slower still: whatever is multiplied by it has to be generous by itself.
 */
export const slowness = Number(process.env["LAV_TEST_SLOWNESS"] ?? 1);

/**
 * Milliseconds after which what is waited for is taken not to come. It is there against what hangs, and nobody
 * waits so long for what comes: many times what anything takes on a quiet machine.
 */
export const patience = 60_000 * slowness;

/** The same as a signal, for a call that takes one. */
export const soon = (): AbortSignal => AbortSignal.timeout(patience);
