import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { Instance } from "../../ports/ports.ts";
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
import { details, instanceSentence, lastStart, starts } from "./instances.ts";
import { settled } from "./settled.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";
import { counted } from "../format.ts";

interface Outputs {
  readonly instances: number;
  readonly started: number;
  readonly started_at?: Date;
  readonly containers: readonly unknown[];
}

export const serviceStart: Kind = defineKind<ChoiceArgs, Outputs>({
  name: "service.start",
  summary: "Start the instances of a service that do not run",
  doc: [
    "Starts the instances there are, with their volumes, in place. It is done when each of them runs on for a moment, and is healthy where the definition has a health check; what runs already stays as it is. One that ends again at once is a failure, with its exit code.",
    "A service whose instances were removed has nothing to start: that is a failure, and `service.recreate` is what brings it back. `service.stop` is its undo: it stops those that did not run before.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(choiceFields, { primary: "service" }),
  outputs: {
    instances: { type: "int", doc: "Instances that were meant" },
    started: { type: "int", doc: "Those of them that did not run, and were started" },
    started_at: { type: "timestamp", doc: "The latest start of any of them", optional: true },
    containers: { type: "list<dyn>", doc: "As in service.inspect" },
  },
  did: ({ started, instances }) => `${started} of ${counted(instances, "instance")} started`,
  unreachable: "unknown",
  retrySafe: "what runs already stays as it is",
  undo: {
    how: "steps",
    steps: ({ service }, recorded) => {
      const before = beforeOf(recorded);
      if (before === undefined || before.down.length === 0) return undefined;
      return [{ "service.stop": stepOn(service, before.down, before) }];
    },
  },
  plan: (args, { services }) => `service.start: start ${chosenText(args, services.describe)}`,
  byHand: (args, { services }) => shellLine(services.byHand({ do: "start", ...shownChoice(args) })),
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
    // Nobody is asked for what cannot be done.
    if (meant.length === 0) {
      const message = `${where} has no instance to start; service.recreate makes one`;
      return fail({ type: "missing", target: where, message, effect: "none" });
    }
    const down = meant.filter((one) => !runs(one));
    const first =
      down.length === 0
        ? `all of ${where} runs already`
        : `starts ${counted(down.length, "instance")} of ${where}`;
    const lines = [first, ...meant.map(instanceSentence)];
    const binding = meant.map((one) => ({ id: one.id, up: runs(one) }));
    return ok({ lines, binding, counters: {}, confirm: args.service });
  },
  happened: async ({ service }, recorded, _since, { ports, signal }) => {
    const before = beforeOf(recorded);
    const found = await ports.services.inspect(service, signal);
    if (!found.ok || before === undefined) return "unknown";
    const were = found.value.filter(({ name }) => before.down.includes(name));
    if (were.length < before.down.length) return "unknown";
    if (were.every(runs)) return "yes";
    const now = starts(were);
    return were.every((one) => !runs(one) && now[one.id] === before.starts[one.id]) ? "no" : "unknown";
  },
  execute: async (args, context) => {
    const { ports, signal } = context;
    const before = await chosen(args, context);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const { meant } = before.value;
    const target = ports.services.describe(args.service);
    if (meant.length === 0) {
      const message = `${target} has no instance to start; service.recreate makes one`;
      return fail({ type: "missing", target, message, effect: "none" });
    }
    const down = meant.filter((one) => !runs(one)).map(({ id }) => id);
    const started = await ports.services.start(args, signal);
    if (!started.ok) return started;
    const after = await settled(args.service, "started", ({ id }) => down.includes(id), context);
    if (!after.ok) {
      const { failure } = after;
      if (failure.type !== "rejected" || failure.code !== "NOT_RUNNING") return fail(failure);
      // Where all of them ended again nothing was changed. One that runs, well or not, was started.
      const left = await ports.services.inspect(args.service, signal);
      const isDown = left.ok && !left.value.some((one) => down.includes(one.id) && isUp(one));
      return fail({ ...failure, effect: isDown ? "none" : "unknown" });
    }
    const now = after.value.filter((one) => meant.some(({ id }) => id === one.id));
    if (now.length < meant.length) {
      const message = "somebody else removed an instance during the change";
      return fail({ type: "rejected", target, message, effect: "unknown" });
    }
    const startedAt = lastStart(now);
    return ok({
      instances: now.length,
      started: down.length,
      ...(startedAt === undefined ? {} : { started_at: startedAt }),
      containers: details(now),
    });
  },
});

function runs({ state }: Instance): boolean {
  return state === "running";
}
