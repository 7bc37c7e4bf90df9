import { kindText, type KindText } from "../../src/app/explain/kind-text.ts";
import { kinds } from "../../src/app/wiring/all-kinds.ts";

/** docs/kinds.md: every kind of step, as `lav-ir explain` prints it. */
export function kindsPage(): string {
  return [
    "# Kinds of step",
    "",
    "Made from the code by `npm run reference`; `lav-ir explain NAME` prints the same at a terminal. Every step takes",
    "`id`, `title`, `when`, `timeout` and the other keys that `lav-ir explain` lists; outputs are `steps.ID.OUTPUT`, and bare",
    "names within the step itself.",
    "",
    ...kinds.flatMap((kind) => section(kindText(kind))),
  ].join("\n");
}

function section({ name, summary, written, doc, args, outputs, facts }: KindText): readonly string[] {
  return [
    `## ${name}`,
    "",
    `${summary}: \`${written}\``,
    "",
    doc,
    "",
    facts.join(" "),
    "",
    ...table(
      ["argument", "takes", "default", "what it is"],
      args.map((one) => [`\`${one.name}\``, one.takes, one.otherwise ?? "must be given", one.doc]),
    ),
    ...table(
      ["output", "type", "what it is"],
      outputs.map((one) => [`\`${one.name}\``, one.type, one.doc]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line), ""];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
