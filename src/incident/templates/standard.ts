// The messages that go out by themselves, each by a template: the installation's own where the platform file names
// one that can be used, else the one that stands here. The same texts are shipped as runbooks/templates/NAME.txt, to be
// read and copied; they stand in the program too, so that no alert depends on a file.
import type { FieldName, FieldSource } from "./fields.ts";
import { fillWhole, readTemplate, type Template } from "./template.ts";

const texts = {
  alert: `\${drill}🚨 \${severity} INCIDENT - IMMEDIATE ATTENTION REQUIRED 🚨

Incident ID: \${incident}
Start Time: \${started}
Declared: \${declared}
Severity: \${severity} - \${severity_name}
Impact: \${impact}

Systems Affected: \${affects}
Immediate Actions Taken: \${actions_taken}

Incident Commander: \${commander}
War Room: \${bridge}
\${text}

Status updates every \${updates_every} until resolved.
Answer: lav-ir ack, or "ack" in reply
`,
  update: `\${drill}UPDATE \${incident} \${severity} (\${status})
\${text}
Trading halted, proven \${halted}
Mitigated \${mitigated}
Incident Commander: \${commander}
War Room: \${bridge}
`,
  resolution: `\${drill}✅ INCIDENT RESOLVED - \${incident}

Resolution Time: \${resolved}
Duration: \${duration}

Root Cause: \${cause}
Actions Taken: \${resolution}; \${actions_taken}

Post-Incident Review: \${review_on}
Follow-up Items: \${follow_ups} open
`,
  cancellation: `\${drill}CANCELLED \${incident} \${severity}: \${text}
`,
  reopening: `\${drill}REOPENED \${incident} \${severity}: \${text}
`,
} as const;

export type StandardName = keyof typeof texts;
export const standardTexts: Readonly<Record<StandardName, string>> = texts;
export const standardNames = Object.keys(texts) as StandardName[];

/** Templates of an installation's own, by what they stand in for. */
export type OwnTemplates = Readonly<Partial<Record<StandardName, Template>>>;

/**
 * The text of a message. Nobody is asked for what is not known: it reads as its field says, or its line is left out.
 * Of a security incident no template is used, and nothing is said but that there is one: who reads it is not known.
 */
export function standardText(
  name: StandardName,
  from: FieldSource,
  given: Readonly<Partial<Record<FieldName, string>>> = {},
  own: OwnTemplates = {},
): string {
  if (from.status.security) return securityText(name, from);
  return fillWhole(own[name] ?? builtIn(name), from, given);
}

const read = new Map<StandardName, Template>();

function builtIn(name: StandardName): Template {
  const template = read.get(name) ?? readTemplate(texts[name]).template;
  read.set(name, template);
  return template;
}

function securityText(name: StandardName, { status, severityName }: FieldSource): string {
  const { number, severity = "", drill, bridge, state } = status;
  const mark = drill ? "DRILL " : "";
  const room = bridge === undefined ? [] : [`War Room: ${bridge}`];
  const title = `${number} ${severity}`.trimEnd();
  switch (name) {
    case "alert":
      return [
        `${mark}🚨 ${severity} INCIDENT - IMMEDIATE ATTENTION REQUIRED 🚨`,
        `Incident ID: ${number}`,
        `Severity: ${severity} - ${severityName.toUpperCase()}`,
        ...room,
      ].join("\n");
    case "update":
      return [`${mark}UPDATE ${title} (${state})`, ...room].join("\n");
    case "resolution":
      return `${mark}RESOLVED ${title}`;
    case "cancellation":
      return `${mark}CANCELLED ${title}`;
    case "reopening":
      return `${mark}REOPENED ${title}`;
  }
}
