/** What a call of the tests is to run. */
export interface Plan {
  /** Vitest's projects, in this order. */
  readonly projects: readonly string[];
  /** Whether they were named, rather than left to what was changed. */
  readonly named: boolean;
  /** Handed on to vitest. */
  readonly rest: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

export const usage = `usage: npm test -- [--project NAME]… [--kafka 3.9|4.1] [--compose 1|2]
                [--incidents N] [--seed N] [FILE…] [vitest's options]
       npm run test:unit | test:matrix | test:soak -- N|incidents N|properties N`;

/** What is tested everywhere; the sandbox's own tests are left out where it was not changed. */
const ordinary = ["unit", "real", "stack", "sandbox"] as const;
/** What is promised besides, on the older Kafka and Compose; and what takes long. */
const matrix = ["real", "stack", "sandbox", "matrix"] as const;
/** Files of the project `real` that are about Kafka or Compose: of the others the older ones change nothing. */
const matrixFiles = ["kafka", "compose"] as const;

/** What an option is called in the environment of the tests. */
const variables = {
  "--kafka": "LAV_TEST_KAFKA",
  "--compose": "LAV_TEST_COMPOSE",
  // How many incidents are simulated; of which seed the first is, and random cases are.
  "--incidents": "LAV_TEST_INCIDENTS",
  "--seed": "LAV_TEST_SEED",
} as const;

/** @returns undefined when the arguments cannot be meant */
export function readPlan(args: readonly string[]): Plan | undefined {
  const projects: string[] = [];
  const rest: string[] = [];
  const env: Record<string, string> = {};
  let whole: readonly string[] = ordinary;
  for (let index = 0; index < args.length; index += 1) {
    const [arg = "", joined] = /^(--(?:project|kafka|compose|incidents|seed))=(.*)$/s
      .exec(args[index] ?? "")
      ?.slice(1) ?? [args[index]];
    const given = (): string | undefined => joined ?? args[++index];
    switch (arg) {
      case "--project": {
        const name = given();
        if (name === undefined) return undefined;
        projects.push(name);
        break;
      }
      case "--kafka":
      case "--compose":
      case "--incidents":
      case "--seed": {
        const value = given();
        if (value === undefined) return undefined;
        env[variables[arg]] = value;
        break;
      }
      case "--matrix":
        whole = matrix;
        env["LAV_TEST_KAFKA"] ??= "3.9";
        env["LAV_TEST_COMPOSE"] ??= "1";
        env["LAV_TEST_ONLY"] = matrixFiles.join("|");
        break;
      default:
        rest.push(arg);
    }
  }
  const known = [...new Set<string>([...ordinary, ...matrix])];
  if (projects.some((project) => !known.includes(project))) return undefined;
  const named = projects.length > 0 || whole === matrix;
  return { projects: projects.length > 0 ? projects : whole, named, rest, env };
}
