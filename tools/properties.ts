import process from "node:process";
import fc from "fast-check";

// Of a property the same cases are tried in every run, so that a commit is green or red by itself. New ones are drawn by
// `npm run test:soak -- properties N`, a seed for each turn; `npm test -- --seed N` repeats one.
fc.configureGlobal({ seed: Number(process.env["LAV_TEST_SEED"] ?? 1) });
