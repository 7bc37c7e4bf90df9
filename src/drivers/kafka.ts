import type { Failure } from "../base/failure.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { groupLags } from "./kafka/lag.ts";
import { LeaderMoved } from "./kafka/offsets.ts";
import { Session } from "./kafka/session.ts";
import { topicState } from "./kafka/topic.ts";
import { Aborted, FailureError, timedOut, untilAborted } from "./network.ts";
import type { Kafka } from "./ports.ts";

export interface KafkaSettings {
  /** `host:port,host:port`; 9092 where no port is given. */
  readonly brokers: string;
}

/**
 * Kafka by kafkajs, below its admin client. Every question opens its own connections and closes them:
 * there is nothing to close afterwards, no timer, no retry but one after leadership moved.
 */
export function createKafka(settings: KafkaSettings): Kafka {
  const target = settings.brokers;
  const ask = async <T>(
    doing: string,
    signal: AbortSignal,
    question: (session: Session) => Promise<T>,
  ): Promise<Result<T>> => {
    const started = performance.now();
    try {
      return ok(await once(target, signal, question));
    } catch (error) {
      if (!(error instanceof LeaderMoved)) return fail(failureOf(error, target, doing, started));
    }
    try {
      return ok(await once(target, signal, question));
    } catch (error) {
      return fail(failureOf(error, target, doing, started));
    }
  };
  return {
    target,
    cluster: (signal) =>
      ask("asking for the cluster", signal, async (session) => {
        const { brokers, controller, clusterId } = await session.start([]);
        return {
          brokers: brokers.map(({ id, host, port }) => ({ id, address: `${host}:${port}` })),
          controller: controller < 0 ? undefined : controller,
          clusterId,
        };
      }),
    topics: (signal) =>
      ask("listing topics", signal, async (session) => {
        const { topics } = await session.start("all");
        return topics
          .filter((topic) => !topic.internal)
          .map((topic) => topic.name)
          .toSorted();
      }),
    topic: (name, signal) => ask(`reading topic ${name}`, signal, (session) => topicState(session, name)),
    lag: (groups, signal) => ask("reading lag", signal, (session) => groupLags(session, groups)),
  };
}

async function once<T>(
  target: string,
  signal: AbortSignal,
  question: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session(target);
  try {
    return await untilAborted(
      signal,
      () => question(session),
      () => session.close(),
    );
  } finally {
    session.close();
  }
}

function failureOf(error: unknown, target: string, doing: string, started: number): Failure {
  if (error instanceof Aborted) return timedOut(`Kafka at ${target}`, doing, started);
  if (error instanceof FailureError) return error.failure;
  throw error;
}
