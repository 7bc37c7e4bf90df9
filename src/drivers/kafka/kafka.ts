import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { KafkaSurvey } from "../../ports/evidence.ts";
import { alterSettings, commit, deleteBefore, topicSettings } from "./changes.ts";
import { Moved } from "./errors.ts";
import { groupLags } from "./lag.ts";
import { newestMessages } from "./newest.ts";
import { KafkaSession, type KafkaSettings } from "./session.ts";
import { surveyGroups } from "./survey-groups.ts";
import { surveySettings, surveyTopology } from "./survey.ts";
import { topicOffsets, topicState } from "./topic.ts";
import { Aborted, FailureError, messageOf, timedOut, untilAborted } from "../network.ts";
import type { Kafka } from "../../ports/kafka.ts";

/**
 * Kafka by kafkajs, below its admin client. Every question opens its own connections and closes them:
 * there is nothing to close afterwards, and no retry but one after leadership moved.
 */
export function createKafka(settings: KafkaSettings): Kafka {
  const target = settings.brokers;
  const ask = async <T>(
    doing: string,
    signal: AbortSignal,
    question: (session: KafkaSession) => Promise<T>,
  ): Promise<Result<T>> => await conversation(settings, doing, signal, question);
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
    offsets: (topic, at, signal) =>
      ask(`reading the offsets of topic ${topic}`, signal, (session) => topicOffsets(session, topic, at)),
    messages: (topic, count, signal) =>
      ask(`reading the newest messages of topic ${topic}`, signal, (session) =>
        newestMessages(session, topic, count),
      ),
    settings: (topic, signal) =>
      ask(`reading the settings of topic ${topic}`, signal, (session) => topicSettings(session, topic)),
    alterSettings: (topic, changes, signal) =>
      ask(`changing topic ${topic}`, signal, (session) => alterSettings(session, topic, changes)),
    commit: (group, topic, offsets, signal) =>
      ask(`committing for group ${group}`, signal, (session) => commit(session, group, topic, offsets)),
    deleteRecords: (topic, before, signal) =>
      ask(`deleting from topic ${topic}`, signal, (session) => deleteBefore(session, topic, before)),
  };
}

/** What a snapshot reads of all of it, in the same way. */
export function createKafkaSurvey(settings: KafkaSettings): KafkaSurvey {
  return {
    target: settings.brokers,
    topology: (signal) => conversation(settings, "reading all topics", signal, surveyTopology),
    settings: (signal) => conversation(settings, "reading all settings", signal, surveySettings),
    groups: (signal) => conversation(settings, "reading all groups", signal, surveyGroups),
  };
}

/** What the brokers need to tell each other that a leader has moved; milliseconds. */
const moveTakes = 250;

/** Every change here says what shall be, so asking for it a second time does no second thing. */
async function conversation<T>(
  settings: KafkaSettings,
  doing: string,
  signal: AbortSignal,
  question: (session: KafkaSession) => Promise<T>,
): Promise<Result<T>> {
  const { brokers: target } = settings;
  const started = performance.now();
  let partly = false;
  for (let again = false; ; again = true) {
    const session = new KafkaSession(settings);
    try {
      return ok(
        await untilAborted(
          signal,
          () => question(session),
          () => session.close(),
        ),
      );
    } catch (error) {
      const failure = failureOf(error, target, doing, started, signal);
      if (error instanceof Moved && !again) {
        partly = failure.effect === "unknown";
        session.close();
        if (await waited(moveTakes, signal)) continue;
      }
      return fail(withEffect(failure, session.acted, partly));
    } finally {
      session.close();
    }
  }
}

/** False as soon as the signal fires. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return await new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(!signal.aborted);
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** Before anything was sent that changes something, nothing happened, whatever the failure is. */
function withEffect(failure: Failure, acted: boolean, partly: boolean): Failure {
  if (partly) return { ...failure, effect: "unknown" };
  return acted ? failure : { ...failure, effect: "none" };
}

function failureOf(
  error: unknown,
  target: string,
  doing: string,
  started: number,
  signal: AbortSignal,
): Failure {
  if (error instanceof Aborted) return timedOut(`Kafka at ${target}`, doing, started, signal);
  if (error instanceof FailureError) return error.failure;
  // A bug here, or in what reads the replies: it is this question's failure, and nobody else's.
  return { type: "unreadable", target: `Kafka at ${target}`, message: messageOf(error) };
}
