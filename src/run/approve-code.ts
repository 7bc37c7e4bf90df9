import { createHash } from "node:crypto";

// What `--approve` takes: the digest of a change, good for a day. A digest alone would stand for the same change for
// ever, in a script or in a shell's history; so the hour at which it was shown is hashed in, which needs no record of
// what was given, holds on another machine, and cannot be lengthened by whoever edits it. Amounts that consent depends
// on and that move by themselves are written behind it, and hashed in as well.

const hour = 3_600_000;
/** Hours that a code is good for. */
export const goodFor = 24;
/** Hours for which one that is too old is told from one of another change. */
const remembered = 30 * 24;
/** Part of an amount that it may move by. */
const leeway = 0.1;

type Amounts = Readonly<Record<string, number>>;

/** `moved`: an amount is another than when the code was shown. */
export type CodeState = "good" | "old" | "moved";

function codeAt(digest: string, hours: number, amounts: string): string {
  const hash = createHash("sha256").update(`lav-ir --approve ${digest} ${hours} ${amounts}`).digest("hex");
  return amounts === "" ? hash : `${hash}:${amounts}`;
}

/** The code by which a change may be consented to from now on. */
export function approveCode(digest: string, now: Date, moving: Amounts = {}): string {
  const amounts = Object.entries(moving).map(([name, amount]) => `${name}=${Math.round(amount)}`);
  return codeAt(digest, Math.floor(now.getTime() / hour), amounts.join(","));
}

/**
 * What one of the codes is for this change; undefined where none is of it. One that another machine's clock put an hour
 * ahead is good.
 */
export function codeFor(
  digest: string,
  codes: readonly string[],
  now: Date,
  moving: Amounts = {},
): CodeState | undefined {
  const at = Math.floor(now.getTime() / hour);
  for (const code of codes) {
    const amounts = code.includes(":") ? code.slice(code.indexOf(":") + 1) : "";
    for (let age = -1; age <= remembered; age++) {
      if (codeAt(digest, at - age, amounts) !== code) continue;
      if (age > goodFor) return "old";
      return haveMoved(amountsIn(amounts), moving) ? "moved" : "good";
    }
  }
  return undefined;
}

function amountsIn(text: string): Amounts {
  const pairs = text.split(",").filter((pair) => pair !== "");
  return Object.fromEntries(pairs.map((pair) => [pair.split("=")[0] ?? "", Number(pair.split("=")[1])]));
}

/** Whether an amount is another by more than a tenth, or is not known any more. */
export function haveMoved(before: Amounts = {}, now: Amounts = {}): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].some((name) => {
    const [then, is] = [before[name] ?? Number.NaN, now[name] ?? Number.NaN];
    return !(Math.abs(is - then) <= Math.abs(then) * leeway);
  });
}
