import type { Ports } from "../ports/ports.ts";
import type { Interlocks, InterlockState } from "../ports/trading.ts";
import { causeResolved, type IncidentOutcome } from "./interlock-cause.ts";
import { prove } from "./proof/prove.ts";

/** Conditions that a step may require, with what each means; a runbook that names another is refused. */
export const interlocks = {
  "trading-halted": "Trading is proven halted everywhere, now.",
  "halt-cause-resolved":
    "The cause of the halts is mitigated as far as known: their incident is mitigated, every instance and venue answers, positions are reconciled.",
} as const;

export const interlockNames: readonly string[] = Object.keys(interlocks);

/** Looks now, by the same proof as a halt's: nothing is remembered from an earlier one. */
export function createInterlocks(
  ports: Pick<Ports, "trading" | "clock">,
  incidentOutcome: IncidentOutcome,
): Interlocks {
  return {
    check: async (name, signal): Promise<InterlockState> => {
      if (name === "halt-cause-resolved") return await causeResolved(ports, incidentOutcome, signal);
      if (name !== "trading-halted") {
        return { holds: false, message: `unknown interlock ${name}`, meets: "lav-ir lint" };
      }
      const since = ports.clock.now();
      const proof = await prove(ports, { scope: "all", since }, signal);
      const meets = 'lav-ir halt-all --reason "…"';
      if (proof.outcome === "PROVEN") {
        return { holds: true, message: `trading is proven halted (${proof.halts.join(", ")})`, meets };
      }
      const [worst = "nothing is known"] = [...proof.trading, ...proof.unknown];
      const more = proof.trading.length + proof.unknown.length - 1;
      const rest = more > 0 ? `, and ${more} more` : "";
      const what =
        proof.outcome === "PARTIAL" ? "trading continues" : "it is not known whether trading is halted";
      return { holds: false, message: `${what}: ${worst}${rest}`, meets };
    },
  };
}
