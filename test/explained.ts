import { onTestFailed, TestRunner } from "vitest";

/** Characters of each text that are shown, the last ones. */
const most = 6000;

/**
 * When the test fails, its error says this as well: an exit code that is another than expected says nothing by
 * itself, and what a program printed is gone with the machine that ran it.
 * @param told what was run, and all it has printed by then
 */
export function explained(told: () => { readonly what: string; readonly printed: string }): void {
  // What a hook of a whole file runs belongs to no test.
  if (TestRunner.getCurrentTest() === undefined) return;
  onTestFailed(({ task }) => {
    const error = task.result?.errors?.[0];
    if (error === undefined) return;
    const { what, printed } = told();
    const more = `\n\n--- ${what}\n${printed.length > most ? "…" : ""}${printed.slice(-most).trimEnd()}`;
    error.message += more;
    // Some reporters print the stack alone.
    error.stack = `${error.stack ?? ""}${more}`;
  });
}
