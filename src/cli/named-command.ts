import type { Command } from "commander";
import { nearest } from "../base/suggest.ts";

/** The command that a line of arguments names, and the first word that is none of its own commands. */
export interface NamedCommand {
  readonly command: Command;
  readonly path: string;
  readonly rest: string | undefined;
}

/** Follows the words of `args` down the commands; options and their values are passed over. */
export function namedCommand(program: Command, args: readonly string[]): NamedCommand {
  let command = program;
  let path = program.name();
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word.startsWith("-")) {
      if (takesNext([program, command], word)) at++;
      continue;
    }
    const below = command.commands.find((one) => one.name() === word);
    if (below === undefined) return { command, path, rest: word };
    command = below;
    path = `${path} ${word}`;
  }
  return { command, path, rest: undefined };
}

function takesNext(commands: readonly Command[], word: string): boolean {
  return commands
    .flatMap(({ options }) => options)
    .some((option) => option.required && (option.long === word || option.short === word));
}

/** Why `word` is not one of the command's own, with the one that was probably meant, or with all there are. */
export function unknownCommand({ command, path }: NamedCommand, word: string): string {
  const names = command.commands.map((one) => one.name());
  const near = nearest(word, names);
  const where = command.parent === null ? "" : ` of ${path}`;
  if (near !== undefined) return `unknown command ${word}${where}; did you mean ${near}?`;
  return command.parent === null
    ? `unknown command ${word}`
    : `unknown command ${word}${where}; it has ${names.join(", ")}`;
}
