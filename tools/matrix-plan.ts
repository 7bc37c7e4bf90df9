/** A part of the matrix: what it runs, what has to be touched for it to be of interest, and how long it takes. */
export interface Part {
  readonly name: string;
  /** Of `npm test --`. */
  readonly args: readonly string[];
  /** Git's pathspecs. */
  readonly paths: readonly string[];
  /** On a quiet machine of two cores. */
  readonly seconds: number;
}

/** The file whose incidents `npm run test:soak -- incidents N` runs as well. */
export const simulatedIncidents = "test/app/incident/simulated.test.ts";

export const parts: readonly Part[] = [
  {
    name: "Kafka's own tools",
    args: ["--project", "matrix", "test/kinds/kafka/kafka-by-hand.matrix.test.ts"],
    paths: ["src/kinds/kafka*", "src/drivers/kafka*", "test/kinds/kafka*"],
    seconds: 50,
  },
  {
    name: "pre-commit",
    args: ["--project", "matrix", "test/cli/init-pre-commit.matrix.test.ts"],
    paths: ["src/app/init", "src/cli/commands/lint.ts", "test/cli/init-pre-commit*"],
    seconds: 50,
  },
  {
    name: "simulated incidents",
    args: ["--project", "unit", "--incidents", "20", simulatedIncidents],
    paths: ["src/incident", "src/app/incident", "src/store", "sandbox/channels", "test/app/incident"],
    seconds: 60,
  },
  {
    name: "a P0 from 09:30 to its review",
    args: ["--project", "matrix", "test/day/p0-day.matrix.test.ts"],
    paths: ["src/incident", "src/app/incident", "src/trading", "sandbox/channels", "test/day"],
    seconds: 90,
  },
  {
    name: "a live systemd",
    args: ["--project", "matrix", "test/drivers/systemd/systemd.matrix.test.ts"],
    paths: ["src/drivers/systemd", "src/kinds/service", "test/drivers/systemd"],
    seconds: 60,
  },
  {
    name: "Kafka 3.9",
    args: [
      "--project",
      "real",
      "--kafka",
      "3.9",
      "test/drivers/kafka/kafka.real.test.ts",
      "test/kinds/kafka/kafka.real.test.ts",
    ],
    paths: [
      "src/kinds/kafka*",
      "src/drivers/kafka*",
      "test/drivers/kafka*",
      "test/kinds/kafka*",
      "sandbox/kafka*",
    ],
    seconds: 90,
  },
  {
    name: "Compose 1.29",
    args: ["--project", "stack", "--compose", "1", "test/drivers/compose/compose.real.test.ts"],
    paths: [
      "src/kinds/service*",
      "src/drivers/compose*",
      "src/drivers/docker*",
      "test/drivers/compose*",
      "sandbox/compose*",
    ],
    seconds: 60,
  },
  {
    name: "the stack on Kafka 3.9 and Compose 1.29",
    args: ["--project", "stack", "--project", "sandbox", "--kafka", "3.9", "--compose", "1"],
    paths: ["src/drivers", "src/kinds", "runbooks", "sandbox"],
    seconds: 360,
  },
  {
    name: "faults that come back",
    args: ["--project", "matrix", "test/runbooks/comes-back.matrix.test.ts"],
    paths: ["src/run", "runbooks", "test/runbooks/comes-back*"],
    seconds: 1900,
  },
];

/** What was touched, the shortest first, as far as the time goes; and what was touched and is left out. */
export function choose(
  all: readonly Part[],
  touched: (part: Part) => boolean,
  seconds: number,
): { readonly run: readonly Part[]; readonly left: readonly Part[] } {
  const run: Part[] = [];
  const left: Part[] = [];
  let rest = seconds;
  for (const part of all.filter(touched).toSorted((a, b) => a.seconds - b.seconds)) {
    const fits = part.seconds <= rest;
    (fits ? run : left).push(part);
    if (fits) rest -= part.seconds;
  }
  return { run, left };
}
