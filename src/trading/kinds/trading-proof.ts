import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../../kinds/kind.ts";
import { defaulted, duration, object, optional, text } from "../../language/shape.ts";
import { shown } from "../../kinds/format.ts";
import { prove } from "../proof/prove.ts";
import { isScope, scopePattern } from "../proof/scope.ts";
import { curlGet, instanceUrls } from "./service-api.ts";

interface Args {
  readonly scope: string;
  readonly window?: number;
}

interface Outputs {
  readonly verdict: string;
  readonly halts: readonly string[];
  readonly still_trading: readonly string[];
  readonly not_known: readonly string[];
  readonly exceptions: readonly string[];
  readonly fills: readonly unknown[];
  readonly accepted: readonly unknown[];
  readonly proof: unknown;
}

export const tradingProof: Kind = defineKind<Args, Outputs>({
  name: "trading.proof",
  summary: "Whether trading is proven halted, now",
  doc: [
    "Looks through channels that do not depend on each other: every instance's own state; at each venue's own API, open orders in two reads that lie apart, and fills; the orders table, for orders accepted after the halt of the instance that accepted them; the topics, for how many orders arrived during the proof.",
    "PROVEN: every instance is halted (or every venue refuses orders itself), no open order in both reads, no fill and no accepted order. PARTIAL: something trades, and `still_trading` says what. UNKNOWN: something that would have to be seen cannot be. Good-till-cancelled orders that a closed market keeps are `exceptions`. Without the database or Kafka the venues' reports decide, and the result says so.",
  ].join("\n\n"),
  effect: "read",
  args: object(
    {
      scope: defaulted(text({ pattern: scopePattern }), "all", "all, venue:NAME or strategy:NAME"),
      window: optional(
        duration({ min: 100 }),
        "The longest that the proof may take, until two reads agree; default: the platform file's",
      ),
    },
    { primary: "scope" },
  ),
  outputs: {
    verdict: { type: "string", doc: "What the proof came to", values: ["PROVEN", "PARTIAL", "UNKNOWN"] },
    halts: { type: "list<string>", doc: "Ids of the halts in force" },
    still_trading: { type: "list<string>", doc: "What still trades, exactly" },
    not_known: { type: "list<string>", doc: "What could not be seen" },
    exceptions: { type: "list<string>", doc: "What stays and is no trading" },
    fills: { type: "list<dyn>", doc: "Fills since the halt" },
    accepted: { type: "list<dyn>", doc: "Orders accepted since the halt" },
    proof: { type: "dyn", doc: "Everything it rests on" },
  },
  timeout: 30_000,
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ scope }, { trading }) =>
    `trading.proof: prove that ${shown(scope ?? "all")} is halted at ${trading} and the venues`,
  byHand: (_, where) =>
    [
      ...instanceUrls(where).map((url) => curlGet({ url }, "/api/emergency/status", where)),
      "# then at each venue: its open orders, twice, and its fills since the halt",
    ].join("\n"),
  execute: async ({ scope, window }, { ports, signal }) => {
    if (!isScope(scope)) {
      return fail({
        type: "argument",
        target: "trading.proof",
        message: `scope must be ${scopePattern.says}`,
      });
    }
    const proof = await prove(
      ports,
      { scope, since: ports.clock.now(), ...(window === undefined ? {} : { window }) },
      signal,
    );
    return ok({
      verdict: proof.outcome,
      halts: proof.halts,
      still_trading: proof.trading,
      not_known: proof.unknown,
      exceptions: proof.exceptions,
      fills: proof.fills,
      accepted: proof.accepted,
      proof,
    });
  },
});
