import { join } from "node:path";
import { timed, type Command } from "./child.ts";
import { root, type Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

const reads = 1000;
/** As many as a list of reads has under way (src/run/map-limit.ts). */
const atOnce = 16;

/**
 * A list of a thousand fast reads, against a script that does nothing but make them: the same client, the same server,
 * as many at once. Whole processes, start-up and journal included.
 */
export async function overList(place: Place, url: string, rounds: number): Promise<readonly Row[]> {
  const ours = runbookOf(place, url);
  const theirs = scriptOf(place, url);
  const pairs: { readonly a: number; readonly b: number }[] = [];
  for (let at = 0; at <= rounds; at++) {
    const a = (await timed(ours)).ms;
    const b = (await timed(theirs)).ms;
    // The first pair fills the page cache.
    if (at > 0) pairs.push({ a, b });
  }
  const median = (values: readonly number[]): string => figure(spread(values).median);
  const note = `medians ${median(pairs.map(({ a }) => a))} and ${median(pairs.map(({ b }) => b))} ms`;
  const ratios = spread(pairs.map(({ a, b }) => a / b));
  return [
    { what: "foreach over 1000 reads, over a bare script", unit: "×", spread: ratios, atMost: 1.5, note },
  ];
}

function runbookOf(place: Place, url: string): Command {
  const items = Array.from({ length: reads }, (_, at) => at).join(", ");
  const text = [
    "runbook: bench-foreach",
    "title: A thousand reads",
    "steps:",
    `  - { id: all, foreach: [${items}], http.get: "${url}?\${item}", expect: status == 200 }`,
  ].join("\n");
  return place.lavIr("run", place.write("bench-foreach.yaml", `${text}\n`));
}

function scriptOf(place: Place, url: string): Command {
  const text = `
const { request } = require(${JSON.stringify(join(root, "node_modules/undici"))});
let next = 0;
async function one() {
  while (next < ${reads}) {
    const reply = await request(${JSON.stringify(url)} + "?" + next++);
    await reply.body.text();
    if (reply.statusCode !== 200) throw new Error("status " + reply.statusCode);
  }
}
Promise.all(Array.from({ length: ${atOnce} }, one)).then(() => process.exit());
`;
  return {
    program: process.execPath,
    args: [place.write("bare.cjs", text)],
    cwd: place.folder,
  };
}
