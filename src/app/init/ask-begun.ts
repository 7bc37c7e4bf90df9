import { basename } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { textSource } from "../../language/source.ts";
import { begunFrom, begunText, type Begun, type BegunService } from "../../platform/begun.ts";
import { readPlatform } from "../../platform/load.ts";
import { projectOf, serviceName, type ServicesBeside } from "../../platform/services-beside.ts";
import type { Answer, Prompt } from "../../ports/ports.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/** What the files are written from. */
export interface Beginning {
  readonly begun: Begun;
  /** The service that the first runbook is about. */
  readonly first: BegunService;
  /** The address is an example: nobody gave one. */
  readonly example: boolean;
}

const example: BegunService = { name: "api", url: "http://localhost:3000", api: true };

/**
 * What is known without a question, and at a terminal what the operator says instead.
 * @param folder absolute
 * @param beside undefined where nothing is there that names services
 */
export async function beginningOf(
  world: World,
  options: GlobalOptions,
  folder: string,
  beside: ServicesBeside | undefined,
): Promise<Result<Beginning, Refusal>> {
  const settings = questionsOf(world, options);
  const asked = new Questions(createPrompt(settings, new Turn()), world, settings.available);
  const wrongName = (platform: string): string | undefined =>
    problemOf({ ...empty, platform, services: [example] });
  const ownName = basename(folder);
  const name = await asked.text(
    "Name of the platform",
    ownName === "" || wrongName(ownName) !== undefined ? "platform" : ownName,
    wrongName,
  );
  if (!name.ok) return name;
  const platform = name.value;
  const begun = beside === undefined ? undefined : begunFrom(platform, beside, projectOf(folder));
  const [likeliest] = begun?.services.toSorted((a, b) => Number(b.api) - Number(a.api)) ?? [];
  if (begun !== undefined && likeliest !== undefined) {
    const chosen = await asked.choice("Which service is the first runbook about?", begun.services, likeliest);
    return chosen.ok ? ok({ begun, first: chosen.value, example: false }) : chosen;
  }
  const service = await asked.text("Name of one of its services", example.name, (one) =>
    serviceName.test(one) ? undefined : "A name has letters, digits, dots, - and _ alone.",
  );
  if (!service.ok) return service;
  const url = await asked.text(`Address of ${service.value}`, example.url, (address) =>
    problemOf({ ...empty, platform, services: [{ ...example, name: service.value, url: address }] }),
  );
  if (!url.ok) return url;
  const first = { name: service.value, url: url.value, api: true };
  const own = { ...(begun ?? empty), platform, services: [first] };
  return ok({ begun: own, first, example: !settings.available });
}

const empty: Omit<Begun, "platform" | "services"> = { unreached: [], stores: {} };

/** Why a platform file with these would be refused: by the reader that every command has. */
function problemOf(begun: Begun): string | undefined {
  const source = textSource("platform.yaml", begunText(begun));
  if (!source.ok) return source.failure;
  const read = readPlatform(source.value, undefined, {});
  return read.ok ? undefined : read.failure[0]?.message;
}

/** Questions with an answer for whoever presses Enter, and for where nobody can be asked. */
class Questions {
  private readonly prompt: Prompt;
  private readonly world: World;
  private readonly available: boolean;

  constructor(prompt: Prompt, world: World, available: boolean) {
    this.prompt = prompt;
    this.world = world;
    this.available = available;
  }

  /** @param wrong why an answer cannot be used: it is asked for again */
  async text(
    question: string,
    otherwise: string,
    wrong: (answer: string) => string | undefined,
  ): Promise<Result<string, Refusal>> {
    if (!this.available) return ok(otherwise);
    for (let why: string | undefined; ;) {
      const head = why === undefined ? "" : `${why}\n`;
      const { stop } = this.world.interruption;
      const answer = await this.prompt.text(`${head}${question} (Enter: ${otherwise})`, stop);
      if (!answer.answered) return this.refused(answer);
      const given = answer.value.trim() === "" ? otherwise : answer.value.trim();
      why = wrong(given);
      if (why === undefined) return ok(given);
    }
  }

  async choice(
    question: string,
    services: readonly BegunService[],
    otherwise: BegunService,
  ): Promise<Result<BegunService, Refusal>> {
    if (!this.available || services.length < 2) return ok(otherwise);
    const others = services.filter((one) => one !== otherwise);
    const shown = [otherwise, ...others].map((one) => ({ one, line: `${one.name}  ${one.url}` }));
    const lines = shown.map(({ line }) => line);
    const answer = await this.prompt.choose(question, lines, this.world.interruption.stop);
    if (!answer.answered) return this.refused(answer);
    return ok(shown.find(({ line }) => line === answer.value)?.one ?? otherwise);
  }

  private refused({ why }: Exclude<Answer<never>, { readonly answered: true }>): Result<never, Refusal> {
    const said = "nothing was written";
    return why === "cancelled" ? interrupted(this.world, said) : refusal(said, "consent");
  }
}
