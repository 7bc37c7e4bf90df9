import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { failureText } from "../../base/failure.ts";
import { look, lookedSentence } from "../../trading/proof/look.ts";
import { counted } from "../../kinds/format.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { printable } from "../../base/printable.ts";
import { platformLine } from "../../platform/line.ts";
import { questionsOf } from "../../app/context/questions.ts";
import { createPorts } from "../../app/wiring/ports.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatform } from "../../app/context/platform.ts";
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
  const { stderr, stdout, interruption } = world;
  if (options.json !== true && options.quiet !== true)
    stderr.write(`${printable(platformLine(platform.value))}\n`);
  const settings = questionsOf(world, { input: false });
  const ports = createPorts(world, platform.value, createPrompt(settings, new Turn()));
  const seen = await look(ports, interruption.stop);
  const { instances, states, venues } = seen;
  const trading = states.some(({ state }) => state.ok && !state.value.halted);
  const unknown =
    states.length === 0 || states.some(({ state }) => !state.ok) || instances.unseen !== undefined;
  const code = trading ? 1 : unknown ? 4 : 0;
  if (options.json === true) {
    stdout.write(ndjsonHeader(world.version, platform.value));
    for (const { instance, state } of states) {
      const said = state.ok ? { answers: true, ...state.value } : { answers: false, failure: state.failure };
      stdout.write(
        ndjsonRow("trading.instance", {
          url: instance.url,
          container: instance.container,
          found: instance.found,
          ...said,
        }),
      );
    }
    for (const venue of venues.ok ? venues.value : []) stdout.write(ndjsonRow("trading.venue", venue));
    stdout.write(ndjsonRow("trading.status", { halted: code === 0, exit_code: code }));
    return code;
  }
  const lines = states.map(lookedSentence);
  for (const { name, state } of instances.stopped)
    lines.push(`${name} is ${state}: it trades once it is started`);
  if (instances.unseen !== undefined)
    lines.push(`whether there are other instances is not known: ${failureText(instances.unseen)}`);
  if (venues.ok) {
    for (const { venue, market, halted, openOrders } of venues.value)
      lines.push(
        `${venue}: ${halted ? "takes no orders" : `market ${market}`}, ${counted(openOrders, "open order")}`,
      );
  } else lines.push(`the venues: unknown: ${failureText(venues.failure)}`);
  for (const line of lines) stdout.write(`${printable(line)}\n`);
  if (states.length === 0) stderr.write(`no instance is configured, and none was found\n`);
  return code;
}
