import { failureText } from "../../base/failure.ts";
import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../../kinds/kind.ts";
import { object } from "../../language/shape.ts";
import { look, instanceName, lookedSentence } from "../proof/look.ts";
import { curlGet, instanceUrls } from "./service-api.ts";

interface Outputs {
  readonly halted: boolean;
  readonly instances: readonly unknown[];
  readonly venues: readonly unknown[];
  readonly still_trading: readonly string[];
  readonly not_known: readonly string[];
  readonly stopped: readonly unknown[];
  readonly open_orders?: number;
  readonly sentences: readonly string[];
}

export const tradingStatus: Kind = defineKind<object, Outputs>({
  name: "trading.status",
  summary: "Whether trading is on, as reported by each instance and venue",
  doc: [
    "Asks every instance for its state: those that the platform file has, and those that are found by the labels of the service's containers. Beside it the venues' own API is asked for their state and their open orders.",
    "This is what they say of themselves. Whether it is true, `trading.proof` finds out.",
  ].join("\n\n"),
  effect: "read",
  args: object({}),
  outputs: {
    halted: { type: "bool", doc: "Every instance answered, and says that it is halted" },
    instances: {
      type: "list<dyn>",
      doc: "Each instance: `url`, `container`, `found`, and what it says of itself",
    },
    venues: { type: "list<dyn>", doc: "Each venue: `venue`, `market`, `halted`, `openOrders`" },
    still_trading: { type: "list<string>", doc: "Instances that say they trade" },
    not_known: { type: "list<string>", doc: "What could not be asked, with why" },
    stopped: { type: "list<dyn>", doc: "Instances that do not run: `name`, `state`" },
    open_orders: {
      type: "int",
      doc: "Open orders at all venues; missing when the venues do not answer",
      optional: true,
    },
    sentences: { type: "list<string>", doc: "A sentence for each instance" },
  },
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: (_, { trading }) => `trading.status: ask every instance of ${trading}, and the venues`,
  byHand: (_, where) =>
    instanceUrls(where)
      .map((url) => curlGet({ url }, "/api/emergency/status", where))
      .join("\n") || "# no instance is configured",
  execute: async (_, { ports, signal }) => {
    const seen = await look(ports, signal);
    const { instances, states, venues } = seen;
    const [first] = states;
    if (first === undefined) {
      const message = "no instance is configured, and none was discovered";
      return fail(instances.unseen ?? { type: "missing", target: ports.trading.target, message });
    }
    return ok({
      halted: instances.unseen === undefined && states.every(({ state }) => state.ok && state.value.halted),
      instances: states.map(({ instance, state }) => ({
        ...instance,
        ...(state.ok
          ? { answers: true, ...state.value }
          : { answers: false, failure: failureText(state.failure) }),
      })),
      venues: venues.ok ? venues.value : [],
      still_trading: states.flatMap(({ instance, state }) =>
        state.ok && !state.value.halted ? [instanceName(instance)] : [],
      ),
      not_known: [
        ...states.flatMap(({ state }) => (state.ok ? [] : [failureText(state.failure)])),
        ...(instances.unseen === undefined ? [] : [failureText(instances.unseen)]),
        ...(venues.ok ? [] : [failureText(venues.failure)]),
      ],
      stopped: instances.stopped,
      ...(venues.ok
        ? { open_orders: venues.value.reduce((sum, { openOrders }) => sum + openOrders, 0) }
        : {}),
      sentences: states.map(lookedSentence),
    });
  },
});
