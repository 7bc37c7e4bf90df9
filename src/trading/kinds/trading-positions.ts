import { ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../../kinds/kind.ts";
import { object } from "../../language/shape.ts";
import { reconcile } from "../proof/reconcile.ts";
import { curlGet } from "./service-api.ts";

interface Outputs {
  readonly reconciled: boolean;
  readonly same: number;
  readonly different: readonly string[];
  readonly not_known: readonly string[];
}

export const tradingPositions: Kind = defineKind<object, Outputs>({
  name: "trading.positions",
  summary: "Whether the platform's positions match those at the venues",
  doc: "Compares what the platform believes it holds, symbol by symbol, with what every venue reports. A difference is read twice, because a fill in flight causes one that soon disappears. A venue that does not answer is not known, and nothing is reconciled then.",
  effect: "read",
  args: object({}),
  outputs: {
    reconciled: { type: "bool", doc: "Every venue answered, and every position is the same" },
    same: { type: "int", doc: "Positions that are the same on both sides" },
    different: { type: "list<string>", doc: "A sentence for each position that is not" },
    not_known: { type: "list<string>", doc: "What could not be asked, with why" },
  },
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: (_, { trading }) => `trading.positions: the platform's positions against the venues', for ${trading}`,
  byHand: (_, where) =>
    where.book === undefined
      ? "# no book is configured"
      : curlGet({ url: where.book }, "/api/positions", where),
  execute: async (_, { ports, signal }) => {
    const { same, different, unknown } = await reconcile(ports, signal);
    const reconciled = different.length === 0 && unknown.length === 0;
    return ok({ reconciled, same, different, not_known: unknown });
  },
});
