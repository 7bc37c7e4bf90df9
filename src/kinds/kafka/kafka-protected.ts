import type { Failure } from "../../base/failure.ts";
import type { TopicSetting } from "../../ports/kafka.ts";
import { fitsPattern } from "../name-pattern.ts";
import { list, optional, text, type Field } from "../../language/shape.ts";

/** What an order or a fill is must never be skipped or deleted from here, whatever a runbook says. */
const always = ["*order*", "*fill*", "__*"] as const;

/** The argument by which a runbook names more of them; it cannot name fewer. */
export const protect: Field<readonly string[], false> = optional(
  list(text()),
  `More names of topics that are never touched, \`*\` for any text; ${always.join(", ")} and compacted topics never are`,
);

/** Why no message of this topic may be skipped or deleted; undefined when they may. */
export function protection(
  topic: string,
  more: readonly string[],
  settings: readonly TopicSetting[],
): Failure | undefined {
  const pattern = [...always, ...more].find((one) => fitsPattern(topic, one));
  const policy = settings.find(({ name }) => name === "cleanup.policy")?.value ?? "";
  if (pattern === undefined && !policy.includes("compact")) return undefined;
  const why =
    pattern === undefined
      ? "it is compacted: the newest message of a key is its state"
      : `its name is one of ${pattern}, whose messages are never skipped or deleted`;
  return {
    type: "rejected",
    target: `topic ${topic}`,
    message: why,
    code: "PROTECTED_TOPIC",
    effect: "none",
  };
}
