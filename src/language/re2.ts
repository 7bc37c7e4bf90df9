import type { RE2JS } from "re2js";

// Patterns that users write are RE2: no text makes one run for long, which JavaScript's own would. Its library is
// loaded where a runbook has a pattern, before anything of that is checked.

let engine: typeof RE2JS | undefined;

export async function loadRe2(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

/** @throws where the pattern is none */
export function re2(pattern: string): RE2JS {
  if (engine === undefined) throw new Error("a pattern was evaluated before its engine was loaded");
  return engine.compile(pattern);
}

/** Why a text is no pattern; undefined where it is one, or where no engine is there to ask. */
export function patternProblem(pattern: string): string | undefined {
  if (engine === undefined) return undefined;
  try {
    engine.compile(pattern);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace("error parsing regexp: ", "");
  }
}
