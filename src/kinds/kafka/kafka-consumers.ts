import { failureText, type Failure } from "../../base/failure.ts";
import { shellLine } from "../../base/quote.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { GroupLag } from "../../ports/kafka.ts";
import type { Instance } from "../../ports/ports.ts";
import type { KindContext, Where } from "../kind.ts";
import { counted } from "../format.ts";

/** Milliseconds a group has to become empty once its consumers are stopped, and between two looks at it. */
const leaves = 60_000;
const every = 500;

/** Instances of the service that run now. */
export async function running(
  service: string,
  { ports, signal }: KindContext,
): Promise<Result<readonly Instance[]>> {
  const found = await ports.services.inspect(service, signal);
  return found.ok ? ok(found.value.filter(({ state }) => state === "running")) : found;
}

/**
 * Stops the service that reads for a group, does `work` once the group is empty, and starts as many instances
 * again as ran, whatever became of it. A group that others keep alive is left as it is.
 */
export async function withoutConsumers<T>(
  service: string,
  group: string,
  context: KindContext,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const { ports, signal } = context;
  const before = await running(service, context);
  if (!before.ok) return fail({ ...before.failure, effect: "none" });
  const count = before.value.length;
  const stopped = count === 0 ? ok(undefined) : await ports.services.scale(service, 0, signal);
  if (!stopped.ok) return stopped;
  const empty = await becomesEmpty(group, context);
  const done = empty.ok ? await work() : empty;
  const started = count === 0 ? ok(undefined) : await ports.services.scale(service, count, signal);
  if (started.ok) return done;
  const what = done.ok ? "the offsets are set" : failureText(done.failure);
  const message = `${what}; ${ports.services.describe(service)} was stopped, and ${counted(count, "instance")} could not be started again: ${failureText(started.failure)}`;
  const target = ports.services.describe(service);
  return fail({ type: "rejected", target, code: "NOT_STARTED", message, effect: "unknown" });
}

async function becomesEmpty(group: string, { ports, signal }: KindContext): Promise<Result<void>> {
  const { clock, kafka } = ports;
  const until = clock.monotonic() + leaves;
  for (;;) {
    const found = await kafka.lag([group], signal);
    const [now] = found.ok ? found.value : [];
    if (now?.state === "Empty" && now.members === 0) return ok(undefined);
    if (signal.aborted || clock.monotonic() > until) {
      if (!found.ok) return fail({ ...found.failure, effect: "none" });
      return fail(now === undefined ? gone(group) : live(now));
    }
    await clock.sleep(every, signal);
  }
}

function gone(group: string): Failure {
  return { type: "missing", target: `group ${group}`, message: `no group ${group}`, effect: "none" };
}

/** Why a group that is not empty cannot be set: its members would overwrite it. */
export function live(group: GroupLag): Failure {
  const shownMembers = group.clients
    .slice(0, 5)
    .map(({ client, host }) => `${client} on ${host.replace(/^\//, "")}`)
    .join(", ");
  const more = group.clients.length > 5 ? ` and ${group.clients.length - 5} more` : "";
  const message =
    group.members === 0
      ? `it is ${group.state}, not Empty`
      : `it has ${counted(group.members, "member")} (${shownMembers}${more}); stop them first`;
  return { type: "rejected", target: `group ${group.group}`, message, code: "GROUP_ACTIVE", effect: "none" };
}

/** What to type around the offsets' own command. */
export function byHandAround(
  service: string,
  command: string,
  { services }: Pick<Where, "services">,
): string {
  const scale = (replicas: string): string => shellLine(services.byHand({ do: "scale", service, replicas }));
  return [
    `# note how many instances of ${service} run, and stop them`,
    scale("0"),
    command,
    "# as many as ran before, in place of N",
    scale("N"),
  ].join("\n");
}
