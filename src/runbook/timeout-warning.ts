import { writeDuration } from "../base/duration.ts";
import { celDuration } from "../language/expression.ts";
import { firstKey } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import { render, type Value } from "../language/value.ts";
import type { MapNode } from "../language/yaml.ts";
import { defaultHold } from "./fields.ts";
import { entryOf } from "./keys.ts";
import type { Param, Rung, Runbook } from "./runbook.ts";

/** Deadline of a run whose runbook names none, in milliseconds. */
export const longestRun = 3_600_000;

/** Warns where a run may end before its ladder has been verified, by the parameters' defaults. */
export function warnOfTimeout(runbook: Runbook, node: MapNode, problems: Problems): void {
  const needed = runbook.resolve.reduce((sum, rung) => sum + longestVerify(rung, runbook.params), 0);
  const limit = runbook.timeout ?? longestRun;
  if (needed <= limit) return;
  const place = entryOf(node, "timeout")?.value.span ?? entryOf(node, "resolve")?.keySpan;
  const room = Math.ceil((needed * 1.5) / 300_000) * 300_000;
  problems
    .under("timeout")
    .warn(
      place ?? firstKey(node),
      `the ladder's verifications alone may take ${writeDuration(needed)}, but the run ends after ${writeDuration(limit)}`,
      `timeout: ${writeDuration(room)}.`,
    );
}

/** Milliseconds; a time that only the run can tell counts as none. */
function longestVerify({ verify }: Rung, params: readonly Param[]): number {
  if (verify.type === "steps") return defaultHold;
  const values = params.flatMap(({ name, type, default: value }) => {
    if (value === undefined) return [];
    return [[name, type === "duration" ? celDuration(Number(value)) : value]];
  });
  const names = { params: Object.fromEntries(values) as object };
  const time = (value: Value): number => {
    const rendered = render(value, names);
    return rendered.ok && typeof rendered.value === "number" ? rendered.value : 0;
  };
  return time(verify.within) + time(verify.hold);
}
