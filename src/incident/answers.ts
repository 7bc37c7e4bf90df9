import type { IncidentData } from "../events/incident-record.ts";
import type { Person } from "../platform/people.ts";
import type { Heard } from "../ports/channel.ts";
import type { IncidentFold } from "./fold.ts";

/** Reactions that say "seen, on it"; a skin's tone behind them says nothing more. */
const reactions: ReadonlySet<string> = new Set([
  "white_check_mark",
  "heavy_check_mark",
  "ballot_box_with_check",
  "+1",
  "thumbsup",
  "ok",
  "ok_hand",
]);
const yes = /^(?:ack|acknowledged?|ok|okay|yes)$/i;
/** Words by which a carrier stops all messages to a number. */
const stop = /^(?:stop|stopall|unsubscribe|cancel|end|quit|optout|revoke)$/i;

/** What somebody means by what they did with a page: that they answer, or that no SMS may reach them any more. */
export function meaningOf({ what }: Heard, incident: string): "answer" | "stop" | undefined {
  switch (what.did) {
    case "acknowledged":
      return "answer";
    case "reacted":
      return reactions.has(what.name.split("::")[0] ?? "") ? "answer" : undefined;
    case "wrote": {
      const words = wordsOf(what.text);
      const [first = ""] = words;
      if (words.length === 1 && stop.test(first)) return "stop";
      return yes.test(first) || names(first, incident) ? "answer" : undefined;
    }
  }
}

/** The incidents that a text names, of these: by the whole number, or its digits. */
export function namedIn({ what }: Heard, incidents: readonly string[]): readonly string[] {
  if (what.did !== "wrote") return [];
  const words = wordsOf(what.text);
  return incidents.filter((incident) => words.some((word) => names(word, incident)));
}

function wordsOf(text: string): readonly string[] {
  return text
    .trim()
    .split(/[\s,;:!?()[\]]+/)
    .map((word) => word.replaceAll(/^[.#]+|[.]+$/g, ""))
    .filter((word) => word !== "");
}

function names(word: string, incident: string): boolean {
  const digits = /^[A-Z]+-\d+-(\d+)/.exec(incident)?.[1];
  return word.toUpperCase() === incident.toUpperCase() || (digits !== undefined && word === digits);
}

/** Whoever is known by this id at a provider; the id as it is where the platform file knows nobody. */
export function personOf(
  people: Readonly<Record<string, Person>>,
  provider: "slack" | "pagerduty",
  who: string,
): string {
  return Object.values(people).find((person) => person[provider] === who)?.id ?? who;
}

/** Ids of what providers told, as far as it is on record: what was withdrawn stays heard. */
export function heardIn(fold: IncidentFold): ReadonlySet<string> {
  return new Set(
    fold.all.flatMap(({ read }) =>
      read?.type === "incident.answer" && read.data.provider !== undefined ? [idOf(read.data)] : [],
    ),
  );
}

/** One provider's ids say nothing of another's. */
export function idOf({ by, provider }: Pick<IncidentData<"incident.answer">, "by" | "provider">): string {
  return `${by} ${provider?.id ?? ""}`;
}
