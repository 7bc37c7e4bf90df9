import { fail, ok, type Result } from "../../base/result.ts";
import type { TopicSetting } from "../../ports/kafka.ts";
import { didYouMean } from "../../base/suggest.ts";

/** One setting of a topic, as it is and as it shall be. */
export interface Change {
  readonly name: string;
  /** What holds now, wherever it comes from. */
  readonly value: string | undefined;
  /** The topic's own value now; null when it has none. */
  readonly own: string | null;
  /** The topic's own value then; null takes it away. */
  readonly next: string | null;
  /** What will hold then; undefined when nobody can say. */
  readonly effective: string | undefined;
}

export interface WantedSettings {
  readonly topic: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** Checks every name against what the topic has: Kafka takes a misspelt one away without a word. */
export function changesOf(
  wanted: WantedSettings,
  settings: readonly TopicSetting[],
): Result<readonly Change[]> {
  const { topic, set = {}, remove = [] } = wanted;
  const wrong = (message: string): Result<never> =>
    fail({ type: "argument", target: `topic ${topic}`, message, effect: "none" });
  const asked: [string, string | null][] = [
    ...Object.entries(set),
    ...remove.map((name): [string, null] => [name, null]),
  ];
  if (asked.length === 0) return wrong("set or remove must name a setting");
  const twice = remove.find((name) => Object.hasOwn(set, name));
  if (twice !== undefined) return wrong(`${twice} is in set and in remove`);
  const byName = new Map(settings.map((setting) => [setting.name, setting]));
  const changes: Change[] = [];
  for (const [name, next] of asked) {
    const setting = byName.get(name);
    if (setting === undefined) {
      return wrong(`a topic has no setting ${name}${didYouMean(name, byName.keys())}`);
    }
    const { value, overridden, fallback } = setting;
    changes.push({ name, value, own: overridden ? (value ?? "") : null, next, effective: next ?? fallback });
  }
  return ok(changes);
}

/** The topic reads as it was asked for. */
export function stands({ own, next }: Change): boolean {
  return sameValue(own, next);
}

/** Kafka writes a number, a list or a truth value its own way. */
export function sameValue(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  const plain = (value: string): string => {
    const tidy = value.trim().replaceAll(/\s*,\s*/g, ",");
    if (/^(true|false)$/i.test(tidy)) return tidy.toLowerCase();
    return /^-?\d+\.\d+$/.test(tidy) ? String(Number(tidy)) : tidy;
  };
  return plain(a) === plain(b);
}

const limits: ReadonlySet<string> = new Set([
  "retention.ms",
  "retention.bytes",
  "local.retention.ms",
  "local.retention.bytes",
]);

/** Fewer messages are kept then. What nobody can compare is taken as fewer. */
export function loses({ name, value, effective }: Change): boolean {
  if (name === "cleanup.policy") return effective === undefined || !sameValue(value ?? null, effective);
  if (!limits.has(name)) return false;
  return amount(effective) < amount(value, Infinity);
}

/** A negative limit is none. */
function amount(limit: string | undefined, unknown = -1): number {
  const number = limit === undefined ? Number.NaN : Number(limit);
  if (Number.isNaN(number)) return unknown;
  return number < 0 ? Infinity : number;
}
