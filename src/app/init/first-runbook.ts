import { writtenText } from "../../language/written-text.ts";
import type { BegunService } from "../../platform/begun.ts";

/** A runbook to try at once, by the name that its file has too. */
export interface FirstRunbook {
  readonly name: string;
  readonly text: string;
}

/** A runbook's name made of a service's. */
function nameFor(service: string): string {
  const name = service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "");
  return `${name === "" ? "service" : name}-down`;
}

/**
 * Asks a service whether it answers; where something runs it, restarts it with consent.
 * @param runs lav-ir can look at what runs the service, and restart it
 */
export function firstRunbook({ name: service, url, api }: BegunService, runs: boolean): FirstRunbook {
  const name = nameFor(service);
  const restart = [
    `  - rung: restart`,
    `    title: ${writtenText(`Restart ${service}`)}`,
    `    steps:`,
    `      - service.restart: ${writtenText(service)}`,
    `    verify: { findings: all, within: 30s, hold: 10s }`,
  ];
  const text = [
    "# yaml-language-server: $schema=./runbook.schema.json",
    `# lav-ir run ${name} --dry-run   prints the plan, and contacts nothing`,
    `# lav-ir run ${name}             measures, and asks before each change`,
    `runbook: ${name}`,
    `title: ${writtenText(`${service} does not answer`)}`,
    "severity: P2",
    `service: ${writtenText(service)}`,
    "",
    "# Reads, side by side: each is ok, failed, or unknown where it could not be measured.",
    "# At a new `- ` your editor offers every kind of step; `lav-ir explain` lists them.",
    "diagnose:",
    "  - id: answers",
    `    title: ${writtenText(`${service} answers`)}`,
    ...(api
      ? [
          "    http.get: ${service.url}/",
          "    # Better: the path of its health check, and status == 200.",
          "    expect: status < 500",
          "    finding: it answers ${status} after ${elapsed}",
        ]
      : [`    tcp.connect: ${writtenText(new URL(url).host)}`]),
    "",
    "# Tried from top to bottom while a finding fails. Every change is a question first; Enter alone is No.",
    ...(runs
      ? ["resolve:", ...restart]
      : [
          "# It needs `runs` at the service in platform.yaml.",
          "# resolve:",
          ...restart.map((line) => `# ${line}`),
        ]),
    "",
  ].join("\n");
  return { name, text };
}
