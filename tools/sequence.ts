import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take long, the dearest first. A new machine remembers no times, and would begin one of these when the
 * others have nearly ended.
 */
const dear: readonly string[] = [
  "database-pool-exhaustion",
  "market-sentinel-down",
  "kafka-message-backlog",
  "executioner-fill-rate-drop",
  "compose",
  "halt",
  "snapshot-faults",
  "trading-resume",
  "two-people",
];

/** Vitest's own order, but for those. */
export class DearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = dear.indexOf(basename(moduleId).replace(/\.real\.test\.ts$/, ""));
  return at < 0 ? dear.length : at;
}
