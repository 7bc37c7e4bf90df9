import { formatDuration } from "../../base/duration.ts";
import { sessionLine, statementOf, type PostgresSession } from "./postgres-sessions.ts";

/** Groups that are named; what is behind them is among the details. */
const mostGroups = 8;

/**
 * Sessions as a question shows them: those of one user, application and state on one line, in the order of their
 * first, with their ages, pids and statement. One that is alone has its own line.
 */
export function groupedLines(sessions: readonly PostgresSession[]): readonly string[] {
  const groups = new Map<string, PostgresSession[]>();
  for (const session of sessions) {
    const { user, application, state, blockers } = session;
    const key = JSON.stringify([user, application, state, blockers.length > 0]);
    groups.set(key, [...(groups.get(key) ?? []), session]);
  }
  const lines = [...groups.values()].map(groupLine);
  if (lines.length <= mostGroups) return lines;
  const left = [...groups.values()].slice(mostGroups).reduce((sum, group) => sum + group.length, 0);
  return [...lines.slice(0, mostGroups), `and ${left} more`];
}

function groupLine(group: readonly PostgresSession[]): string {
  const [first] = group;
  if (first === undefined || group.length === 1) return first === undefined ? "" : sessionLine(first);
  const { user, application, state } = first;
  const app = application === "" ? "" : `, ${application}`;
  const blocked = first.blockers.length === 0 ? "" : ", waiting for others";
  const statements = new Set(group.map(statementOf));
  const said =
    statements.size === 1 ? statementOf(first) : `${statements.size} statements, first ${statementOf(first)}`;
  return `${group.length} × ${user}${app}, ${state === "" ? "no state" : state}${ages(group)}${blocked}, pids ${pids(group)}: ${said}`;
}

function ages(group: readonly PostgresSession[]): string {
  const known = group.flatMap(({ age }) => (age === undefined ? [] : [Math.round(age)]));
  if (known.length < group.length) return "";
  const [least, most] = [Math.min(...known), Math.max(...known)].map((age) => formatDuration(age));
  return least === most ? `, in transactions for ${most}` : `, in transactions for ${least} to ${most}`;
}

/** `62, 90–134`: three and more in a row are a range. */
function pids(group: readonly PostgresSession[]): string {
  const parts: string[] = [];
  let run: number[] = [];
  const close = (): void => {
    const [from, to] = [run[0], run.at(-1)];
    parts.push(...(run.length > 2 ? [`${from}–${to}`] : run.map(String)));
    run = [];
  };
  for (const pid of group.map((one) => one.pid).toSorted((a, b) => a - b)) {
    if (run.length > 0 && pid !== (run.at(-1) ?? 0) + 1) close();
    run.push(pid);
  }
  close();
  return parts.join(", ");
}
