import type { Failure } from "../../base/failure.ts";
import { FailureError } from "../network.ts";

/** Kafka's numbers. */
export const unknownTopic = 3;
export const wantsLogin = 33;
const notAuthorized = 29;
const timedOut = 7;

/** "Ask again with fresh metadata": a leader or a coordinator has just moved, or is being told of it. */
const moving: ReadonlySet<number> = new Set([unknownTopic, 5, 6, 9, 14, 15, 16, 74, 75]);

/** A refusal that a second question, from the start, will probably not meet. */
export class Moved extends FailureError {}

/**
 * Nothing when the error number is 0.
 * @param said the broker's own sentence, where it sent one
 * @throws Moved when it is worth asking again, FailureError for the rest
 */
export async function throwRefused(target: string, error: number, said?: string | null): Promise<void> {
  if (error === 0) return;
  const failure = await refusalOf(target, error, said);
  throw moving.has(error) ? new Moved(failure) : new FailureError(failure);
}

export async function refusalOf(target: string, error: number, said?: string | null): Promise<Failure> {
  const { default: errors } = await import("kafkajs/src/protocol/error.js");
  const { type, message: known } = errors.createErrorFromCode(error);
  const code = type ?? `ERROR_${error}`;
  const message = said === undefined || said === null || said === "" ? known : said;
  if (code.endsWith("AUTHORIZATION_FAILED")) return { type: "denied", target, message };
  const failure = { type: "rejected", target, message, code } as const;
  // The broker gave up waiting, and what it had begun may still end.
  return error === timedOut ? { ...failure, effect: "unknown" } : failure;
}

export async function topicRefusal(name: string, error: number): Promise<FailureError> {
  const target = `topic ${name}`;
  if (error === unknownTopic) {
    return new FailureError({ type: "missing", target, message: `there is no topic ${name}` });
  }
  const failure = await refusalOf(target, error);
  return new FailureError(
    error === notAuthorized ? { type: "denied", target, message: "reading it is not allowed" } : failure,
  );
}
