import {
  arrivalsOf,
  checkBreaches,
  checkFirings,
  checkMessages,
  checkRecords,
  checkStatus,
  type Wrong,
} from "./checks.ts";
import { Machine } from "./machine.ts";
import { Random } from "./random.ts";
import { calm, close, play, weatherOf } from "./script.ts";

const epoch = Date.parse("2026-11-30T09:42:00.000Z");

export interface Simulated {
  readonly seed: number;
  readonly wrong: readonly Wrong[];
  /** What there was of it, to see that it is worth something. */
  readonly records: number;
  /** Messages that arrived more than once. */
  readonly doubled: number;
}

/** One incident from its declaration to its end; the same seed makes the same one. */
export async function simulate(seed: number): Promise<Simulated> {
  const random = new Random(seed);
  const weather = weatherOf(random);
  const late = (until: number): number =>
    weather.late === 0 ? 0 : random.of(`late ${until}`).between(0, weather.late);
  await using machine = await Machine.start(random, epoch, late);
  await play(machine, random, weather);
  const wrong: Wrong[] = [...(await checkRecords(machine)), ...(await checkStatus(machine))];
  await calm(machine);
  wrong.push(...(await checkStatus(machine)), ...checkBreaches(machine), ...checkFirings(machine, weather));
  await close(machine, random.pick(["resolved", "cancelled"]));
  wrong.push(
    ...(await checkRecords(machine)),
    ...(await checkStatus(machine)),
    ...checkMessages(machine),
    ...machine.crashes.map(
      (error) => `a sender crashed: ${error instanceof Error ? (error.stack ?? "") : String(error)}`,
    ),
    ...(machine.sends ? ["the sender goes on behind the end"] : []),
  );
  const { length: records } = (await machine.chain()).records;
  const doubled = arrivalsOf(machine).filter(({ arrived }) => arrived.length > 1).length;
  return { seed, wrong: [...new Set(wrong)], records, doubled };
}
