import { hiddenIn } from "./printable.ts";

/** `$NAME` of a secret: it stays a reference, for the shell to fill in. */
const reference = /\$[A-Z_][A-Z0-9_]*/g;

/** One argument as a POSIX shell reads it back unchanged; only `$NAME` of a secret stays a reference. */
export function shellQuote(argument: string): string {
  if (argument.search(reference) === -1) return shellLiteral(argument);
  const around = argument.split(reference);
  // Between double quotes a shell also obeys these (`!` is history at an interactive one), and a letter
  // right after a name would be read as a part of it.
  if (!around.some((text, index) => /[$"`\\!]/.test(text) || (index > 0 && /^\w/.test(text)))) {
    return `"${argument}"`;
  }
  const names = argument.match(reference) ?? [];
  return around
    .map((text, index) => {
      const name = index < names.length ? `"${names[index]}"` : "";
      return `${text === "" ? "" : shellLiteral(text)}${name}`;
    })
    .join("");
}

/** One argument as a POSIX shell reads it back unchanged, a `$` in it included. */
export function shellLiteral(argument: string): string {
  const [first] = hiddenIn(argument);
  if (first !== undefined) return argument.split(first).map(shellPart).join(printed(first));
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

function shellPart(text: string): string {
  return text === "" ? "" : shellLiteral(text);
}

/** A character that nobody sees, as a shell makes it: what is copied from a terminal is what is shown there. */
function printed(character: string): string {
  const octal = [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`);
  return `"$(printf '${octal.join("")}')"`;
}

export function shellLine(command: readonly string[]): string {
  return command.map(shellQuote).join(" ");
}
