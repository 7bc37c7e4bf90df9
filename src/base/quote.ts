/** One argument as a POSIX shell reads it back unchanged. `$NAME` of a secret stays a reference. */
export function shellQuote(argument: string): string {
  if (/\$[A-Z_][A-Z0-9_]*/.test(argument)) {
    return `"${argument.replaceAll(/["`\\]|\$(?![A-Z_])/g, "\\$&")}"`;
  }
  return shellLiteral(argument);
}

/** One argument as a POSIX shell reads it back unchanged, a `$` in it included. */
export function shellLiteral(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

export function shellLine(command: readonly string[]): string {
  return command.map(shellQuote).join(" ");
}
