// What redaction finds of the corpus, and what it takes that is no secret, family by family, beside the rules of
// secretlint. `npm run bench:redaction`; exit 1 where a secret of a family is missed.
import { createRedactor } from "../src/secrets/redactor.ts";
import { corpus } from "../test/secrets/corpus/load.ts";
import { sightings } from "../test/secrets/corpus/oracle.ts";
import { missed, scores, totals, type Score } from "../test/secrets/corpus/score.ts";

const redactor = createRedactor([], Buffer.alloc(32, 7));
const all = await scores(corpus(), (text) => redactor.text(text), sightings);
const sums = all.reduce((total, one) => ({
  family: "all",
  secrets: total.secrets + one.secrets,
  found: total.found + one.found,
  spoilt: total.spoilt + one.spoilt,
  lines: total.lines + one.lines,
  oracle: { found: total.oracle.found + one.oracle.found, false: total.oracle.false + one.oracle.false },
}));
process.stdout.write(`${table([...all, sums])}\n\n`);
const { recall, precision } = totals(all);
process.stdout.write(`recall ${percent(recall)}, precision ${percent(precision)}\n`);
const left = missed(all);
if (left.length > 0) {
  process.stderr.write(`missed: ${left.join(", ")}\n`);
  process.exitCode = 1;
}

function table(rows: readonly Score[]): string {
  const head = ["family", "lines", "secrets", "found", "missed", "false", "secretlint found", "false"];
  const cells = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...cells.slice(1).map(line)].join("\n");
}

function cellsOf({ family, lines, secrets, found, spoilt, oracle }: Score): readonly string[] {
  return [
    family,
    ...[lines, secrets, found, secrets - found, spoilt, oracle.found, oracle.false].map(String),
  ];
}

/** Rounded down: what is not all is not 100 %. */
function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
