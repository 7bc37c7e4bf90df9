import { foldIncident } from "../../incident/fold.ts";
import type { MessageFold } from "../../incident/messages.ts";
import { outcomeText } from "../../incident/people.ts";
import type { Clock } from "../../ports/ports.ts";
import { readChain, type ChainPlace } from "./chain.ts";

/** What a channel has said of a page. */
export interface PageOutcome {
  /** `war-room`, or `sms (rosa)`. */
  readonly to: string;
  /** accepted, failed, held: SLACK_TOKEN is not set ... */
  readonly outcome: string;
  readonly accepted: boolean;
}

/** Milliseconds between two looks at the journal. */
const look = 100;

/**
 * Waits until every page of an incident was accepted, or cannot be for now, and tells of each as soon as it is so.
 * @param ms how long; what is still under way then is told as it stands
 * @returns whether every page was accepted
 */
export async function awaitPages(
  place: ChainPlace,
  { clock, ms, stop }: { readonly clock: Clock; readonly ms: number; readonly stop: AbortSignal },
  tell: (outcome: PageOutcome) => void,
): Promise<boolean> {
  const until = clock.monotonic() + ms;
  const told = new Map<string, PageOutcome>();
  let size: number | undefined;
  let pages: readonly MessageFold[] = [];
  const settle = (all: boolean): void => {
    for (const page of pages) {
      if (told.has(page.key) || !(all || isSettled(page))) continue;
      const outcome = outcomeFor(page);
      told.set(page.key, outcome);
      tell(outcome);
    }
  };
  for (;;) {
    const now = await place.store.sizeOf(place);
    if (now !== size) {
      size = now;
      const { messages } = foldIncident((await readChain(place)).records);
      pages = [...messages.values()].filter(({ queued }) => queued.data.kind === "page");
      settle(false);
    }
    if (told.size === pages.length || clock.monotonic() >= until || stop.aborted) break;
    await clock.sleep(look, stop);
  }
  settle(true);
  return [...told.values()].every(({ accepted }) => accepted);
}

/** Nothing more comes of it by itself. */
function isSettled({ state }: MessageFold): boolean {
  return state.state === "queued"
    ? state.held !== undefined
    : state.state !== "attempt" && state.state !== "unknown";
}

function outcomeFor(page: MessageFold): PageOutcome {
  const { person } = page.queued.data;
  const { state } = page.state;
  return {
    to: person === undefined ? page.channel : `${page.channel} (${person})`,
    outcome: state === "failed" ? `failed: ${page.state.code}` : outcomeText(page),
    accepted: state === "accepted" || state === "delivered",
  };
}
