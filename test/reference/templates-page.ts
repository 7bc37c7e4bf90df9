import { fieldNames, fields, type Field } from "../../src/incident/templates/fields.ts";
import { standardNames } from "../../src/incident/templates/standard.ts";
import { longestSms, longestTemplate } from "../../src/incident/templates/template.ts";

const intro = `# Templates of messages

Made from the code by \`npm run reference\`: change the descriptions in \`src/incident/templates/fields.ts\`, not this page.

A template is a plain text, \`runbooks/templates/NAME.txt\` beside the runbooks: in the working folder, in the folder of
the configuration, or shipped. \`lav-ir update --template NAME "text" --to stakeholders\` fills it from the records;
\`lav-ir resolve --notice NAME\` makes the notice of it. At a terminal each channel's text is shown first, and sent when
the answer is yes; \`--dry-run\` shows it and sends nothing. A field that is not known is asked for at a terminal, and
otherwise the command is refused with what fills it; \`--set field="…"\` states one. What fills a field is text: no
field in it is filled again.

**Messages that go out by themselves** have a template each: ${standardNames
  .map((name) => `\`${name}\``)
  .join(", ")}. \`alert\` is the text of
every page: of \`declare\`, of a raised severity, of \`page\` and \`escalate\`, and of clocks. Nobody is asked there: a field
that is not known reads as the last column says, and where that is empty its whole line is left out.

**Your own texts** are named in the platform file, and stand in for the shipped ones; a relative path is one beside it:

\`\`\`yaml
templates:
  alert: texts/alert.txt
  stakeholders: texts/clients.txt
\`\`\`

An alert never waits for such a file and never fails by it. One that cannot be read within half a second, that others
may write to, or that has a problem is not used: the built-in text goes out, and a warning is on the screen and on
record. \`lav-ir lint\` finds it before: an unknown field, a \`\${\` without its \`}\`, a mention of everybody, what is no
text, and a text that no SMS takes (${longestSms} characters); a template has at most ${longestTemplate / 1024} KiB.

Of a security incident messages carry no text of a template, only that there is an incident, and mention nobody.

| field | is | filled by | not known |
|---|---|---|---|
`;

/** docs/templates.md, whole. */
export function templatesPage(): string {
  const rows = fieldNames.map((name) => {
    const { doc, fill, none = "" }: Field = fields[name];
    return `| \`${name}\` | ${doc} | ${fill === "" ? "" : `\`${fill}\``} | ${none} |`;
  });
  return `${intro}${rows.join("\n")}\n`;
}
