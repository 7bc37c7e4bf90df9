import { jsonLines } from "./json-lines.ts";
import type { ReadSnapshot } from "../bundle/read.ts";

/** What is otherwise in a later snapshot than in an earlier one. */
export type Difference =
  | { readonly type: "added" | "removed"; readonly path: string; readonly bytes: number }
  | {
      readonly type: "changed";
      readonly path: string;
      readonly lines: readonly LineChange[];
      readonly more: number;
    }
  | { readonly type: "status"; readonly collector: string; readonly before: string; readonly after: string }
  | {
      readonly type: "measure";
      readonly name: string;
      readonly before: number;
      readonly after: number;
      readonly unit: string;
    }
  /** A secret that stands in one of the two alone: it was changed, or appeared. Told by its token. */
  | {
      readonly type: "secret";
      readonly path: string;
      readonly token: string;
      readonly in: "before" | "after";
    };

export interface LineChange {
  readonly sign: "-" | "+";
  readonly text: string;
}

/** Lines of a file that are told. */
const mostLines = 20;
/** Longer texts are only said to differ. */
export const longestCompared = 4_194_304;

/** Whether the text of a file of a snapshot is held for `differences`. */
export function comparable(path: string, size: number): boolean {
  return path.startsWith("data/") && size <= longestCompared;
}

/**
 * Compares two snapshots. Secrets are equal where their tokens are, which holds within an incident (and for all
 * snapshots taken outside of one): the same key made them.
 */
export function differences(before: ReadSnapshot, after: ReadSnapshot): readonly Difference[] {
  return [
    ...statuses(before, after),
    ...measures(before, after),
    ...files(before, after),
    ...secrets(before, after),
  ];
}

function statuses(before: ReadSnapshot, after: ReadSnapshot): readonly Difference[] {
  const was = new Map(before.rows.map(({ id, status }) => [id, status]));
  const is = new Map(after.rows.map(({ id, status }) => [id, status]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((collector): readonly Difference[] => {
    const [from, to] = [was.get(collector) ?? "not taken", is.get(collector) ?? "not taken"];
    return from === to ? [] : [{ type: "status", collector, before: from, after: to }];
  });
}

/** Of what was measured more than once, the last. */
function measuresOf({ snapshot }: ReadSnapshot): ReadonlyMap<string, { value: number; unit: string }> {
  return new Map(
    snapshot.facts.flatMap((fact) =>
      fact.type === "measure"
        ? [[`${fact.chart} ${fact.name}`, { value: fact.value, unit: fact.unit }] as const]
        : [],
    ),
  );
}

function measures(before: ReadSnapshot, after: ReadSnapshot): readonly Difference[] {
  const was = measuresOf(before);
  return [...measuresOf(after)].flatMap(([name, { value, unit }]): readonly Difference[] => {
    const old = was.get(name);
    if (old === undefined || old.value === value) return [];
    return [{ type: "measure", name, before: old.value, after: value, unit }];
  });
}

function files(before: ReadSnapshot, after: ReadSnapshot): readonly Difference[] {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  return paths.flatMap((path): readonly Difference[] => {
    const [was, is] = [before.files.get(path), after.files.get(path)];
    if (was === undefined) return [{ type: "added", path, bytes: is?.size ?? 0 }];
    if (is === undefined) return [{ type: "removed", path, bytes: was.size }];
    if (was.hash === is.hash) return [];
    const [text, other] = [before.texts.get(path), after.texts.get(path)];
    const lines = text === undefined || other === undefined ? [] : changedLines(path, text, other);
    return [
      {
        type: "changed",
        path,
        lines: chosen(path, lines),
        more: Math.max(0, lines.length - mostLines),
      },
    ];
  });
}

/** Lines that are in one of the two alone, as often as they are; where a line stands does not matter in a listing. */
function changedLines(path: string, before: string, after: string): readonly LineChange[] {
  const linesOf = (text: string): readonly string[] =>
    (path.endsWith(".json") ? jsonLines(text) : text).split("\n");
  const alone = (own: string, other: string, sign: LineChange["sign"]): readonly LineChange[] => {
    const counts = new Map<string, number>();
    for (const line of linesOf(other)) counts.set(line, (counts.get(line) ?? 0) + 1);
    return linesOf(own).flatMap((text) => {
      const left = counts.get(text) ?? 0;
      if (left > 0) counts.set(text, left - 1);
      return left > 0 ? [] : [{ sign, text }];
    });
  };
  return [...alone(before, after, "-"), ...alone(after, before, "+")];
}

/** The first of them: of JSON a value's old and its new state together, else as many that went as that came. */
function chosen(path: string, lines: readonly LineChange[]): readonly LineChange[] {
  if (path.endsWith(".json")) {
    const key = ({ text }: LineChange): string => text.slice(0, text.indexOf(": "));
    const order = new Map([...new Set(lines.map(key))].map((name, at) => [name, at]));
    return lines.toSorted((a, b) => (order.get(key(a)) ?? 0) - (order.get(key(b)) ?? 0)).slice(0, mostLines);
  }
  const [went, came] = [lines.filter(({ sign }) => sign === "-"), lines.filter(({ sign }) => sign === "+")];
  const room = (others: readonly LineChange[]): number => Math.max(mostLines / 2, mostLines - others.length);
  return [...went.slice(0, room(came)), ...came.slice(0, room(went))];
}

function secrets(before: ReadSnapshot, after: ReadSnapshot): readonly Difference[] {
  const tokens = ({ redactions }: ReadSnapshot): ReadonlyMap<string, { path: string; token: string }> =>
    new Map(redactions.map(({ file, token }) => [`${file} ${token}`, { path: file, token }]));
  const [was, is] = [tokens(before), tokens(after)];
  const only = (own: typeof was, other: typeof was, where: "before" | "after"): readonly Difference[] =>
    [...own].flatMap(([key, { path, token }]) =>
      other.has(key) ? [] : [{ type: "secret" as const, path, token, in: where }],
    );
  return [...only(was, is, "before"), ...only(is, was, "after")];
}
