import { ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/** `--override NAME="reason"`: each a known interlock, once, and with a reason. */
export function readOverrides(
  given: readonly string[] = [],
): Result<Readonly<Record<string, string>>, Refusal> {
  const reasons: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    const known = (interlockNames as readonly string[]).includes(name);
    if (!known) {
      const near = didYouMean(name, interlockNames);
      return refusal(
        `--override ${name}: no such interlock${near}; interlocks: ${interlockNames.join(", ")}`,
      );
    }
    const reason = at < 0 ? "" : text.slice(at + 1).trim();
    if (reason === "") return refusal(`--override ${name} needs a reason: --override ${name}="reason"`);
    if (reasons[name] !== undefined) return refusal(`--override ${name} is given twice`);
    reasons[name] = reason;
  }
  return ok(reasons);
}

/** Why nothing is to be captured before a change; a reason is what makes it one. */
export function readSkip(reason: string | undefined): Result<{ readonly skipEvidence?: string }, Refusal> {
  if (reason === undefined) return ok({});
  if (reason.trim() !== "") return ok({ skipEvidence: reason.trim() });
  return refusal('--skip-evidence needs a reason: --skip-evidence "the disk is full"');
}
