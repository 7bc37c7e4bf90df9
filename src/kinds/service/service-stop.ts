import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import {
  beforeOf,
  choiceFields,
  chosen,
  chosenText,
  isUp,
  recordOf,
  shownChoice,
  stepOn,
  type ChoiceArgs,
} from "./choice.ts";
import { details, instanceSentence, starts } from "./instances.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";
import { counted } from "../format.ts";

interface Outputs {
  readonly instances: number;
  readonly stopped: number;
  readonly containers: readonly unknown[];
}

export const serviceStop: Kind = defineKind<ChoiceArgs, Outputs>({
  name: "service.stop",
  summary: "Stop a service and leave it stopped",
  doc: [
    "Stops the instances there are, paused ones and those that are started over and over too, and removes nothing: with their volumes they stay where they are. It is done when none of them runs; what is stopped already stays as it is, and a service without an instance is stopped.",
    "`service.start` is its undo: it starts those that ran before. An instance has the time to end that its definition gives it, and is then killed.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(choiceFields, { primary: "service" }),
  outputs: {
    instances: { type: "int", doc: "Instances that were meant" },
    stopped: { type: "int", doc: "Those of them that ran, and were stopped" },
    containers: { type: "list<dyn>", doc: "As in service.inspect" },
  },
  did: ({ stopped, instances }) => `${stopped} of ${counted(instances, "instance")} stopped`,
  unreachable: "unknown",
  retrySafe: "what is stopped already stays as it is",
  undo: {
    how: "steps",
    steps: ({ service }, recorded) => {
      const before = beforeOf(recorded);
      if (before === undefined || before.up.length === 0) return undefined;
      return [{ "service.start": stepOn(service, before.up, before) }];
    },
  },
  plan: (args, { services }) => `service.stop: stop ${chosenText(args, services.describe)}`,
  byHand: (args, { services }) => shellLine(services.byHand({ do: "stop", ...shownChoice(args) })),
  evidence: ({ service }) => [{ type: "service", service }],
  capture: async (args, context) => {
    const found = await chosen(args, context);
    return found.ok ? ok(recordOf(found.value)) : found;
  },
  preview: async (args, context) => {
    const found = await chosen(args, context);
    if (!found.ok) return found;
    const { meant } = found.value;
    const where = context.ports.services.describe(args.service);
    const up = meant.filter(isUp);
    const first =
      up.length === 0
        ? `nothing of ${where} runs: it is stopped already`
        : `stops ${counted(up.length, "instance")} of ${where}, and leaves them stopped`;
    const lines = [first, ...meant.map(instanceSentence)];
    const binding = meant.map((one) => ({ id: one.id, up: isUp(one) }));
    return ok({ lines, binding, counters: {}, confirm: args.service });
  },
  happened: async ({ service }, recorded, _since, { ports, signal }) => {
    const before = beforeOf(recorded);
    const found = await ports.services.inspect(service, signal);
    if (!found.ok || before === undefined) return "unknown";
    const ran = found.value.filter(({ name }) => before.up.includes(name));
    // One that is gone was not merely stopped.
    if (ran.length < before.up.length) return "unknown";
    if (!ran.some(isUp)) return "yes";
    const now = starts(ran);
    return ran.every((one) => isUp(one) && now[one.id] === before.starts[one.id]) ? "no" : "unknown";
  },
  execute: async (args, context) => {
    const { ports, signal } = context;
    const before = await chosen(args, context);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const { meant } = before.value;
    const stopped = await ports.services.stop(args, signal);
    if (!stopped.ok) return stopped;
    const after = await chosen({ service: args.service }, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const ids = meant.map(({ id }) => id);
    return ok({
      instances: meant.length,
      stopped: meant.filter(isUp).length,
      containers: details(after.value.all.filter(({ id }) => ids.includes(id))),
    });
  },
});
