import { sqlTokens } from "./sql.ts";

/** What is wrong with how a statement stands in a file. */
export interface SqlTrap {
  readonly message: string;
  readonly hint: string;
  /** It may be meant. */
  readonly warning: boolean;
}

/**
 * What a reader of the file takes for SQL that is sent, and the server for a comment or a name.
 * @param written the statement as it stands in the file
 * @param sql as YAML reads it
 */
export function sqlTraps(written: string, sql: string): readonly SqlTrap[] {
  const tokens = sqlTokens(sql);
  const comments = tokens.filter((token) => token.type === "comment");
  const several = written.trim().includes("\n");
  // YAML joins the lines of every text but that of |: what stood on the next line is in the comment then.
  const swallows = comments.some(
    ({ kind, text }) => kind === "line" && several && !written.includes(text.trimEnd()),
  );
  const blanks = tokens.flatMap((token) => (token.type === "word" ? (token.text.match(/\s/g) ?? []) : []));
  const nests = comments.some(({ nested }) => nested);
  return [
    ...(swallows
      ? [
          {
            message: "its lines become one here, and what follows -- is a comment to the end",
            hint: "Write the statement after | instead, which keeps its lines, or the comment as /* … */.",
            warning: false,
          },
        ]
      : []),
    ...[...new Set(blanks)].map((blank) => ({
      message: `PostgreSQL takes ${codeOf(blank)} for a letter of a name, and it looks like a blank`,
      hint: "Write a blank: what looks like a condition is part of the name before it.",
      warning: false,
    })),
    ...(nests
      ? [
          {
            message: "nested comment: it ends only where the outer one ends",
            hint: "PostgreSQL nests comments: nothing up to the last */ is sent. Write one comment.",
            warning: true,
          },
        ]
      : []),
  ];
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
