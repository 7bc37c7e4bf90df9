import { onlyTokens } from "../../../src/secrets/finds.ts";
import type { Sample } from "./load.ts";

/** What redaction did to a line. */
export interface Verdict {
  /** Secrets of it that are gone, of how many. */
  readonly gone: number;
  readonly secrets: number;
  /** Whether everything else is as it was, and tokens alone stand where the secrets stood. */
  readonly kept: boolean;
}

export function judge(sample: Sample, clean: string): Verdict {
  const rest = clean.replaceAll(tokens, "‹›");
  return {
    gone: sample.goes.filter((secret) => !leaks(secret, rest)).length,
    secrets: sample.goes.length,
    kept: kept(sample, clean),
  };
}

const tokens = new RegExp(onlyTokens.source.slice(1, -1), "g");
/** Characters of a secret of which fewer may be left by chance. */
const shortest = 4;

function leaks(secret: string, rest: string): boolean {
  for (let at = 0; at + shortest <= secret.length; at++) {
    const piece = secret.slice(at, at + shortest);
    // What is letters alone may be a word of the line.
    if (/\d|[^\w\s]/.test(piece) && rest.includes(piece)) return true;
  }
  return false;
}

function kept({ text, stays }: Sample, clean: string): boolean {
  const [first = "", ...others] = stays;
  if (others.length === 0) return clean === text;
  if (!clean.startsWith(first)) return false;
  let rest = clean.slice(first.length);
  for (const [at, piece] of others.entries()) {
    const end = at === others.length - 1 ? rest.length - piece.length : rest.indexOf(piece, 1);
    if (end < 0 || !rest.endsWith(piece, end + piece.length) || !onlyTokens.test(rest.slice(0, end)))
      return false;
    rest = rest.slice(end + piece.length);
  }
  return rest === "";
}
