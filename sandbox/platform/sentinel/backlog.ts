import { numberOption } from "../shared/faults.ts";
import { fieldsOf, wholeField } from "../shared/input.ts";
import { lagOf, restless, type GroupLook } from "../shared/group.ts";
import type { Request } from "../shared/http.ts";
import type { Bus } from "../shared/kafka.ts";
import { conflict, ok, type Reply } from "../shared/reply.ts";
import type { Context } from "../shared/service.ts";
import { patience, untilSo } from "../shared/until-so.ts";
import { regimeGroup, regimeTopic } from "./consume.ts";

/** What keeps the group from being one whose lag is known: a partition that was never committed has none. */
export function uncommitted(look: GroupLook): string[] {
  const never = look.partitions.filter(({ committed }) => committed < 0).map(({ partition }) => partition);
  return [
    ...restless(regimeGroup, look),
    ...(never.length === 0 ? [] : [`partition ${never.join(", ")} of ${regimeTopic} was never committed`]),
  ];
}

/**
 * `POST /admin/backlog` `{lag}` under the fault `backlog`: writes what is missing, evenly over the partitions, and
 * answers when the group is that far behind. It stays so where the fault produces nothing; one that consumes is refused.
 */
export async function makeBacklog(
  context: Context,
  bus: Bus,
  publish: (partitions: readonly number[]) => Promise<void>,
  request: Request,
): Promise<Reply> {
  const fields = fieldsOf(request.headers["content-type"], request.body, ["lag", "within"]);
  const lag = wholeField(fields, "lag", 1, 50_000);
  const within = patience(fields["within"]);
  const fault = context.faults.active("backlog");
  if (fault === undefined)
    throw conflict("no_fault", "the fault backlog is not set: the group would read what is written");
  const consumed = numberOption(fault, "consume", 0);
  if (consumed > 0)
    throw conflict("consuming", `each member takes ${consumed} messages a second: it would not stay so`);
  let look: GroupLook | undefined;
  await untilSo(async () => {
    look = await bus.group(regimeGroup, regimeTopic);
    return uncommitted(look);
  }, within);
  const before = look === undefined ? 0 : lagOf(look);
  if (before > lag) throw conflict("further_behind", `the group is ${before} behind already`);
  const partitions = (look?.partitions ?? []).map(({ partition }) => partition);
  const wanted = Array.from(
    { length: lag - before },
    (_, index) => partitions[index % partitions.length] ?? 0,
  );
  for (let at = 0; at < wanted.length; at += 1000) await publish(wanted.slice(at, at + 1000));
  await untilSo(async () => {
    look = await bus.group(regimeGroup, regimeTopic);
    const now = lagOf(look);
    return now >= lag ? uncommitted(look) : [`the group is ${now} behind`];
  }, within);
  return ok({
    lag: look === undefined ? 0 : lagOf(look),
    partitions: (look?.partitions ?? []).map(({ partition, end, committed }) => ({
      partition,
      lag: end - committed,
    })),
  });
}
