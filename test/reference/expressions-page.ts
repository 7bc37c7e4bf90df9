import { departures } from "../../src/language/departures.ts";
import type { ExpressionFunction } from "../../src/language/functions/function.ts";
import { listFunctions } from "../../src/language/functions/lists.ts";
import { numberFunctions } from "../../src/language/functions/numbers.ts";
import { otherFunctions } from "../../src/language/functions/others.ts";
import { textFunctions } from "../../src/language/functions/text.ts";
import { nameTexts } from "../../src/runbook/name-texts.ts";

/** docs/expressions.md, made from the table of functions. */
export function expressionsPage(): string {
  return [
    "# Expressions",
    "",
    "Made from the code by `npm run reference`: change `src/language/` and `src/runbook/name-texts.ts`, not this page.",
    "",
    "Expressions are [CEL](https://cel.dev): no loops, no assignments, no way to the process. A value that is not there",
    "makes an expression missing, which is neither true nor false: a check is then unknown. `a.?b.orValue(0)` says what",
    "stands in for it, `has(a.b)` asks.",
    "",
    "CEL's own functions are there: `size`, `contains`, `startsWith`, `endsWith`, `all`, `exists`, `exists_one`, `map`,",
    "`filter`, `has`, `int`, `double`, `string`, `bool`, `bytes`, `duration`, `timestamp`, the parts of a time",
    "(`getHours('Europe/London')`), `cel.bind(x, value, expression of x)`; and of a value that may be missing `orValue`,",
    "`or`, `hasValue`, `value`, `optional.of`, `optional.none`. Those below have cel-go's names and meanings where cel-go has",
    "them. A value without a key, the largest of no items, is missing and no error.",
    "",
    "## Names",
    "",
    "| name | type | seen | is |",
    "|---|---|---|---|",
    ...nameTexts.map(
      ({ written, type, seen, doc, values }) =>
        `| \`${written}\` | ${type} | ${seen} | ${doc}${values === undefined ? "" : `: ${values.join(", ")}`} |`,
    ),
    "",
    ...section("Texts", textFunctions),
    ...section("Numbers", numberFunctions),
    ...section("Lists", listFunctions),
    ...section("Patterns, base64, JSON and what may be missing", otherFunctions),
    "## Where this is not CEL",
    "",
    ...departures.map((one, at) => `${at + 1}. ${one}`),
    "",
    "CEL's published cases are run against this (`test/language/functions/conformance.test.ts`, with what they show of it:",
    "there are no unsigned integers, messages of protobuf or types as values; keys of a map are text).",
    "",
  ].join("\n");
}

function section(title: string, functions: readonly ExpressionFunction[]): readonly string[] {
  const rows = functions.map(
    ({ written, gives, example: [text, value] }) =>
      `| \`${cell(written)}\` | ${cell(gives)} | \`${cell(text)}\` | \`${cell(value)}\` |`,
  );
  return [`## ${title}`, "", "| function | gives | example | is |", "|---|---|---|---|", ...rows, ""];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", "\\n");
}
