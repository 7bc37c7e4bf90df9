import { fail, ok } from "../../base/result.ts";
import type { HaltScope } from "../../ports/trading.ts";
import { defineKind, type Kind } from "../../kinds/kind.ts";
import { defaulted, object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../../kinds/format.ts";
import { haltAndProve } from "../proof/halt-and-prove.ts";
import { look, lookedSentence } from "../proof/look.ts";
import { receiptOf, receiptText } from "../proof/receipt.ts";
import { isScope, scopePattern, scopeText } from "../proof/scope.ts";
import { curlPost, instanceUrls } from "./service-api.ts";

interface Args {
  readonly reason: string;
  readonly scope: string;
  readonly incident: string;
  readonly token: string;
}

interface Outputs {
  readonly verdict: string;
  readonly halts: readonly string[];
  readonly still_trading: readonly string[];
  readonly not_known: readonly string[];
  readonly exceptions: readonly string[];
  readonly receipt: unknown;
  readonly text: string;
}

export const tradingHalt: Kind = defineKind<Args, Outputs>({
  name: "trading.halt",
  summary: "Stop trading everywhere, and prove it",
  doc: [
    "Tells every instance to halt, all at once: those of the platform file, and those found by the labels of the service's containers. Where an instance does not answer, or its answer is not enough, every venue itself is closed to orders. Then it is proven: see `trading.proof`. What the proof finds trading is halted again.",
    "`verdict` is PROVEN, PARTIAL (`still_trading` names what trades) or UNKNOWN (`not_known` names what could not be seen). Again while halted it has no second effect, and the halts keep their ids.",
    "Halting is the safe direction. `lav-ir halt-all` does the same, and is faster on the wire.",
  ].join("\n\n"),
  effect: "change",
  args: object(
    {
      reason: required(text(), "Why; it is on record at every instance"),
      scope: defaulted(text({ pattern: scopePattern }), "all", "all, venue:NAME or strategy:NAME"),
      incident: defaulted(text(), "none", "The incident's id"),
      token: required(text({ secret: true }), "The emergency token"),
    },
    { primary: "reason" },
  ),
  outputs: {
    verdict: { type: "string", doc: "What the proof came to", values: ["PROVEN", "PARTIAL", "UNKNOWN"] },
    halts: { type: "list<string>", doc: "Ids of the halts in force" },
    still_trading: { type: "list<string>", doc: "What still trades, exactly" },
    not_known: { type: "list<string>", doc: "What could not be seen" },
    exceptions: {
      type: "list<string>",
      doc: "What stays and is no trading, such as orders that a closed market keeps",
    },
    receipt: { type: "dyn", doc: "Everything that was done and found" },
    text: { type: "string", doc: "The receipt for a person" },
  },
  did: ({ verdict, still_trading: still }) =>
    still.length === 0 ? verdict : `${verdict}; still trading: ${still.join(", ")}`,
  unreachable: "unknown",
  retrySafe: "what is halted answers with the same halt again",
  undo: { how: "irreversible", why: "resuming takes two people: lav-ir trading resume" },
  plan: ({ scope }, { trading }) =>
    `trading.halt: halt ${shown(scope ?? "all")} at every instance of ${trading}, and prove it`,
  byHand: ({ scope, reason, incident, token }, where) => {
    const body = {
      incident_id: shown(incident ?? "none"),
      operator: "by hand",
      reason: shown(reason),
      scope: shown(scope ?? "all"),
    };
    const lines = instanceUrls(where).map(
      (url) => `${curlPost({ url, token }, "/api/emergency/halt-all", body, where)} &`,
    );
    return lines.length === 0 ? "# no instance is configured" : [...lines, "wait"].join("\n");
  },
  preview: async ({ scope }, { ports, signal }) => {
    const seen = await look(ports, signal);
    const count = counted(seen.states.length, "instance");
    const lines = [
      `halts ${scopeText(scope as HaltScope)} at ${count} of ${ports.trading.target}`,
      ...seen.states.map(lookedSentence),
      ...(seen.venues.ok
        ? [
            `open orders at the venues: ${seen.venues.value.reduce((sum, { openOrders }) => sum + openOrders, 0)}`,
          ]
        : []),
    ];
    return ok({ lines, binding: { scope }, counters: {}, confirm: "HALT" });
  },
  happened: async ({ scope }, _before, _since, { ports, signal }) => {
    const { states } = await look(ports, signal);
    if (states.length === 0 || states.some(({ state }) => !state.ok)) return "unknown";
    const halted = states.filter(({ state }) => state.ok && state.value.halted && state.value.covers.all);
    if (halted.length === states.length && scope === "all") return "yes";
    return states.every(({ state }) => state.ok && !state.value.halted) ? "no" : "unknown";
  },
  execute: async ({ reason, scope, incident, token }, { ports, signal, idempotencyKey }) => {
    if (!isScope(scope)) {
      return fail({
        type: "argument",
        target: "trading.halt",
        message: `scope must be ${scopePattern.says}`,
        effect: "none",
      });
    }
    if (token.trim() === "") {
      const message = `the token is empty; nothing was sent. ${ports.trading.tokenHelp}`;
      return fail({ type: "argument", target: "trading.halt", message, effect: "none" });
    }
    const operator = ports.prompt.person ?? "lav-ir";
    const request = { incident, operator, reason, scope, token, key: idempotencyKey };
    const { instances } = { instances: await ports.trading.instances(signal) };
    if (instances.running.length === 0 && instances.unseen !== undefined) return fail(instances.unseen);
    const since = ports.clock.now();
    const run = { request, since, begun: ports.clock.monotonic(), sent: [], tell: () => {} };
    const halted = await haltAndProve(ports, run, signal);
    const receipt = receiptOf(request, since, halted);
    const { outcome: verdict, proof, halts } = { ...receipt };
    return ok({
      verdict,
      halts,
      still_trading: proof.trading,
      not_known: proof.unknown,
      exceptions: proof.exceptions,
      receipt,
      text: receiptText(receipt),
    });
  },
});
