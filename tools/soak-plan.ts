/** How often what is to be run. */
export interface Soak {
  /** The stack's project. */
  readonly stack: number;
  readonly files: readonly string[];
  /** Each of the files. */
  readonly times: number;
}

/** One that was run. */
export interface Turn {
  /** `stack`, or the file. */
  readonly what: string;
  readonly files: readonly string[];
  readonly number: number;
  /** Beside two loops that do nothing but keep the processors busy. */
  readonly busy: boolean;
  readonly code: number;
  readonly seconds: number;
  readonly failed: readonly { readonly where: string; readonly seed?: string }[];
}

export const usage = "usage: npm run test:soak -- N [FILE… --times M]";

/** @returns undefined when the arguments cannot be meant */
export function readSoak(args: readonly string[]): Soak | undefined {
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
  return stack === undefined ? undefined : { stack, files, times };
}

/** What has not been run yet as often as wanted; undefined when all has. Every other turn is beside busy loops. */
export function nextTurn(
  { stack, files, times }: Soak,
  done: readonly Pick<Turn, "what">[],
): Pick<Turn, "what" | "files" | "number" | "busy"> | undefined {
  const wanted = [
    { what: "stack", files: [], count: stack },
    ...files.map((file) => ({ what: file, files: [file], count: times })),
  ];
  for (const { what, files: of, count } of wanted) {
    const before = done.filter((turn) => turn.what === what).length;
    if (before < count) return { what, files: of, number: before + 1, busy: before % 2 === 1 };
  }
  return undefined;
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
