import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { readStateSync } from "../../store/state-file.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { parse } from "./contents.ts";
import { partsOfName } from "../capture/snapshot.ts";

/** A killed capture, as it can be sealed: what it left is taken once more, like anything else. */
export interface Salvage {
  readonly name: string;
  readonly incident: string | undefined;
  readonly custody: readonly string[];
  /** What it had begun with. */
  readonly planned: readonly string[];
  readonly collectors: readonly Collector[];
}

/** Longer than it takes to read a full disk. */
const deadline = 3_600_000;
const copied = 1_048_576;
/** Bytes of a chain of custody: a row for each thing that was done. */
const longestCustody = 16 * 1_048_576;
/** A path of a stage is never deeper. */
const deepest = 32;

/**
 * Reads what a capture that was killed left in its `….stage` folder.
 * @returns why it is not such a folder, as a sentence.
 */
export function readStage(stage: string): Result<Salvage, string> {
  const name = basename(stage).replace(/\.stage$/, "");
  const parts = partsOfName(name);
  const folder = join(stage, name);
  if (parts === undefined || basename(stage) === name)
    return fail(`${stage} is not the folder of a capture (….stage)`);
  let custody: readonly string[];
  try {
    const text = readStateSync(join(folder, "custody.jsonl"), longestCustody, { owner: "any" });
    if (text === undefined) throw new Error("there is none");
    custody = text
      .toString("utf8")
      .split(/(?<=\n)/)
      .filter((line) => line.endsWith("\n"));
  } catch {
    return fail(`no custody.jsonl in ${folder}: nothing had been captured`);
  }
  const found = filesBelow(join(folder, "data"));
  const sets = new Set(found.map(({ path }) => path.split("/")[0] ?? ""));
  const collectors = [...sets].map((set) =>
    salvager(
      folder,
      set,
      found.filter(({ path }) => path.startsWith(`${set}/`)),
    ),
  );
  return ok({ name, incident: parts.incident, custody, planned: plannedIn(custody[0]), collectors });
}

function plannedIn(row: string | undefined): readonly string[] {
  const { data } = (parse(row ?? "") ?? {}) as { readonly data?: { readonly collectors?: unknown } };
  return Array.isArray(data?.collectors) ? data.collectors.map(String) : [];
}

interface Left {
  /** From data/ on. */
  readonly path: string;
  readonly isFile: boolean;
}

function filesBelow(folder: string, before = "", depth = 0): readonly Left[] {
  if (depth > deepest) return [];
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly Left[] => {
      const path = `${before}${entry.name}`;
      if (entry.isDirectory()) return filesBelow(join(folder, entry.name), `${path}/`, depth + 1);
      return [{ path, isFile: entry.isFile() }];
    });
  } catch {
    // A folder that may not be read: told as one entry that is not a file.
    return [{ path: before, isFile: false }];
  }
}

function salvager(folder: string, set: string, left: readonly Left[]): Collector {
  return {
    id: set,
    target: folder,
    summary: "what the killed capture had written",
    volatile: false,
    order: 0,
    deadline,
    cap: Number.MAX_SAFE_INTEGER,
    collect: (context) => {
      for (const [path, segments] of joined(left.filter(({ isFile }) => isFile)))
        copy(context, folder, path, segments);
      for (const { path, isFile } of left) {
        if (!isFile)
          context.tell({ type: "missing", what: path, why: "it is not a file, or may not be read" });
      }
      return Promise.resolve(ok({}));
    },
  };
}

/** Segments of one file, in their order, by its path. */
function joined(left: readonly Left[]): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, { readonly path: string; readonly number: number }[]>();
  for (const { path } of left) {
    const [, base = path, number = "-1"] = /^(.*)\.(\d+)\.segment$/.exec(path) ?? [];
    files.set(base, [...(files.get(base) ?? []), { path, number: Number(number) }]);
  }
  return new Map(
    [...files].map(([base, parts]) => [
      base,
      parts.toSorted((a, b) => a.number - b.number).map(({ path }) => path),
    ]),
  );
}

function copy(
  { file, tell }: CollectContext,
  folder: string,
  path: string,
  segments: readonly string[],
): void {
  const name = path.slice(path.indexOf("/") + 1);
  let sink: ReturnType<CollectContext["file"]> | undefined;
  for (const segment of segments) {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const fd = openSync(join(folder, "data", segment), flags);
      try {
        if (!fstatSync(fd).isFile()) continue;
        const buffer = Buffer.allocUnsafe(copied);
        for (;;) {
          const read = readSync(fd, buffer, 0, buffer.length, null);
          const part = buffer.subarray(0, read);
          // What is not text was searched as bytes when it was captured, and is again.
          sink ??= file(name, { kind: part.includes(0) ? "binary" : "text", keep: "oldest" });
          if (read === 0) break;
          sink.write(part);
        }
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      tell({ type: "missing", what: path, why: error instanceof Error ? error.message : String(error) });
    }
  }
  sink?.end();
}
