/** A part of the review that people write, under a heading of its own. */
export interface Section {
  readonly heading: string;
  /** What it is to say; a comment in the file. */
  readonly asks: string;
  /** How long after the end it is due, in hours. */
  readonly dueH: 24 | 168;
}

/** As the incident response playbook's review process names them. */
export const sections = {
  financial: { heading: "Financial impact", asks: "Profit and loss, costs.", dueH: 24 },
  operational: { heading: "Operational impact", asks: "Downtime, degradation, by service.", dueH: 24 },
  reputational: { heading: "Reputational impact", asks: "Clients, counterparties, the press.", dueH: 24 },
  response: { heading: "Response", asks: "What the times above show, and why.", dueH: 24 },
  communication: { heading: "Communication", asks: "Did everybody who had to know, know in time?", dueH: 24 },
  tooling: { heading: "Tooling", asks: "What was missing, slow or wrong.", dueH: 24 },
  technical: { heading: "Technical root cause", asks: "What broke, and why it could.", dueH: 168 },
  contributing: {
    heading: "Contributing factors",
    asks: "What made it likelier, longer or worse.",
    dueH: 168,
  },
  human: {
    heading: "Human factors",
    asks: "What people saw and had to decide by. Nobody is blamed.",
    dueH: 168,
  },
  well: { heading: "What went well", asks: "What to keep.", dueH: 168 },
  improve: { heading: "What could be improved", asks: "What an action above is for.", dueH: 168 },
  lessons: { heading: "Lessons learned", asks: "What others should know.", dueH: 168 },
} as const satisfies Readonly<Record<string, Section>>;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];
