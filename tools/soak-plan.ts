import { simulatedIncidents } from "./matrix-plan.ts";

/** How often what is to be run. */
export interface Soak {
  /** The stack's project. */
  readonly stack: number;
  readonly files: readonly string[];
  /** Each of the files. */
  readonly times: number;
  /** Simulated incidents, of the seeds from 1 on. */
  readonly incidents: number;
  /** Turns of the tests that try a property on random cases, each of a seed of its own. */
  readonly properties: number;
}

/** Incidents in one turn. */
const slice = 20;

/** One that was run. */
export interface Turn {
  /** `stack`, `incidents`, `properties`, or the file. */
  readonly what: string;
  readonly files: readonly string[];
  readonly number: number;
  /** Beside two loops that do nothing but keep the processors busy. */
  readonly busy: boolean;
  readonly code: number;
  readonly seconds: number;
  readonly failed: readonly { readonly where: string; readonly seed?: string }[];
}

export const usage = "usage: npm run test:soak -- N [FILE… --times M] | incidents N | properties N";

/** @returns undefined when the arguments cannot be meant */
export function readSoak(args: readonly string[]): Soak | undefined {
  const [first, count = "", ...more] = args;
  if (first === "incidents" || first === "properties") {
    if (!/^[1-9]\d*$/.test(count) || more.length > 0) return undefined;
    return { stack: 0, files: [], times: 1, incidents: 0, properties: 0, [first]: Number(count) };
  }
  const files: string[] = [];
  let stack: number | undefined;
  let times = 1;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    const [option = "", joined] = arg.split("=", 2);
    if (option === "--times") {
      const count = Number(joined ?? args[++index]);
      if (!Number.isInteger(count) || count < 1) return undefined;
      times = count;
    } else if (/^\d+$/.test(arg) && stack === undefined) stack = Number(arg);
    else if (arg.endsWith(".ts")) files.push(arg);
    else return undefined;
  }
  return stack === undefined ? undefined : { stack, files, times, incidents: 0, properties: 0 };
}

/** What has not been run yet as often as wanted; undefined when all has. Every other turn is beside busy loops. */
export function nextTurn(
  { stack, files, times, incidents, properties }: Soak,
  done: readonly Pick<Turn, "what">[],
): Pick<Turn, "what" | "files" | "number" | "busy"> | undefined {
  const wanted = [
    { what: "stack", files: [], count: stack },
    { what: "incidents", files: [], count: Math.ceil(incidents / slice) },
    { what: "properties", files: [], count: properties },
    ...files.map((file) => ({ what: file, files: [file], count: times })),
  ];
  for (const { what, files: of, count } of wanted) {
    const before = done.filter((turn) => turn.what === what).length;
    if (before < count) return { what, files: of, number: before + 1, busy: before % 2 === 1 };
  }
  return undefined;
}

/**
 * Arguments of `npm test --` for a turn.
 * @param random the files that try properties, and a number from which the seeds of this commit count up
 */
export function turnArgs(
  { incidents }: Soak,
  { what, files, number }: Pick<Turn, "what" | "files" | "number">,
  random: { readonly files: readonly string[]; readonly seed: number },
): readonly string[] {
  if (what === "stack") return ["--project", "stack"];
  if (what === "properties") return ["--project", "unit", `--seed=${random.seed + number}`, ...random.files];
  if (what !== "incidents") return files;
  const before = (number - 1) * slice;
  const many = Math.min(slice, incidents - before);
  return ["--project", "unit", `--incidents=${many}`, `--seed=${before + 1}`, simulatedIncidents];
}

/** How it went, a line for what was run alone and one for what was run beside the loops. */
export function table(turns: readonly Turn[]): string {
  const rows = [["", "turns", "green", "red", "seconds"]];
  for (const what of new Set(turns.map((turn) => turn.what))) {
    for (const busy of [false, true]) {
      const some = turns.filter((turn) => turn.what === what && turn.busy === busy);
      if (some.length === 0) continue;
      const red = some.filter(({ code }) => code !== 0).length;
      const mean = Math.round(some.reduce((sum, { seconds }) => sum + seconds, 0) / some.length);
      const name = busy ? `${what}, processors busy` : what;
      rows.push([name, `${some.length}`, `${some.length - red}`, `${red}`, `${mean}`]);
    }
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const reds = turns.flatMap(({ failed }) => failed.map(({ where }) => where));
  const counted = [...new Set(reds)].map(
    (where) => `${reds.filter((red) => red === where).length} × ${where}`,
  );
  return `${[...lines, ...counted].join("\n")}\n`;
}
