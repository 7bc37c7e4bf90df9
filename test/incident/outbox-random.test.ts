import fc from "fast-check";
import { expect, test } from "vitest";
import type { IncidentRecord } from "../../src/events/incident-record.ts";
import { decide, type ChannelFacts, type Step } from "../../src/incident/dispatch.ts";
import type { Message } from "../../src/incident/outbox.ts";
import { attempt, incident, outboxFrom, queued, type TimedRecord } from "./records.ts";
import { cases } from "../cases.ts";

// Random histories: commands, channels that fail in every way, senders that are killed between any two acts. In the
// end all is well again, and then: nothing is lost, and nothing arrived twice without saying so.

const channels: Readonly<Record<string, ChannelFacts>> = {
  slack: { settles: "look", spacing: 1000, tells: false },
  pager: { settles: "same-key", spacing: 0, tells: false },
  sms: { settles: "look", spacing: 0, tells: true },
  hook: { settles: "repeat", spacing: 0, tells: false },
};

/** What happens at the next act of the sender. */
const fates = [
  "well",
  "failed",
  "refused",
  "rate-limited",
  "lost-reply",
  "lost-request",
  "killed-before",
  "killed-after",
  "blind",
] as const;
type Fate = (typeof fates)[number];

type Command =
  | {
      readonly do: "queue";
      readonly kind: "page" | "update" | "notice";
      readonly channel: string;
      readonly clock: boolean;
    }
  | { readonly do: "answer" | "raise" | "resolve" }
  | { readonly do: "act"; readonly fate: Fate; readonly pick: number };

const channel = fc.constantFrom(...Object.keys(channels));
const act = fc.record({ do: fc.constant("act" as const), fate: fc.constantFrom(...fates), pick: fc.nat(9) });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("queue" as const),
      kind: fc.constantFrom("page", "page", "update", "notice"),
      channel,
      clock: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Command>({ do: "answer" }, { do: "raise" }, { do: "resolve" }) },
  { weight: 12, arbitrary: act },
);

/** The world outside, with what truly arrived. */
class World {
  readonly records: TimedRecord[] = [];
  readonly arrived = new Map<string, { repeat: boolean }[]>();
  now = 0;
  private inFlight = new Set<string>();
  private asked = new Map<string, { times: number; at: number }>();
  private count = 0;

  write(record: IncidentRecord): void {
    this.records.push({ record, at: this.now });
  }

  messages(): readonly Message[] {
    return outboxFrom(this.records, { incident, isPrivate: () => true }).messages;
  }

  command(one: Command): void {
    switch (one.do) {
      case "queue": {
        const { kind, clock } = one;
        const made =
          clock && kind === "page" ? { clock: { id: "answered", n: ++this.count }, person: "bob" } : {};
        this.write(queued({ key: `${kind}/${++this.count}`, kind, channel: one.channel, ...made }));
        return;
      }
      case "answer":
        this.write({ type: "incident.answer", data: { person: "bob", by: "desk" } });
        return;
      case "raise":
        this.write({ type: "incident.severity", data: { from: "P1", to: "P0", why: "worse" } });
        return;
      case "resolve":
        this.write({ type: "incident.resolved", data: { message: "over" } });
        return;
      case "act":
        this.act(one.fate, one.pick);
        return;
    }
  }

  /** One act of the sender, or the time until there is one. @returns false when there is nothing to do ever. */
  act(fate: Fate, pick: number): boolean {
    const outbox = outboxFrom(this.records, { incident, isPrivate: () => true });
    const { steps, wake } = decide([outbox], {
      now: this.now,
      channels: new Map(Object.entries(channels)),
      inFlight: this.inFlight,
      busy: new Set(),
      asked: this.asked,
    });
    const sends = steps.flatMap((step) => (step.do === "send" ? [step.message.channel] : []));
    expect(new Set(sends).size).toBe(sends.length);
    const step = steps[pick % steps.length];
    this.now += 100;
    if (step !== undefined) this.take(step, fate);
    else if (wake !== undefined) this.now = Math.max(this.now, wake);
    return step !== undefined || wake !== undefined;
  }

  private take(step: Step, fate: Fate): void {
    const { key, id } = step.message;
    if (step.do === "record") {
      const { n, outcome, code } = step;
      const more = code === undefined ? {} : { code };
      this.write({ type: "message.result", data: { key, n, outcome, ...more } });
      return;
    }
    if (step.do === "send") this.send(step, fate);
    else if (step.do === "look") this.look(step.message, fate);
    else if (fate === "well") this.result(key, "delivered");
    else this.asked.set(id, { times: (this.asked.get(id)?.times ?? 0) + 1, at: this.now });
  }

  private send({ message, n, repeat }: Extract<Step, { do: "send" }>, fate: Fate): void {
    const { key } = message;
    this.write(attempt(key, n, repeat));
    const refused = fate === "refused" || fate === "rate-limited" || fate === "failed";
    const lost = fate === "lost-request" || fate === "killed-before";
    if (!refused && !lost) this.arrived.set(key, [...(this.arrived.get(key) ?? []), { repeat }]);
    if (fate === "killed-before" || fate === "killed-after") return;
    if (fate === "failed") this.result(key, "failed");
    else if (fate === "rate-limited") this.result(key, "refused", { retry_after_s: 3 });
    else if (fate === "refused") this.result(key, "refused");
    else if (fate === "lost-reply" || fate === "lost-request") this.result(key, "unknown");
    else this.result(key, "accepted", { provider_id: "1" });
  }

  private look({ key }: Message, fate: Fate): void {
    if (fate === "blind") this.result(key, "unknown", { code: "cannot-look" });
    else if (fate.startsWith("killed")) return;
    else if (this.arrived.has(key)) this.result(key, "accepted", { provider_id: "1" });
    else this.result(key, "refused", { code: "not-found" });
  }

  private result(
    key: string,
    outcome: "accepted" | "delivered" | "failed" | "refused" | "unknown",
    more = {},
  ): void {
    this.write({ type: "message.result", data: { key, n: 1, outcome, ...more } });
  }
}

test("nothing is lost, nothing arrives twice unmarked, and all comes to an end", () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 5, maxLength: 60 }), (commands) => {
      const world = new World();
      for (const one of commands) world.command(one);
      let left = 2000;
      while (world.act("well", 0) && left > 0) left -= 1;
      expect(left).toBeGreaterThan(0);

      for (const message of world.messages()) {
        const { key, state, kind } = message;
        const arrivals = world.arrived.get(key) ?? [];
        expect(arrivals.slice(1).every(({ repeat }) => repeat)).toBe(true);
        expect(["queued", "attempt"]).not.toContain(state.state);
        if (state.state === "accepted" || state.state === "delivered") expect(arrivals).not.toEqual([]);
        if (arrivals.length > 0)
          expect(["failed", "accepted", "delivered", "unknown"]).toContain(settledAs(message));
        const { settles } = channels[message.channel] ?? { settles: "repeat" };
        // What stays unknown: the rest where nobody can look, a page that was repeated as often as may be, and what a
        // later record made unwanted.
        if (
          state.state === "unknown" &&
          kind === "page" &&
          message.unwanted === undefined &&
          settles === "repeat"
        )
          expect(message.unknowns).toBe(4);
      }
    }),
    cases(400),
  );
});

/** A message that arrived and whose sender never heard of it may be withdrawn by then. */
function settledAs({ state, unwanted }: Message): string {
  return unwanted === undefined ? state.state : "unknown";
}

test("the state is the same however often it is read, and each attempt has the next number", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const world = new World();
      for (const one of commands) world.command(one);
      expect(world.messages()).toEqual(world.messages());
      const numbers = new Map<string, number>();
      for (const { record } of world.records) {
        if (record.type !== "message.attempt") continue;
        const { key, n } = record.data;
        expect(n).toBe((numbers.get(key) ?? 0) + 1);
        numbers.set(key, n);
      }
    }),
    cases(200),
  );
});
