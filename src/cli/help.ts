import { type Command, Help } from "commander";
import { commandGroups, environment, examples, exitCodes } from "./help-texts.ts";

/** Gives every command its group, its example and what applies to all. Loaded only when help is shown. */
export function explain(program: Command): void {
  const order = new Map(
    Object.values(commandGroups)
      .flat()
      .map((name, place) => [name, place]),
  );
  for (const command of program.commands) command.helpGroup(groupOf(command.name()));
  program
    .configureHelp({
      // A name alone: what it takes is in its own help.
      subcommandTerm: (command) => command.name(),
      visibleCommands: (command) =>
        new Help()
          .visibleCommands(command)
          .filter((one) => one.name() !== "help")
          .toSorted((a, b) => (order.get(a.name()) ?? 0) - (order.get(b.name()) ?? 0)),
      // Commander's groups come in the order in which commands were added; these in the order of the list.
      groupItems: (_all, visible, groupOf) => inGroups(visible, groupOf),
    })
    .addHelpText("after", () => footer());
  for (const command of program.commands) explainBelow(command, "");
}

function explainBelow(command: Command, before: string): void {
  const path = `${before}${command.name()}`;
  const example = examples[path];
  if (example !== undefined) command.addHelpText("after", `\nExample:\n  $ lav-ir ${example}`);
  command.addHelpText("after", "\nGlobal options, exit codes, environment variables: lav-ir --help");
  for (const below of command.commands) explainBelow(below, `${path} `);
}

function groupOf(name: string): string {
  return Object.entries(commandGroups).find(([, names]) => names.includes(name))?.[0] ?? "Other:";
}

function inGroups<T>(items: readonly T[], groupOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item]);
  return groups;
}

function footer(): string {
  const table = (rows: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n");
  };
  const shown = ["run", "halt-all", "declare"].map((name) => `  $ lav-ir ${examples[name]}`).join("\n");
  return [
    `\nExamples:\n${shown}`,
    `Exit codes:\n${table(exitCodes)}`,
    `Environment:\n${table(environment)}`,
    "lav-ir help COMMAND [SUBCOMMAND] explains a command.",
  ].join("\n\n");
}
