import type { Kind } from "../../../src/kinds/kind.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import { engine } from "../../run/engine.ts";

/**
 * How a diagnosis of these steps, each called T, ends by this network: status and sentence of each, in the order in
 * which they stand here, whichever ended first.
 */
export async function findingsOf(
  kinds: readonly Kind[],
  ports: Partial<Ports>,
  steps: readonly string[],
): Promise<readonly (readonly [status: string, sentence: string] | undefined)[]> {
  const written = steps.map((step, index) => `  - { id: s${index}, title: T, ${step} }\n`);
  const { events } = await engine(`diagnose:\n${written.join("")}`, kinds, { ports });
  return steps.map((_, index) => {
    const found = events.find((event) => event.type === "finding" && event.step === `s${index}`);
    return found?.type === "finding" ? [found.status, found.sentence] : undefined;
  });
}
