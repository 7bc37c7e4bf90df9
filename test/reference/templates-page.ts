import { fieldNames, fields } from "../../src/incident/templates/fields.ts";
import { longestSms, longestTemplate } from "../../src/incident/templates/template.ts";

const intro = `# Templates of messages

Made from the code by \`npm run reference\`: change the descriptions in \`src/incident/templates/fields.ts\`, not this page.

A template is a plain text, \`runbooks/templates/NAME.txt\` beside the runbooks: in the working folder, in the folder of
the configuration, or shipped. \`lav-ir update --template NAME "text" --to stakeholders\` fills it from the records and
sends it; at a terminal each channel's text is shown first. \`--dry-run\` shows them and sends nothing. A field that is not known is asked for at a terminal, and otherwise
the command is refused with what fills it; \`--set field="…"\` states one. What fills a field is text: no field in it is
filled again. \`lav-ir lint\` finds an unknown field, a \`\${\` without its \`}\`, a mention of everybody, and a text that no
SMS takes (${longestSms} characters); a template has at most ${longestTemplate / 1024} KiB.

Of a security incident messages carry no text of a template, only that there is an incident.

| field | is | filled by |
|---|---|---|
`;

/** docs/templates.md, whole. */
export function templatesPage(): string {
  const rows = fieldNames.map((name) => {
    const { doc, fill } = fields[name];
    return `| \`${name}\` | ${doc} | ${fill === "" ? "" : `\`${fill}\``} |`;
  });
  return `${intro}${rows.join("\n")}\n`;
}
