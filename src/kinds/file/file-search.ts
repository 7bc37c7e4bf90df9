import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { loadRe2, re2 } from "../../language/re2.ts";
import { defaulted, duration, integer, object, optional, required, text } from "../../language/shape.ts";
import type { FilePlace, OpenFile } from "../../ports/files.ts";
import { shown, shownDuration } from "../format.ts";
import { defineKind, type Kind, type KindContext } from "../kind.ts";
import { checkFile, checkPath, fileField, fileText, placeOf, wholePath } from "./file-place.ts";
import { Search, type Found } from "./search.ts";

interface Args {
  readonly file: string;
  readonly match: string;
  readonly since?: number;
  readonly max_lines: number;
  readonly max_bytes: number;
}

interface Outputs {
  readonly count: number;
  readonly lines: readonly string[];
  readonly from?: Date;
  readonly size: number;
  readonly age: number;
}

export const fileSearch: Kind = defineKind<Args, Outputs>({
  name: "file.search",
  summary: "Lines of a file that match a pattern",
  doc: [
    "Counts the lines of a file below one of the folders of the platform file's `files` in which a pattern (RE2) is found: `file.search: { file: logs/api.log, match: 'ERROR|FATAL', since: 10m }`. The file is read as it was when it was opened.",
    "With `since` only lines of that time count, by their own times: RFC 3339 with a zone, syslog, nginx (access and error log). A line without a time belongs to the one before it. Where the time reaches behind the beginning of the file, the rotated one (`.1`) is read as well. Lines none of which has such a time are unknown.",
    "A count is never of a part: a file, or with `since` its newest lines, of more than `max_bytes` is unknown. No link is followed out of the folder, and a pipe, a device or a binary file is not read.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object({
    file: fileField,
    match: required(text(), "The pattern (RE2) to find in each line"),
    since: optional(duration({ min: 1 }), "Only lines that are at most so old"),
    max_lines: defaulted(integer({ min: 0, max: 10_000 }), 100, "Lines that are kept: the newest"),
    max_bytes: defaulted(integer({ min: 1, max: 1_073_741_824 }), 67_108_864, "Bytes that are read, at most"),
  }),
  outputs: {
    count: { type: "int", doc: "Lines that match" },
    lines: { type: "list<string>", doc: "The newest `max_lines` of them, the oldest first" },
    from: {
      type: "timestamp",
      doc: "With `since`: time of the oldest line that is young enough; later than expected where the log begins later",
      optional: true,
    },
    size: { type: "int", doc: "Bytes of the file" },
    age: { type: "duration", doc: "Time since it was last written to" },
  },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  check: (args, where) => checkFile(args, where) ?? checkMatch(shown(args["match"])),
  plan: (args, where) =>
    `file.search: look for ${JSON.stringify(shown(args["match"]))} in ${fileText(args, where)}${args["since"] === undefined ? "" : `, the last ${shownDuration(args["since"])}`}`,
  byHand: (args, where) => {
    const line = shellLine(["grep", "-P", "--", shown(args["match"]), wholePath(args, where)]);
    return args["since"] === undefined ? line : `${line} # those of the last ${shownDuration(args["since"])}`;
  },
  execute: async (args, context) => {
    await loadRe2();
    const place = placeOf(args.file);
    const message = checkPath(args.file, place.path) ?? checkMatch(args.match);
    if (message !== undefined)
      return fail({ type: "argument", target: "file.search", message, effect: "none" });
    for (let again = false; ; again = true) {
      const searched = await searchOf(args, place, context);
      if (!searched.ok) return searched;
      const { found, file, rotated } = searched.value;
      // Rotated while it was searched: the newest lines are in another file by now.
      if (rotated && !again) continue;
      const { size, modified } = file;
      const { count, lines, from } = found;
      return ok({
        count,
        lines,
        ...(from === undefined ? {} : { from }),
        size,
        age: Math.max(0, context.ports.clock.now().getTime() - modified.getTime()),
      });
    }
  },
});

function checkMatch(match: string): string | undefined {
  if (match.includes("‹")) return undefined;
  if (match === "") return "match is empty: every line would count";
  try {
    re2(match);
    return undefined;
  } catch (error) {
    return `match is not a pattern (RE2): ${error instanceof Error ? error.message : String(error)}`;
  }
}

interface Searched {
  readonly found: Found;
  readonly file: OpenFile["stat"];
  readonly rotated: boolean;
}

/** The file, and behind its beginning the one that was rotated, where the time reaches there. */
async function searchOf(
  { file, match, since, max_lines: maxLines, max_bytes: maxBytes }: Args,
  place: FilePlace,
  { ports, signal }: KindContext,
): Promise<Result<Searched>> {
  const opened = await ports.files.open(place);
  if (!opened.ok) return opened;
  await using newest = opened.value;
  const now = ports.clock.now();
  const pattern = re2(match);
  const options = { matches: (line: string) => pattern.matcher(line).find(), now, maxLines, maxBytes };
  const after = since === undefined ? undefined : now.getTime() - since;
  const search = new Search(file, after === undefined ? options : { ...options, after });
  const failed =
    (await search.read(newest, signal)) ?? (await readRotated(search, place, newest, ports, signal));
  if (failed !== undefined) return fail(failed);
  const found = search.result();
  if (!found.ok) return found;
  return ok({ found: found.value, file: newest.stat, rotated: !(await newest.isStill(place)) });
}

async function readRotated(
  search: Search,
  place: FilePlace,
  newest: OpenFile,
  ports: KindContext["ports"],
  signal: AbortSignal,
): Promise<Failure | undefined> {
  if (!search.reachesBehind) return undefined;
  const before = { root: place.root, path: `${place.path}.1` };
  const opened = await ports.files.open(before);
  if (!opened.ok) return opened.failure.type === "missing" ? undefined : opened.failure;
  await using rotated = opened.value;
  // It is the very file that was read, under its new name.
  if (await newest.isStill(before)) return undefined;
  return await search.read(rotated, signal);
}
