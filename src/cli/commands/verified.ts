import type { VerifiedJournal } from "../../store/verify-journal.ts";

/** 0 when a journal holds, 1 when it was changed, cut or rewritten, 4 when that cannot be said. */
export const verdictCodes = {
  holds: 0,
  unsigned: 4,
  incomplete: 4,
  changed: 1,
  cut: 1,
  rewritten: 1,
  removed: 1,
  forged: 1,
} as const satisfies Readonly<Record<VerifiedJournal["verdict"], number>>;

/** What is said of a journal. @param name a run's or an incident's */
export function verdictLines(name: string, found: VerifiedJournal): readonly string[] {
  const { verdict, records, signed, message, unread, torn, head, path } = found;
  const count = records === 1 ? "1 record" : `${records} records`;
  return [
    verdict === "holds"
      ? `${name} is intact: ${count}, signed up to ${signed}`
      : `${name} ${words[verdict]}: ${message ?? ""}`,
    `journal: ${path}`,
    ...(verdict === "changed" ? [] : [`head: ${records} ${head}`]),
    ...unread.map(({ line, type, why }) => `record ${line} (${type}): ${sentences[why]}`),
    ...(torn ? ["its last line is incomplete: it is being written, or its process was killed"] : []),
  ];
}

const words = {
  unsigned: "UNSIGNED",
  incomplete: "INCOMPLETE",
  changed: "DOES NOT VERIFY",
  cut: "DOES NOT VERIFY",
  rewritten: "DOES NOT VERIFY",
  removed: "DOES NOT VERIFY",
  forged: "DOES NOT VERIFY",
} as const;

const sentences = {
  unknown: "written by a newer lav-ir; kept and verified, not interpreted",
  unreadable: "does not match its own type",
} as const;
