import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { failureText } from "../../base/failure.ts";
import { look, lookedSentence, type Look } from "../../trading/proof/look.ts";
import type { VenueState } from "../../ports/trading.ts";
import { counted } from "../../kinds/format.ts";
import type { RowLine } from "../../events/row-lines.ts";
import { failureLine } from "../../output/failure-line.ts";
import { questionsOf } from "../../app/context/questions.ts";
import { createPorts } from "../../app/wiring/ports.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatform } from "../../app/context/platform.ts";
import { nameContacted, show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

/**
 * `lav-ir trading status`: each instance's own word, and the venues'.
 * @returns 0 when every one of them is halted, 1 when one trades, 4 when one could not be asked.
 */
export async function tradingStatusCommand(world: World, options: GlobalOptions): Promise<number> {
  const platform = await loadPlatform(world, options, {
    command: "trading status",
    untrusted: "refuse",
  });
  if (!platform.ok) return refuse(world, options, platform.failure);
  const { stderr, interruption } = world;
  nameContacted(world, options, platform.value);
  const settings = questionsOf(world, { input: false });
  const ports = createPorts(world, platform.value, createPrompt(settings, new Turn()));
  const seen = await look(ports, interruption.stop);
  const { instances, states } = seen;
  const trading = states.some(({ state }) => state.ok && !state.value.halted);
  const unknown =
    states.length === 0 || states.some(({ state }) => !state.ok) || instances.unseen !== undefined;
  const code = trading ? 1 : unknown ? 4 : 0;
  show(world, options, rowsOf(seen, code), () => linesOf(seen), platform.value);
  if (states.length === 0) stderr.write(`no instance is configured, and none was discovered\n`);
  return code;
}

function rowsOf({ instances, states, venues }: Look, exit_code: number): readonly RowLine[] {
  return [
    ...states.map(({ instance: { url, container, found }, state }): RowLine => {
      const about = { type: "trading.instance", url, container, found } as const;
      if (!state.ok) return { ...about, answers: false, failure: failureLine(state.failure) };
      const { haltId: halt, answeredAt: answered_at, ...rest } = state.value;
      return { ...about, answers: true, halt, answered_at, ...rest };
    }),
    ...instances.stopped.map(({ name, state }): RowLine => {
      return { type: "trading.stopped", container: name, state };
    }),
    ...(venues.ok ? venues.value : []).map((one): RowLine => {
      const { openOrders: open_orders, answeredAt: answered_at, ...rest } = one;
      return { type: "trading.venue", ...rest, open_orders, answered_at };
    }),
    {
      type: "trading.status",
      halted: exit_code === 0,
      instances_failure: instances.unseen === undefined ? undefined : failureLine(instances.unseen),
      venues_failure: venues.ok ? undefined : failureLine(venues.failure),
      exit_code,
    },
  ];
}

function linesOf({ instances, states, venues }: Look): readonly string[] {
  const { stopped, unseen } = instances;
  return [
    ...states.map(lookedSentence),
    ...stopped.map(({ name, state }) => `${name} is ${state}: it will trade once started`),
    ...(unseen === undefined
      ? []
      : [`cannot look for other instances, which may be trading: ${failureText(unseen)}`]),
    ...(venues.ok ? venues.value.map(venueText) : [`cannot read the venues: ${failureText(venues.failure)}`]),
  ];
}

function venueText({ venue, market, halted, openOrders }: VenueState): string {
  return `${venue}: ${halted ? "takes no orders" : `market ${market}`}, ${counted(openOrders, "open order")}`;
}
