import { failureText, type Failure } from "../../base/failure.ts";
import { jsonText } from "../../base/json.ts";
import type { CollectContext } from "../capture/collector.ts";

type Writes = Pick<CollectContext, "file">;

/** A file of one JSON value. */
export function writeJson({ file }: Writes, name: string, value: unknown): void {
  const sink = file(name, { kind: "text", keep: "oldest" });
  sink.write(`${jsonText(value)}\n`);
  sink.end();
}

/** A file of one JSON value a line. */
export function writeRows({ file }: Writes, name: string, rows: readonly unknown[]): void {
  const sink = file(name, { kind: "text", keep: "oldest" });
  for (const row of rows) sink.write(`${jsonText(row)}\n`);
  sink.end();
}

export function writeText({ file }: Writes, name: string, text: string): void {
  const sink = file(name, { kind: "text", keep: "oldest" });
  sink.write(text.endsWith("\n") ? text : `${text}\n`);
  sink.end();
}

/** Says that a part could not be taken. */
export function tellMissing({ tell }: Pick<CollectContext, "tell">, what: string, failure: Failure): void {
  tell({ type: "missing", what, why: failureText(failure) });
}

/** Runs the work for every item, at most `limit` at the same time, so that the target is not flooded. */
export async function inTurns<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export type TextFields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): TextFields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as TextFields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text of a row or a reply; what is none is empty. */
export function writtenText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
