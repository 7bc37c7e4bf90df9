import { formatDuration } from "../base/duration.ts";
import { printable } from "../base/printable.ts";
import { titleOf } from "../plan/print.ts";
import type { Names } from "../language/value.ts";
import { judgeOutcome } from "./judge.ts";
import type { Ran, Running } from "./step-types.ts";
import { cutText } from "./truncate.ts";

/** One that does not hold yet, as it was tried last. */
interface Tried {
  readonly ran: Ran;
  readonly names: Names;
}

/**
 * Says in the place of the step what it waits for: how its last attempt ended, which one that was, and the time left.
 * @param of how many are waited for in all
 * @param left milliseconds
 */
export function tellWaiting(
  { session, step, plan, tell, turn }: Running,
  tried: readonly Tried[],
  { of, attempts, left }: { readonly of: number; readonly attempts: number; readonly left: number },
): void {
  const [first] = tried;
  if (tell === undefined || first === undefined) return;
  const { message = "not yet" } = judgeOutcome(step, first.ran, first.names);
  const title = titleOf(step, { ...plan, names: { ...plan.names, ...first.names } });
  const whose = turn === undefined ? "" : `${turn}, `;
  const count = of === 1 ? "" : `${of - tried.length} of ${of} hold; first: `;
  const time = `attempt ${attempts}, ${formatDuration(Math.ceil(left / 1000) * 1000)} left`;
  tell(printable(session.redactor.text(`${title}: ${whose}${count}${cutText(message)}; ${time}`)));
}
