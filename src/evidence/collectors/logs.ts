import { ok } from "../../base/result.ts";
import type { ContainerRunner, EngineReader } from "../../ports/evidence.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { containersIn, containerName } from "./docker.ts";
import { fieldsOf, inTurns, tellMissing, type TextFields } from "./written.ts";

const megabyte = 1_048_576;
const cap = 256 * megabyte;
/** Bytes of one container's log: the newest. */
const capEach = 64 * megabyte;
/** Logs that are read at the same time. */
const atOnce = 4;

/** The logs of the platform's containers, in the window; of these services alone. */
export function containerLogs(
  engine: EngineReader,
  runner: ContainerRunner,
  only?: readonly string[],
): Collector {
  return {
    id: "logs.containers",
    target: `containers of ${runner.target}`,
    summary: "logs with timestamps, in the window",
    volatile: true,
    order: 1,
    deadline: 60_000,
    cap,
    collect: async (context) => {
      const listed = await containersIn(context, engine, runner.labels);
      if (!listed.ok) return listed;
      const wanted = listed.value.filter(
        (one) => only === undefined || runner.isOf(only, fieldsOf(one["Labels"])),
      );
      if (wanted.length === 0) return ok({ skipped: `${runner.target} has no container` });
      await inTurns(wanted, atOnce, (container) => log(context, engine, container));
      return ok({});
    },
  };
}

async function log(context: CollectContext, engine: EngineReader, container: TextFields): Promise<void> {
  const name = containerName(container);
  const sink = context.file(`${name}.log`, { kind: "text", keep: "newest", cap: capEach });
  const read = await engine.logs(
    String(container["Id"]),
    context,
    context.signal,
    ({ stream, stamp, text }) => {
      // Each stream's lines are searched for secrets as that stream wrote them: one may go over several lines.
      sink.write(`${stamp ?? "-"} ${stream} ${text}\n`, stream);
    },
  );
  sink.end();
  if (!read.ok && read.failure.type !== "missing") tellMissing(context, `the log of ${name}`, read.failure);
  if (read.ok && read.value.cut)
    context.tell({
      type: "missing",
      what: `the ends of long lines of ${name}`,
      why: "of one line, 64 kB are kept",
    });
}
