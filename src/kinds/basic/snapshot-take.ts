import { writeDuration } from "../../base/duration.ts";
import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { defineKind, type Kind } from "../kind.ts";
import { defaulted, duration, object } from "../../language/shape.ts";

interface Outputs {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly complete: boolean;
  readonly missing: readonly string[];
}

const window = 30 * 60_000;

export const snapshotTake: Kind = defineKind<{ since: number }, Outputs>({
  name: "snapshot.take",
  summary: "Take a snapshot of the whole platform",
  doc: "Captures everything `lav-ir snapshot` does into one sealed and signed file beside the incident's journal. It reads, and changes nothing on the platform. A snapshot with parts missing is one: `complete` says so, `missing` says what and why.",
  effect: "read",
  args: object(
    { since: defaulted(duration({ min: 1000 }), window, "The window of logs and events") },
    { primary: "since" },
  ),
  outputs: {
    path: { type: "string", doc: "The sealed file" },
    sha256: { type: "string", doc: "Its digest" },
    size: { type: "int", doc: "Its bytes" },
    complete: { type: "bool", doc: "Whether nothing is missing" },
    missing: { type: "list<string>", doc: "What is missing, and why" },
  },
  timeout: 150_000,
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ since }) => `snapshot.take: capture the whole platform, logs of the last ${length(since)}`,
  byHand: ({ since }) => shellLine(["lav-ir", "snapshot", "--since", length(since)]),
  execute: async ({ since }, { ports, signal }) => {
    if (ports.evidence === undefined) {
      return fail({ type: "missing", target: "snapshot", message: "no snapshot can be taken here" });
    }
    const taken = await ports.evidence.take(since, signal);
    if (!taken.ok) return taken;
    const { path, sha256, bytes, verdict, missing } = taken.value;
    return ok({ path, sha256, size: bytes, complete: verdict === "complete", missing });
  },
});

function length(since: unknown): string {
  return typeof since === "number" ? writeDuration(since) : String(since);
}
