import { failureText } from "../base/failure.ts";
import { instanceName } from "../trading/proof/look.ts";
import type { HaltEvent } from "../trading/proof/halt-event.ts";
import { receiptText } from "../trading/proof/receipt.ts";

/** One event of a halt as a person reads it: progress, and at its end the receipt. */
export function haltText(event: HaltEvent): readonly string[] {
  switch (event.type) {
    case "sent": {
      const { length } = event.instances;
      return [`halt sent to ${length === 1 ? "1 instance" : `${length} instances`} (${event.halt})`];
    }
    case "answer": {
      const { instance, reply, ms } = event.sent;
      const name = instanceName(instance);
      if (!reply.ok) return [`  ${name}: ${failureText(reply.failure)}`];
      return [`  ${name}: ${reply.value.repeated ? "halted already" : "halted"}, after ${ms} ms`];
    }
    case "doubt":
      return [
        ...event.doubts.map((doubt) => `  not enough: ${doubt}`),
        ...(event.closing ? ["closing the venues"] : []),
      ];
    case "closed": {
      const { venue, through, reply } = event.closed;
      const how = through === "instance" ? "through an instance" : "itself";
      return [`  ${venue}: ${reply.ok ? `told ${how} to take no orders` : failureText(reply.failure)}`];
    }
    case "finished": {
      const { receipt, fault } = event;
      const lost = fault === undefined ? [] : [`NOT RECORDED: ${fault}; save the output above`];
      return [...receiptText(receipt).trimEnd().split("\n"), ...lost];
    }
  }
}
