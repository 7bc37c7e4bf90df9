import type { FieldSpec, ShapeSpec } from "../../src/language/shape.ts";
import { allLines, format } from "../../src/events/lines.ts";
import { fieldsOfLine } from "../../src/events/lines-schema.ts";

const intro = `# The lines of \`--json\`

Made from the code by \`npm run reference\`: change the descriptions in \`src/events/\`, not this page.

Every command takes \`--json\` and then writes NDJSON to stdout: one JSON object a line. The first line is the header;
its \`format\` is ${format}. Within a format, lines and fields are only added, so a reader passes over what it does not
know. A command that refuses writes the one line \`error\` and no header; exit codes are the same with and without
\`--json\`.

\`lav-ir schema events\` prints the JSON Schema (draft 2020-12) of a line; \`$defs\` has each type's own.

Every line has its \`type\`, and every line but the header its \`time\`: RFC 3339 in UTC with milliseconds. A field whose
name ends in \`_ms\` is in milliseconds, in \`_bytes\` in bytes. A field without a value is left out. Integers have every
digit, also beyond 2^53. Secrets are hidden. Below, \`?\` marks a field that may be left out.

The journal, a halt's receipt on the disk and a snapshot's bundle are records of their own, with names of their own.
`;

/** docs/events.md, whole. */
export function eventsPage(): string {
  const sections = allLines.map(({ title, lines }) => {
    const types = Object.entries(lines).map(([type, { doc, shape }]) => {
      const fields = fieldsOfLine(type, shape.spec.fields);
      const rows = rowsOf(Object.entries(fields).filter(([name]) => name !== "time"));
      return [`### \`${type}\``, "", doc, "", "| field | is | |", "|---|---|---|", ...rows, ""].join("\n");
    });
    return [`## ${title}`, "", ...types].join("\n");
  });
  return `${[intro, ...sections].join("\n").trimEnd()}\n`;
}

function rowsOf(fields: readonly (readonly [string, FieldSpec])[], before = ""): readonly string[] {
  return fields.flatMap(([name, { shape, doc, required }]) => {
    const path = `${before}${name}`;
    const row = `| \`${path}\`${required ? "" : " ?"} | ${kindOf(shape)} | ${doc.replaceAll("|", "\\|")} |`;
    return [row, ...rowsOf(Object.entries(fieldsIn(shape)), `${path}${shape.type === "list" ? "[]" : ""}.`)];
  });
}

function fieldsIn(shape: ShapeSpec): Readonly<Record<string, FieldSpec>> {
  if (shape.type === "list") return fieldsIn(shape.of);
  return shape.type === "object" ? shape.fields : {};
}

function kindOf(shape: ShapeSpec): string {
  switch (shape.type) {
    case "string":
      if (shape.enum !== undefined) return shape.enum.map((one) => `\`${one}\``).join(", ");
      return shape.pattern === undefined ? "text" : shape.pattern.says.replace(/^an? /, "");
    case "list":
      return shape.of.type === "object" ? "list" : `list of ${kindOf(shape.of)}`;
    case "map":
    case "named":
      return `map of ${kindOf(shape.of)}`;
    case "json":
    case "node":
      return "any";
    case "integer":
    case "number":
    case "boolean":
    case "duration":
    case "object":
      return shape.type;
  }
}
