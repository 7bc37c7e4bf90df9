import type { IncidentRecord } from "../../events/incident-record.ts";
import { shownState, type MessageFold } from "../../incident/messages.ts";
import type { Block, BlockRecord } from "./block.ts";

/**
 * A block that was printed while its messages were on their way, or by a command that was killed, does not say what
 * became of them. What is on record for years must: of one that was tried nobody knows its end, and one that was not
 * is not sent any more. Neither is sent again by whoever imports it, later than anybody would want it.
 * @param messages those of the block
 * @param here keys that are on record already: what becomes of these is that desk's
 * @returns the block with their ends, and a sentence for each of them
 */
export function withEnds(
  block: Block,
  messages: Iterable<MessageFold>,
  here: ReadonlySet<string>,
): { readonly block: Block; readonly warnings: readonly string[] } {
  const last = block.records
    .map(({ time }) => time)
    .reduce((a, b) => (Date.parse(b) > Date.parse(a) ? b : a));
  const ends: BlockRecord[] = [];
  const warnings: string[] = [];
  const end = (record: IncidentRecord): void => void ends.push({ time: last, record });
  for (const message of messages) {
    const { key, attempts } = message;
    const { state } = shownState(message);
    const tried = state === "attempt" || state === "unknown";
    if (!tried && state !== "queued") continue;
    if (state === "unknown" && message.unwanted !== undefined) continue;
    if (state === "attempt")
      end({ type: "message.result", data: { key, n: attempts, outcome: "unknown", code } });
    if (here.has(key)) continue;
    end({ type: "message.result", data: { key, n: attempts, outcome: "withdrawn" } });
    warnings.push(
      tried
        ? `outcome of ${key} unknown: it may have arrived; it is not sent again`
        : `${key} was not sent, and is not sent now`,
    );
  }
  return { block: { ...block, records: [...block.records, ...ends] }, warnings };
}

const code = "its result was not recorded";
