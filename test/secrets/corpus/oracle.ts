import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

/** What somebody else's rules see as a secret: where it begins and ends, and which rule says so. */
export interface Sighting {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

/**
 * A second opinion: the rules that the maintainers of secretlint recommend, written by people who have seen neither
 * our rules nor our corpus. They know the shapes of vendors; what a name gives away (`password=`) they leave alone.
 */
export async function sightings(text: string): Promise<readonly Sighting[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: "line.txt", ext: ".txt", contentType: "text" },
    options: { config: { rules: [{ id: "recommended", rule: creator }] }, noPhysicFilePath: true },
  });
  return messages.map(({ range: [start, end], ruleId }) => ({
    start,
    end,
    rule: ruleId.replace("@secretlint/secretlint-rule-", ""),
  }));
}
