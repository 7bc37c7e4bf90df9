import { bounded } from "../../base/bounded.ts";
import { failureText, type Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Ports } from "../../ports/ports.ts";
import type { InstanceState, TradingInstance, TradingInstances, VenueState } from "../../ports/trading.ts";

/** One instance and its own word, or why it gave none. */
export interface Looked {
  readonly instance: TradingInstance;
  readonly state: Result<InstanceState>;
}

/** Who can trade, and what each says of itself; the venues beside it. */
export interface Look {
  readonly instances: TradingInstances;
  readonly states: readonly Looked[];
  readonly venues: Result<readonly VenueState[]>;
}

/** Asks everyone at once. Whoever hangs is given up at the deadline and keeps no other waiting. */
export async function look({ trading }: Pick<Ports, "trading">, signal: AbortSignal): Promise<Look> {
  const within = bounded(signal, Math.min(trading.deadline, 3000));
  const venues = trading.venues(within);
  const instances = await trading.instances(within);
  const asked = instances.running.map(async (instance) => {
    return { instance, state: await trading.state(instance, within) };
  });
  return { instances, states: once(await Promise.all(asked)), venues: await venues };
}

/** An instance that is known by two addresses is one. */
function once(states: readonly Looked[]): readonly Looked[] {
  const seen = new Set<string>();
  return states.filter(({ state }) => {
    if (!state.ok) return true;
    const first = !seen.has(state.value.instance);
    seen.add(state.value.instance);
    return first;
  });
}

/** As an operator would name it: the container, and the address that was asked. */
export function instanceName({ url, container }: TradingInstance): string {
  return container === undefined ? url : `${container} (${url})`;
}

export function lookedSentence({ instance, state }: Looked): string {
  const name = instanceName(instance);
  const unlisted = instance.found === "label" ? ", which the platform file does not have," : "";
  if (!state.ok) return `${name}${unlisted}: unknown: ${failureText(state.failure)}`;
  const { halted, stage, haltId, since, resumed } = state.value;
  if (!halted) return `${name}${unlisted} trades`;
  const where = resumed.length === 0 ? "" : `, trading at ${resumed.join(", ")}`;
  return `${name}${unlisted}: ${stage}${where}, ${coversText(state.value)}, ${haltId ?? "no id"} since ${since?.toISOString() ?? "?"}`;
}

export function coversText({ covers }: InstanceState): string {
  if (covers.all) return "everything";
  return [
    ...covers.venues.map((name) => `venue ${name}`),
    ...covers.strategies.map((name) => `strategy ${name}`),
  ].join(", ");
}

/** The least certain thing first, so that a reader who stops early knows the worst. */
export function failuresIn({ instances, states, venues }: Look): readonly Failure[] {
  return [
    ...(instances.unseen === undefined ? [] : [instances.unseen]),
    ...states.flatMap(({ state }) => (state.ok ? [] : [state.failure])),
    ...(venues.ok ? [] : [venues.failure]),
  ];
}
